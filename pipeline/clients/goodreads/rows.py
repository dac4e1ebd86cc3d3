"""Read the rows in which Goodreads lists books: an author's books, lists, the older search page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.clients.goodreads.blocks import unknown_layout
from pipeline.clients.goodreads.titles import id_in, split_title, year_in
from pipeline.domain.models import Work

_ROW = 'tr[itemtype="http://schema.org/Book"]'
_ROLE = re.compile(r"\(([^()]+)\)")
_RATINGS = re.compile(r"([\d,.]+)\s+ratings?\b")
_PUBLISHED = re.compile(r"(expected publication|published)\s+([^—]*?\d{3,4})", re.IGNORECASE)
_BOOKS_BY = re.compile(r"^Books by\s+(.*?)(?:\s+\(Author of .*\))?$")
_FOUND = re.compile(r"of (?:about )?([\d,]+) (?:books|results)")
_NO_ROLES = frozenset({"Goodreads Author"})


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list; `has_next` when another one follows."""

    heading: str
    works: tuple[Work, ...]
    has_next: bool


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """An author's own page: name, id, and the ten most popular books."""

    name: str
    author_id: str
    works: tuple[Work, ...]
    genres: tuple[str, ...] = ()
    born: str | None = None
    image: str | None = None


def read_author_list(text: str) -> ListPage:
    """Read a page of an author's books; raises UnexpectedAnswer without rows or heading."""
    tree = LexborHTMLParser(text)
    heading = _BOOKS_BY.match(_text(tree.css_first("title")) or _text(tree.css_first("h1")))
    if not heading:
        raise unknown_layout("an author's books", "no heading")
    works = tuple(_works(tree))
    if not works:
        raise unknown_layout("an author's books", "no rows")
    return ListPage(heading[1], works, _has_next(tree))


def read_list(text: str) -> ListPage:
    """Read a page of a list or an award; raises UnexpectedAnswer when it has no rows."""
    tree = LexborHTMLParser(text)
    works = tuple(_works(tree))
    if not works:
        raise unknown_layout("a list", "no rows")
    return ListPage(_text(tree.css_first("title")), works, _has_next(tree))


def read_author(text: str) -> AuthorPage:
    """Read an author's page; raises UnexpectedAnswer when name or list of books are missing."""
    tree = LexborHTMLParser(text)
    name = _text(tree.css_first("h1.authorName"))
    link = tree.css_first('a[href*="/author/list/"]')
    author_id = id_in(link.attributes.get("href")) if link else None
    if not name or not author_id:
        raise unknown_layout("an author's page", "no name" if not name else "no list of books")
    image = tree.css_first('[itemtype="http://schema.org/Person"] img, .authorLeftContainer img')
    return AuthorPage(
        name=name,
        author_id=author_id,
        works=tuple(_works(tree, by=name)),
        genres=tuple(_text(node) for node in tree.css('.dataItem a[href^="/genres/"]')),
        born=_text(tree.css_first('[itemprop="birthDate"]')) or None,
        image=image.attributes.get("src") if image else None,
    )


def read_search(text: str) -> tuple[Work, ...]:
    """Read the older layout of the search page; robots.txt asks us not to fetch one.

    Raises UnexpectedAnswer when the page says that it found books and shows no row.
    """
    tree = LexborHTMLParser(text)
    works = tuple(_works(tree))
    said = _FOUND.search(_text(tree.css_first("title"))) or _FOUND.search(
        _text(tree.css_first("h3.searchSubNavContainer"))
    )
    if not works and not (said and said[1] == "0") and "No results" not in text:
        raise unknown_layout(
            "a search", f"it says {said[1] if said else 'nothing'} and has no rows"
        )
    return works


def _works(tree: LexborHTMLParser, by: str | None = None) -> Iterator[Work]:
    for row in tree.css(_ROW):
        link = row.css_first("a.bookTitle")
        book = id_in(link.attributes.get("href")) if link else None
        if link is None or not book:
            raise unknown_layout("a list of books", "a row without a book")
        yield _work(row, _text(link), book, by)


def _work(row: LexborNode, printed: str, book: str, by: str | None) -> Work:
    title, places = split_title(printed)
    small = " — ".join(_text(node) for node in row.css(".greyText"))
    published = _PUBLISHED.search(small)
    editions = row.css_first('a[href*="/work/editions/"]')
    ratings = _RATINGS.search(_text(row.css_first(".minirating")))
    return Work(
        title=title,
        authors=authors_of(row) or ((by,) if by else ()),
        series=places,
        goodreads_work=id_in(editions.attributes.get("href")) if editions else None,
        goodreads_book=book,
        published=year_in(published[2]) if published else None,
        released=not (published and published[1].lower().startswith("expected")),
        ratings=int(re.sub(r"\D", "", ratings[1]) or 0) if ratings else 0,
    )


def contributors_of(node: LexborNode) -> Iterator[tuple[str, str]]:
    """Yield (name, role) of everybody named; an author has the role ""."""
    for link in node.css("a.authorName"):
        name = _text(link)
        roles = [role for role in _ROLE.findall(_up_to_next(link)) if role not in _NO_ROLES]
        if name:
            yield name, roles[0] if roles else ""


def _up_to_next(link: LexborNode) -> str:
    """Return the text behind a name, where its roles stand, up to the next name."""
    behind = []
    after = link.next
    while after is not None and not (after.tag == "a" and "authorName" in _classes(after)):
        behind.append(after.text() or "")
        after = after.next
    return " ".join(behind)


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def authors_of(node: LexborNode) -> tuple[str, ...]:
    """Return those without another role than author; the first one when nobody is left."""
    people = list(contributors_of(node))
    authors = tuple(name for name, role in people if role in ("", "Author"))
    return authors or tuple(name for name, _ in people[:1])


def _has_next(tree: LexborHTMLParser) -> bool:
    link = tree.css_first("a.next_page")
    return link is not None and link.attributes.get("href") not in (None, "#")


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""
