"""qBittorrent 4.5 to 5.3: add torrents, follow them, pause and remove them.

Every remote act is safe to repeat: torrents are known by their infohash, and an addition that
finds its torrent already there is a success. One `QBittorrent` stands for one account; keep it as
long as the credentials live, for it remembers a password that was refused.
"""

from pipeline.clients.qbittorrent.answers import SyncState, Version
from pipeline.clients.qbittorrent.client import QBittorrent
from pipeline.domain.transfers import Properties, State, Torrent, TorrentFile, Tracker

__all__ = [
    "Properties",
    "QBittorrent",
    "State",
    "SyncState",
    "Torrent",
    "TorrentFile",
    "Tracker",
    "Version",
]
