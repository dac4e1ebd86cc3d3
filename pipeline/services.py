"""Where one user's services are and how to sign in there."""

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipeline.addresses import allowed
from pipeline.errors import BadInput
from pipeline.settings import Settings

# Every field of `Services`, by service.
FIELDS = {
    "audiobookshelf": ("abs_url", "abs_token", "abs_library", "library_paths"),
    "qbittorrent": (
        "qbittorrent_url",
        "qbittorrent_username",
        "qbittorrent_password",
        "qbittorrent_api_key",
        "qbittorrent_category",
        "downloads_paths",
    ),
    "prowlarr": ("prowlarr_url", "prowlarr_key"),
    "mam": ("mam_url", "mam_id"),
    "google_books": ("google_books_url", "google_books_key", "google_books_country"),
    "goodreads": ("goodreads_url", "goodreads"),
    "crawler": ("crawler_username", "crawler_password", "crawler_acknowledged"),
}
SERVICE_OF = {field: service for service, fields in FIELDS.items() for field in fields}
# What only an administrator sets: where the public services are, whether the one that knows no
# accounts is asked, and which folders of the house's disks are written to.
OF_THE_HOUSE = frozenset(
    {"mam_url", "google_books_url", "goodreads_url", "goodreads"}
    | {"library_paths", "downloads_paths"}
)
LONGEST_VALUE = 4000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses and secrets, as the clients need them; empty means not set up."""

    abs_url: str
    abs_token: SecretStr
    abs_library: str
    library_paths: str
    qbittorrent_url: str
    qbittorrent_username: str
    qbittorrent_password: SecretStr
    qbittorrent_api_key: SecretStr
    qbittorrent_category: str
    downloads_paths: str
    prowlarr_url: str
    prowlarr_key: SecretStr
    mam_url: str
    mam_id: SecretStr
    google_books_url: str
    google_books_key: SecretStr
    google_books_country: str
    goodreads_url: str
    goodreads: str
    crawler_username: str
    crawler_password: SecretStr
    crawler_acknowledged: str
    crawler_site: str = ""  # the sandbox's; outside of it the script knows where to go

    def but(self, **changed: Any) -> "Services":
        """Return a copy with some fields changed."""
        return replace(self, **changed)

    def configured(self) -> dict[str, bool]:
        """Say of each service whether all is there that asking it takes."""
        return {
            "audiobookshelf": bool(self.abs_url and self.abs_token.get_secret_value()),
            "qbittorrent": bool(self.qbittorrent_url),
            "prowlarr": bool(self.prowlarr_url and self.prowlarr_key.get_secret_value()),
            "mam": bool(self.mam_id.get_secret_value()),
            "google_books": bool(self.google_books_key.get_secret_value()),
            "goodreads": self.goodreads == "on",
            "crawler": bool(self.crawler_username and self.crawler_password.get_secret_value()),
        }


def from_settings(settings: Settings) -> Services:
    """Return what the environment says; it holds for the first user until they set their own."""
    names = [name for fields in FIELDS.values() for name in fields]
    return Services(**{name: getattr(settings, name) for name in names})


def of_nobody(given: Services) -> Services:
    """Return *given* without what is the first user's: addresses at home, and every secret."""
    nothing = SecretStr("")
    return given.but(
        abs_url="",
        abs_token=nothing,
        abs_library="",
        qbittorrent_url="",
        qbittorrent_username="admin",
        qbittorrent_password=nothing,
        qbittorrent_api_key=nothing,
        prowlarr_url="",
        prowlarr_key=nothing,
        mam_id=nothing,
        google_books_key=nothing,
        crawler_username="",
        crawler_password=nothing,
        crawler_acknowledged="no",
    )


def check(field: str, value: str | None, *, admin: bool) -> None:
    """Refuse what a user may not set; raises BadInput, which never quotes the value."""
    if field not in SERVICE_OF:
        raise BadInput("no service has a field of this name")
    if field in OF_THE_HOUSE and not admin:
        raise BadInput(f"{field}: only an administrator sets this")
    if not value:
        return
    if _CONTROL.search(value) or len(value) > LONGEST_VALUE:
        raise BadInput(f"{field}: at most {LONGEST_VALUE} characters on one line")
    if field == "goodreads" and value not in {"on", "off"}:
        raise BadInput("goodreads: on or off")
    if field == "crawler_acknowledged" and value not in {"yes", "no"}:
        raise BadInput("crawler_acknowledged: yes or no")
    if field.endswith("_url"):
        _check_address(field, value)


def _check_address(field: str, value: str) -> None:
    """Refuse at once what the guard would refuse at every connection."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadInput(f"{field}: this is no address") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise BadInput(f"{field}: write an address like http://192.168.1.5:13378")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadInput(f"{field}: only scheme, host, port and path; credentials have own fields")
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return  # a name; the guard looks at where it leads, at every connection
    if not allowed(host, private=True):
        raise BadInput(f"{field}: no service of anybody's is at this address")
