"""MyAnonamouse: search, the week's most popular, the account and torrent files, by its JSON API.

Only what the tracker's API pages describe is asked; its rules forbid everything else. The session
(`mam_id`) changes with every answer, so each user has one store for it, and one request at a time.
"""

from pipeline.clients.mam.account import MamAccount, read_account
from pipeline.clients.mam.categories import AUDIOBOOKS, categories_of
from pipeline.clients.mam.client import PACE, Mam, SessionStore
from pipeline.clients.mam.rows import read_releases

__all__ = [
    "AUDIOBOOKS",
    "PACE",
    "Mam",
    "MamAccount",
    "SessionStore",
    "categories_of",
    "read_account",
    "read_releases",
]
