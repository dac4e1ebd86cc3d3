"""Goodreads: suggestions, books, series, editions, authors, asked slowly."""
