"""Every setting: its name, default and meaning. No other module reads the environment.

Read from the environment (`BOOKRUNNER_PORT`), then `BOOKRUNNER_PORT_FILE` (a file that holds the
value, as Docker secrets do), then `.env`. All mistakes are reported together.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.addresses import networks
from pipeline.errors import ConfigurationError

PREFIX = "BOOKRUNNER_"
# Two names that every container and every PostgreSQL tool knows, so they carry no prefix.
PLAIN_NAMES = {"database_url": "DATABASE_URL", "time_zone": "TZ"}
NO_SECRET = SecretStr("")


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        message = f"{name!r} is no IANA time zone; write one like Europe/Vienna"
        raise ValueError(message)
    return name


def _bare_address(url: str) -> str:
    if url and not re.match(r"https?://[^/\s]+", url):
        message = f"{url!r} is no address; write one like http://192.168.1.5:13378"
        raise ValueError(message)
    return url.rstrip("/")


def _known_networks(text: str) -> str:
    try:
        networks(text)
    except ValueError as error:
        message = "these are no networks; write them like 192.168.1.0/24, 10.8.0.0/16"
        raise ValueError(message) from error
    return text


WholePath = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
Address = Annotated[str, AfterValidator(_bare_address)]


class Settings(BaseSettings):
    """The environment, checked once at start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    data_dir: WholePath = Field(
        Path(".data"),
        validate_default=True,
        description="Where the database, logs and sandbox live.",
    )
    database_url: str = Field(
        "",
        description="A PostgreSQL (15 or newer) to use; empty starts the embedded one.",
    )
    host: str = Field("127.0.0.1", description="Address on which the pages and the API listen.")
    port: int = Field(8765, ge=1, le=65535, description="Port of the pages and the API.")
    hosts: str = Field(
        "",
        description="Names under which the pages are reached, like books.example.org; several are"
        " separated by commas. Addresses, localhost and names of the home network always are.",
    )
    private_networks: Annotated[str, AfterValidator(_known_networks)] = Field(
        "",
        description="Home networks in which services of users other than administrators may be,"
        " like 192.168.1.0/24; several are separated by commas. Public addresses always may.",
    )
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="IANA zone in which schedules are read and times are shown."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much is logged."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="Lines for people (console) or for programs (json)."
    )
    secret_key: SecretStr = Field(
        NO_SECRET,
        description="Encrypts stored credentials, at least 32 characters; several keys, newest"
        " first, are separated by commas. Empty makes one in the data folder.",
    )
    concurrency: int = Field(10, ge=1, le=100, description="Steps that one worker runs at once.")
    contact: str = Field(
        "", description="An address or page that catalogues may contact; goes into the User-Agent."
    )
    sandbox: Literal["auto", "on", "off"] = Field(
        "auto", description="Use the built-in stand-ins: auto means while no Audiobookshelf is set."
    )

    abs_url: Address = Field("", description="Address of Audiobookshelf.")
    abs_token: SecretStr = Field(NO_SECRET, description="API key or token of Audiobookshelf.")
    abs_library: str = Field(
        "", description="Name or id of the library; empty takes the first one that holds books."
    )
    library_paths: str = Field(
        "",
        description="Where this machine sees the library's folders, when Audiobookshelf sees them"
        " elsewhere: /audiobooks=/srv/audiobooks, several separated by commas.",
    )
    qbittorrent_url: Address = Field("", description="Address of qBittorrent's web interface.")
    qbittorrent_username: str = Field("admin", description="User of qBittorrent.")
    qbittorrent_password: SecretStr = Field(NO_SECRET, description="Password of qBittorrent.")
    qbittorrent_api_key: SecretStr = Field(
        NO_SECRET, description="API key of qBittorrent 5.2 or newer, instead of user and password."
    )
    qbittorrent_category: str = Field("bookrunner", description="Category of our torrents.")
    downloads_paths: str = Field(
        "",
        description="Where this machine sees qBittorrent's folders, when qBittorrent sees them"
        " elsewhere: /downloads=/srv/torrents, several separated by commas.",
    )
    prowlarr_url: Address = Field("", description="Address of Prowlarr.")
    prowlarr_key: SecretStr = Field(NO_SECRET, description="API key of Prowlarr.")
    mam_url: Address = Field("https://www.myanonamouse.net", description="Address of MyAnonamouse.")
    mam_id: SecretStr = Field(
        NO_SECRET, description="API session of MyAnonamouse (Preferences, Security); not shared."
    )
    google_books_url: Address = Field(
        "https://www.googleapis.com/books/v1", description="Address of the Google Books API."
    )
    google_books_key: SecretStr = Field(
        NO_SECRET, description="Key of the Google Books API; without one the source is off."
    )
    google_books_country: str = Field("US", description="Country sent to Google Books.")
    google_books_daily: int = Field(
        950, ge=1, description="Requests a day to Google Books; its default quota is 1,000."
    )
    goodreads_url: Address = Field("https://www.goodreads.com", description="Address of Goodreads.")
    goodreads: Literal["on", "off"] = Field("on", description="Whether Goodreads is asked at all.")

    crawler_script: str = Field(
        "",
        description="The user's own crawler for MAM; empty takes"
        " legacy_scripts/stealth_mam_crawler.py beside the program.",
    )
    crawler_folder: str = Field(
        "",
        description="Where the crawler keeps its state and guides, in a folder per user named by"
        " the user's number; empty takes `crawler` in the data folder.",
    )
    crawler_username: str = Field("", description="User name that is handed to the crawler.")
    crawler_password: SecretStr = Field(
        NO_SECRET, description="Password that is handed to the crawler."
    )
    crawler_acknowledged: Literal["yes", "no"] = Field(
        "no",
        description="yes: I know that the tracker's rules allow only its documented API to be"
        " automated, and answer for what my crawler does.",
    )
    crawler_hours: float = Field(
        6, gt=0, le=24, description="Hours after which a crawl is stopped."
    )
    google_books_script: str = Field(
        "",
        description="A script of the user's that is asked when Google Books does not know a book;"
        " empty takes legacy_scripts/googlebooks_api.py, if it is there.",
    )
    goodreads_script: str = Field(
        "",
        description="A script of the user's that is asked when Goodreads does not know a book;"
        " empty takes legacy_scripts/goodreads_scraper.py, if it is there.",
    )
    scripts_python: str = Field(
        "", description="Interpreter for the user's scripts; empty takes the one that runs us."
    )
    script_seconds: float = Field(
        60, gt=0, le=600, description="Seconds that a metadata script may take for one book."
    )
    retention_days: int = Field(
        30, ge=1, le=3650, description="Days after which finished work is deleted by CLEANUP."
    )

    template: str = Field(
        "{Author}/{Series}/{Sequence} - {Title} [{ASIN}]",
        description="Folder of a book in the library; empty parts vanish with their brackets.",
    )
    batch_size: int = Field(10, ge=1, le=100, description="Downloads that settle as one batch.")
    attempts_per_book: int = Field(3, ge=1, le=10, description="Releases tried for one book.")
    stalled_after: int = Field(
        86400, ge=10, description="Seconds without a new byte after which a download is given up."
    )
    poll_minutes: int = Field(
        5,
        ge=1,
        le=1440,
        description="Minutes between two looks for new books in the library, which find what the"
        " server's socket did not tell.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over files, and files over `.env`."""
        del file_secret_settings
        plain = _PlainNames(settings_cls)
        files = _ValueFiles(settings_cls)
        return init_settings, env_settings, plain, files, dotenv_settings

    @property
    def zone(self) -> ZoneInfo:
        """The time zone, ready for use."""
        return ZoneInfo(self.time_zone)

    @property
    def in_sandbox(self) -> bool:
        """Whether the stand-ins take the place of the user's services."""
        return self.sandbox == "on" or (self.sandbox == "auto" and not self.abs_url)


class _PlainNames(PydanticBaseSettingsSource):
    """`DATABASE_URL` and `TZ`, which carry no prefix."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the value of one field, if it has a plain name that is set."""
        del field
        return os.environ.get(PLAIN_NAMES.get(field_name, "")) or None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return every value found."""
        found = {n: os.environ.get(plain, "") for n, plain in PLAIN_NAMES.items()}
        return {name: value for name, value in found.items() if value}


class _ValueFiles(PydanticBaseSettingsSource):
    """`BOOKRUNNER_X_FILE=/run/secrets/x` stands for what that file holds."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the value of one field, if a file holds it."""
        del field
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return every value found; a file that cannot be read is an error of the settings."""
        found: dict[str, Any] = {}
        for name in self.settings_cls.model_fields:
            variable = PLAIN_NAMES.get(name, f"{PREFIX}{name.upper()}")
            path = os.environ.get(f"{variable}_FILE")
            if path is None:
                continue
            if os.environ.get(variable):
                message = f"{variable} and {variable}_FILE are both set; keep one"
                raise ConfigurationError(message)
            try:
                found[name] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
            except OSError as error:
                message = f"{variable}_FILE: {path} cannot be read: {error.strerror}"
                raise ConfigurationError(message) from error
        return found


# What a program of the user's may know of our environment.
_FOR_SCRIPTS = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "PLAYWRIGHT_BROWSERS_PATH",
)


def environment_for_scripts() -> dict[str, str]:
    """Return the few variables of ours that a program of the user's is given."""
    return {name: os.environ[name] for name in _FOR_SCRIPTS if name in os.environ}


def load(**given: Any) -> Settings:
    """Read the settings; raises ConfigurationError that names every mistake and no value."""
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [f"{variable(str(e['loc'][0]))}: {e['msg']}" for e in error.errors()]
        raise ConfigurationError("\n".join(lines)) from error


def origin(settings: Settings, name: str) -> str:
    """Return where the value of a setting comes from: default, environment, file, .env, command."""
    plain = variable(name)
    folded = {key.upper() for key in os.environ}
    if plain.upper() in folded and os.environ.get(plain, "-"):
        return "environment"
    if f"{plain}_FILE" in os.environ:
        return "file"
    if plain.upper() in {key.upper() for key in dotenv_values(".env")}:
        return ".env"
    default = Settings.model_fields[name].default
    return "default" if getattr(settings, name) == default else "command"


@cache
def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PLAIN_NAMES.get(name, f"{PREFIX}{name.upper()}")
