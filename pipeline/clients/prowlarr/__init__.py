"""Prowlarr: search all its indexers at once, tell failures from emptiness, fetch torrents."""

from pipeline.clients.prowlarr.answers import Grab, Indexer, read_releases
from pipeline.clients.prowlarr.client import AUDIOBOOKS, PACE, Prowlarr, SearchResult

__all__ = ["AUDIOBOOKS", "PACE", "Grab", "Indexer", "Prowlarr", "SearchResult", "read_releases"]
