"""Say under which words a wanted book is searched for, by the order of the user's sources."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

from typing import Literal

from pipeline.domain.folding import fold
from pipeline.domain.identifiers import isbn13
from pipeline.domain.models import WantedBook
from pipeline.domain.positions import parse
from pipeline.domain.title_parts import take_apart

Identity = Literal["MAM", "Google", "Goodreads"]

ORDER: tuple[Identity, ...] = ("MAM", "Google", "Goodreads")


def queries(wanted: WantedBook, source: Identity) -> tuple[str, ...]:
    """Search strings, best first, each once.

    MAM is asked for title and author as known; Google's identity adds the whole title, all
    authors and the ISBN; Goodreads' the title with its series.
    """
    main = _plain(take_apart(wanted.title).main)
    author = _plain(wanted.authors[0]) if wanted.authors else ""
    if source == "MAM":
        asked = [f"{main} {author}", *(f"{_plain(t)} {author}" for t in wanted.alternative_titles)]
    elif source == "Google":
        asked = [f"{_plain(wanted.title)} {' '.join(map(_plain, wanted.authors[:2]))}"]
        asked.append(f"{main} {_family(author)}")
        asked.append(isbn13(wanted.isbn) or "")
    else:
        asked = [*_by_series(wanted, main, author), main if len(main.split()) > 2 else ""]
    return tuple(dict.fromkeys(text for text in (" ".join(a.split()) for a in asked) if text))


def text(wanted: WantedBook, source: Identity) -> str:
    """Return the one best search string under an identity."""
    return queries(wanted, source)[0]


def _by_series(wanted: WantedBook, main: str, author: str) -> list[str]:
    out = [
        f"{main} {_plain(place.name)}" for place in wanted.series if fold(place.name) != fold(main)
    ]
    for place in wanted.series:
        number = parse(place.sequence).single
        if number is not None:
            out.append(f"{_plain(place.name)} {number:g} {_family(author)}")
    return out


def _family(author: str) -> str:
    return author.rsplit(maxsplit=1)[-1] if author.split() else ""


def _plain(text: str) -> str:
    """Blanks for what search engines read as operators; letters stay in their own script."""
    kept = (char if char.isalnum() or char in "'\u2019" else " " for char in text)
    return " ".join("".join(kept).split())
