"""Ask Audiobookshelf what a library holds, and correct it without breaking it."""

from pipeline.clients.audiobookshelf.client import Audiobookshelf, Written
from pipeline.clients.audiobookshelf.items import (
    Account,
    AudioFile,
    BookLibrary,
    Item,
    ItemSummary,
)
from pipeline.clients.audiobookshelf.socket import Socket

__all__ = [
    "Account",
    "AudioFile",
    "Audiobookshelf",
    "BookLibrary",
    "Item",
    "ItemSummary",
    "Socket",
    "Written",
]
