"""Read a page of a work's editions: the place that names narrators and Audible's identifiers."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.clients.goodreads.blocks import unknown_layout
from pipeline.clients.goodreads.book import is_audio
from pipeline.clients.goodreads.rows import contributors_of
from pipeline.clients.goodreads.titles import date_in_words, id_in, split_title
from pipeline.domain.identifiers import isbn13
from pipeline.domain.languages import language_code

_PAGES = re.compile(r"(?:^|,\s+)(\d[\d,]*)\s+pages?$")
_BY = re.compile(r"\bby\s+(?P<publisher>.+)$")
_SHOWING = re.compile(r"Showing\s+[\d,]+-[\d,]+\s+of\s+([\d,]+)")
_ASKED = "a work's editions"


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. `pages` of Audible's editions are hours; `asin` is as printed."""

    book_id: str
    title: str
    authors: tuple[str, ...]
    narrators: tuple[str, ...] = ()
    format: str | None = None
    pages: int | None = None
    published: str | None = None
    publisher: str | None = None
    isbn: str | None = None
    asin: str | None = None
    language: str | None = None

    @property
    def is_audio(self) -> bool:
        """Whether it is to be heard, in whatever form it was sold."""
        return is_audio(self.format)


@dataclass(frozen=True, slots=True)
class EditionsPage:
    """One page of editions; `listed` is how many there are altogether."""

    editions: tuple[Edition, ...]
    listed: int
    has_next: bool


def read_editions(text: str) -> EditionsPage:
    """Read the page; raises UnexpectedAnswer when there should be editions and none is shown."""
    tree = LexborHTMLParser(text)
    showing = _SHOWING.search(tree.root.text() if tree.root else "")
    rows = tree.css(".elementList")
    if not rows and not _says_none(tree, showing):
        raise unknown_layout(_ASKED, "no rows")
    link = tree.css_first("a.next_page")
    return EditionsPage(
        editions=tuple(_edition(row) for row in rows),
        listed=int(showing[1].replace(",", "")) if showing else len(rows),
        has_next=link is not None and bool(link.attributes.get("href")),
    )


def _says_none(tree: LexborHTMLParser, showing: re.Match[str] | None) -> bool:
    """Whether the page is one of editions that a filter left empty."""
    title = tree.css_first("title")
    is_editions = title is not None and title.text().strip().startswith("Editions of")
    return is_editions and (showing is None or showing[1] == "0")


def _edition(row: LexborNode) -> Edition:
    link = row.css_first("a.bookTitle")
    book = id_in(link.attributes.get("href")) if link else None
    if link is None or not book:
        raise unknown_layout(_ASKED, "a row without a book")
    facts = [_text(node) for node in row.css(".editionData > .dataRow")][1:]
    told = next((fact for fact in facts if fact.startswith(("Published", "Expected"))), "")
    shape = next((f for f in facts if f and f != told and "more details" not in f), "")
    pages = _PAGES.search(shape)
    sold_as = (shape[: pages.start()] if pages else shape).rpartition(", ")[2].strip() or None
    publisher = _BY.search(told)
    details = dict(_details(row))
    people = list(contributors_of(row))
    return Edition(
        book_id=book,
        title=split_title(_text(link))[0].removesuffix(f" ({sold_as})"),
        authors=tuple(name for name, role in people if role in ("", "Author")),
        narrators=tuple(name for name, role in people if role.startswith(("Narrat", "Reader"))),
        format=sold_as,
        pages=int(pages[1].replace(",", "")) if pages else None,
        published=date_in_words(told.partition(" by ")[0]),
        publisher=publisher["publisher"] if publisher else None,
        isbn=_isbn(details.get("ISBN", "")),
        asin=details.get("ASIN") or None,
        language=language_code(details.get("Edition language")),
    )


def _details(row: LexborNode) -> list[tuple[str, str]]:
    """Return (label, value) of the lines below "more details"."""
    found = []
    for line in row.css(".moreDetails > .dataRow"):
        label, value = line.css_first(".dataTitle"), line.css_first(".dataValue")
        if label is not None and value is not None:
            found.append((_text(label).rstrip(":"), _text(value)))
    return found


def _isbn(printed: str) -> str | None:
    """Return the ISBN-13 of "9780439023481 (ISBN10: 0439023483)"."""
    numbers = re.findall(r"\b[\dXx]{10,13}\b", printed)
    return next((number for number in map(isbn13, numbers) if number), None)


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""
