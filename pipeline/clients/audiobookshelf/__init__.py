"""Ask Audiobookshelf what a library holds, and correct it without breaking it.

Its `socket` is asked for by its own name: it loads three times as much as all the rest.
"""

from pipeline.clients.audiobookshelf.client import Audiobookshelf, Written
from pipeline.clients.audiobookshelf.items import (
    Account,
    AudioFile,
    BookLibrary,
    Item,
    ItemSummary,
)

__all__ = [
    "Account",
    "AudioFile",
    "Audiobookshelf",
    "BookLibrary",
    "Item",
    "ItemSummary",
    "Written",
]
