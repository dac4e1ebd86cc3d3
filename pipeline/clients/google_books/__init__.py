"""Google Books: what its Volumes API knows of books, within the day's quota."""

from pipeline.clients.google_books.client import GoogleBooks
from pipeline.clients.google_books.volumes import metadata_of, read_volume, read_volumes, work_of

__all__ = ["GoogleBooks", "metadata_of", "read_volume", "read_volumes", "work_of"]
