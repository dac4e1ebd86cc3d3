"""Where one user's services are and how to sign in there."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr

from pipeline.settings import Settings

# Every field of `Services` that a user may set for themselves, by service.
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
}


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

    def but(self, **changed: Any) -> "Services":
        """Return a copy with some fields changed."""
        return replace(self, **changed)


def from_settings(settings: Settings) -> Services:
    """Return what the environment says; it holds for the first user until they set their own."""
    names = [name for fields in FIELDS.values() for name in fields]
    return Services(**{name: getattr(settings, name) for name in names})
