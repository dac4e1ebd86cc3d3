"""Goodreads: suggestions, books, series, editions, authors, asked slowly.

The parsers are pure: one for every kind of page that was ever seen, the two layouts of the search
page included, which the client never fetches because robots.txt asks robots not to.
"""

from pipeline.clients.goodreads.blocks import EmptyPage, challenge
from pipeline.clients.goodreads.book import BookPage, read_book
from pipeline.clients.goodreads.client import Goodreads
from pipeline.clients.goodreads.editions import Edition, EditionsPage, read_editions
from pipeline.clients.goodreads.flight import read_flight_search
from pipeline.clients.goodreads.rows import (
    AuthorPage,
    ListPage,
    read_author,
    read_author_list,
    read_list,
    read_search,
)
from pipeline.clients.goodreads.series import SeriesPage, read_series
from pipeline.clients.goodreads.suggestions import Suggestion, read_suggestions

__all__ = [
    "AuthorPage",
    "BookPage",
    "Edition",
    "EditionsPage",
    "EmptyPage",
    "Goodreads",
    "ListPage",
    "SeriesPage",
    "Suggestion",
    "challenge",
    "read_author",
    "read_author_list",
    "read_book",
    "read_editions",
    "read_flight_search",
    "read_list",
    "read_search",
    "read_series",
    "read_suggestions",
]
