"""Write pages as Goodreads lays them out, about the sandbox's works.

Each kind of page has the structure of the real one and nothing else of it: a Next.js state for a
book, properties of React components for a series, rows of a table for an author, a flight stream
for the newer search.
"""

import html
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.sandbox.catalogue import Title

ADDRESS = "https://www.goodreads.com"
LANGUAGES = {"en": "English", "fr": "French", "de": "German"}
_PACIFIC = ZoneInfo("America/Los_Angeles")
_OTHER_RECORDING = 100_000  # ratings from which on there is a German recording too
CHALLENGE = (
    '<html lang="en"><head><title></title><script>window.awsWafCookieDomainList = [];'
    'window.gokuProps = {"key":"sandbox"};</script></head>'
    '<body><div id="challenge-container"></div></body></html>'
)

Ids = Mapping[str, str]


def shell(title: str, body: str) -> str:
    """Return a page around *body*."""
    head = f"<head><title>{html.escape(title)}</title></head>"
    return f"<!DOCTYPE html><html>{head}<body>{body}</body></html>"


def printed_title(title: Title) -> str:
    """Return "Title (Series, #2; Other, #5.5)"."""
    places = "; ".join(f"{name}, #{at}" for name, at in title.series if at)
    return f"{title.title} ({places})" if places else title.title


def slug(title: Title) -> str:
    """Return the id with words behind it, as addresses have it."""
    words = "".join(c if c.isalnum() else "-" for c in title.title.lower())
    return f"{title.goodreads_id}-{words}"


def epoch(year: int, month: int = 1, day: int = 1) -> int:
    """Return milliseconds of that day's midnight in California, as `publicationTime` is."""
    return round(datetime(year, month, day, tzinfo=_PACIFIC).timestamp() * 1000)


def suggestion(title: Title, author_ids: Ids) -> dict[str, Any]:
    """Return a row of the search box's suggestions."""
    return {"imageUrl": "", **_book(title, author_ids), "from_search": True, "rank": 1}


def book(title: Title, series_ids: Ids, author_ids: Ids) -> str:
    """Return a book's page; its state holds a stub of another book, titled, before the book."""
    state = _state(title, series_ids, author_ids)
    data = {
        "props": {"pageProps": {"apolloState": state, "params": {}, "query": {}}},
        "page": "/book/show/[book_id]",
        "query": {"book_id": slug(title)},
        "buildId": "sandbox",
    }
    return next_page(printed_title(title), data)


def empty_book(title: Title) -> str:
    """Return the frame that comes without its content when a part of Goodreads is overloaded."""
    data = {"props": {"pageProps": {"apolloState": {}}}, "query": {"book_id": slug(title)}}
    return next_page(title.title, data)


def old_book(title: Title) -> str:
    """Return a page laid out as before 2023."""
    name = html.escape(title.title)
    return shell(name, f'<div id="metacol"><h1 id="bookTitle" itemprop="name">{name}</h1></div>')


def next_page(title: str, data: Mapping[str, Any]) -> str:
    """Return a page of Next.js; "</" inside its JSON would end the script."""
    inside = json.dumps(data).replace("</", "<\\/")
    return shell(title, f'<script id="__NEXT_DATA__" type="application/json">{inside}</script>')


def series(
    name: str, titles: Sequence[Title], author_ids: Ids, *, page: int = 1, per_page: int = 100
) -> str:
    """Return a page of a series: two works, an advertisement, the others."""
    here = titles[(page - 1) * per_page : page * per_page]
    at = {title.goodreads_id: dict(title.series)[name] for title in titles}
    primary = sum((at[title.goodreads_id] or "").isdecimal() for title in titles)
    header = {
        "title": f"{name} Series",
        "subtitle": f"{primary} primary works • {len(titles)} total works",
        "description": {"truncatedHtml": "", "html": f"The works of <i>{name}</i>."},
    }
    paging = {"numWorks": len(titles), "currentPageNumber": page, "perPage": per_page}
    parts = [component("SeriesHeader", header)]
    for part in (here[:2], here[2:]):
        numbers = [at[title.goodreads_id] for title in part]
        headers = [f"Book {number}" if number else None for number in numbers]
        books = [{"isLibrarianView": False, "book": _book(t, author_ids)} for t in part]
        parts.append(component("SeriesList", {"series": books, "seriesHeaders": headers}))
        parts.append(component("ResponsivePageAdContainer", {"googleBannerAd": {"adId": ""}}))
    parts.append(component("FullPagePaginationControls", paging))
    return shell(f"{name} Series by {titles[0].authors[0]}", "".join(parts))


def component(name: str, props: Mapping[str, Any]) -> str:
    """Return a React component with its properties."""
    written = html.escape(json.dumps(props), quote=True)
    return f'<div data-react-class="ReactComponents.{name}" data-react-props="{written}"></div>'


def author_list(
    name: str, titles: Sequence[Title], author_ids: Ids, *, page: int = 1, per_page: int = 30
) -> str:
    """Return a page of an author's books."""
    here = titles[(page - 1) * per_page : page * per_page]
    rows = "".join(row(title, author_ids) for title in here)
    more = page * per_page < len(titles)
    link = f'<a class="next_page" rel="next" href="?page={page + 1}">next »</a>' if more else ""
    best = titles[0].title if titles else ""
    heading = f"Books by {name} (Author of {best})"
    return shell(heading, f"<h1>Books by {html.escape(name)}</h1>{link}<table>{rows}</table>{link}")


def author(name: str, titles: Sequence[Title], author_ids: Ids) -> str:
    """Return an author's own page with the ten most popular books."""
    rows = "".join(row(title, author_ids) for title in titles[:10])
    link = f'<a href="/author/list/{author_ids[name]}.x">More books by {html.escape(name)}</a>'
    return shell(
        f"{name} (Author)",
        f'<h1 class="authorName"><span itemprop="name">{html.escape(name)}</span></h1>'
        f"<table>{rows}</table>{link}",
    )


def search(words: str, titles: Sequence[Title], author_ids: Ids) -> str:
    """Return the older layout of the search page."""
    rows = "".join(row(title, author_ids) for title in titles)
    count = len(titles)
    heading = f'Search results for "{words}" (showing 1-{count} of {count} books)'
    return shell(heading, f"<table>{rows}</table>")


def flight_search(words: str, titles: Sequence[Title], series_ids: Ids, author_ids: Ids) -> str:
    """Return the newer layout, whose rows are only in its flight stream; two pushes cut it."""
    items = [_listed_book(title, series_ids, author_ids) for title in titles]
    children = [["$", "li", None, {"book": {**item, "description": "$7f"}}] for item in items]
    told = "A text row: two lines,\nand no line break at its end"
    rows = (
        '2:I["module",[],"default"]\n'
        f"7f:T{len(told.encode()):x},{told}"
        f"4d:{json.dumps(['$', 'ul', None, {'children': children}])}\n"
        '5a:["$","p",null,{"first":"$4d:props:children:0:props:book:title"}]\n'
    )
    half = len(rows) // 2
    pushes = (f"self.__next_f.push({json.dumps([1, part])})" for part in (rows[:half], rows[half:]))
    scripts = "".join(f"<script>{push}</script>" for push in pushes)
    return shell(f'Book search results for "{words}" | Goodreads', scripts)


def row(title: Title, author_ids: Ids) -> str:
    """Return a row of a table of books."""
    names = "".join(person(name, author_ids) for name in title.authors)
    when = "published" if title.released else "expected publication"
    return (
        '<tr itemscope itemtype="http://schema.org/Book"><td>'
        f'<a class="bookTitle" itemprop="url" href="/book/show/{slug(title)}">'
        f'<span itemprop="name">{html.escape(printed_title(title))}</span></a> by '
        f'<span itemprop="author">{names}</span>'
        '<span class="greyText smallText uitext"><span class="minirating">'
        f"4.12 avg rating — {title.ratings:,} ratings</span> — {when} {title.year} — "
        f'<a class="greyText" href="/work/editions/{title.work_id}">3 editions</a></span></td></tr>'
    )


def person(name: str, author_ids: Ids, role: str = "") -> str:
    """Return a contributor's name with the role behind it."""
    told = f' <span class="authorName greyText smallText role">({role})</span>' if role else ""
    link = f"{ADDRESS}/author/show/{author_ids.get(name, '1')}.x"
    return (
        f'<div class="authorName__container"><a class="authorName" href="{link}">'
        f'<span itemprop="name">{html.escape(name)}</span></a>{told}</div>'
    )


def editions(title: Title, author_ids: Ids, *, only: str = "") -> str:
    """Return the work's editions, those of the format *only* when it is given."""
    rows = [
        _edition(title, author_ids, "Paperback", title.language),
        _edition(title, author_ids, "Audible Audio", title.language),
    ]
    if title.ratings > _OTHER_RECORDING:
        rows.append(_edition(title, author_ids, "Audible Audio", "de"))
    shown = [text for text in rows if f"{only}, " in text] if only else rows
    count = f"Showing 1-{len(shown)} of {len(shown)}" if shown else ""
    name = html.escape(title.title)
    return shell(
        f"Editions of {title.title} by {title.authors[0]}",
        f"<h1>{name}</h1>{count}{''.join(shown)}",
    )


def _edition(title: Title, author_ids: Ids, sold_as: str, language: str) -> str:
    audio, own = sold_as == "Audible Audio", language == title.language
    narrators = title.narrators if own else ("Karl Beispiel",)
    people = [person(name, author_ids) for name in title.authors]
    people += [person(name, author_ids, "Narrator") for name in narrators if audio]
    asin = title.asin if own else f"B0GERMAN{int(title.work_id) % 100:02d}"
    details = {
        "Author(s)": "".join(people),
        "ISBN": "" if audio or not title.isbn else title.isbn,
        "ASIN": (asin or "") if audio else "",
        "Edition language": LANGUAGES[language],
        "Average rating": '4.1 <span class="greyText">(12 ratings)</span>',
    }
    more = "".join(
        f'<div class="dataRow"><div class="dataTitle">{label}:</div>'
        f'<div class="dataValue">{value}</div></div>'
        for label, value in details.items()
        if value
    )
    length = title.minutes // 60 if audio else title.minutes // 2
    number = title.goodreads_id if not audio else f"{title.goodreads_id}{1 if own else 2}"
    return (
        '<div class="elementList clearFix"><div class="editionData"><div class="dataRow">'
        f'<a class="bookTitle" href="/book/show/{number}">'
        f"{html.escape(printed_title(title))}</a></div>"
        f'<div class="dataRow">Published May 6th {max(title.year, 2011)} by {title.publisher}</div>'
        f'<div class="dataRow">{sold_as}, {length} pages</div>'
        f'<div class="moreDetails hideDetails">{more}</div></div></div>'
    )


def _book(title: Title, author_ids: Ids) -> dict[str, Any]:
    """Return a work as suggestions and lists of a series tell it."""
    name = title.authors[0]
    number = author_ids[name]
    return {
        "bookId": title.goodreads_id,
        "workId": title.work_id,
        "bookUrl": f"/book/show/{slug(title)}",
        "title": printed_title(title),
        "bookTitleBare": title.title,
        "numPages": title.minutes // 2,
        "avgRating": 4.12,
        "ratingsCount": title.ratings,
        "author": {
            "id": int(number),
            "name": name,
            "profileUrl": f"{ADDRESS}/author/show/{number}.x",
            "worksListUrl": f"{ADDRESS}/author/list/{number}.x",
        },
        "description": {"truncatedHtml": title.description, "html": title.description},
        "publicationDate": str(title.year) if title.released else "",
        "toBePublished": not title.released,
        "editions": "3 editions",
        "editionsUrl": f"/work/editions/{title.work_id}-x",
    }


def _state(title: Title, series_ids: Ids, author_ids: Ids) -> dict[str, Any]:
    """Return the Apollo state of a book's page."""
    me, work = f"Book:kca://book/{title.goodreads_id}", f"Work:kca://work/{title.work_id}"
    stub = {"__typename": "Book", "title": "Another Book", "legacyId": 1}
    writer = f"Contributor:kca://author/{author_ids[title.authors[0]]}"
    state: dict[str, Any] = {
        "ROOT_QUERY": {
            "__typename": "Query",
            "getSiteHeaderBanner": None,
            f'getBookByLegacyId({{"legacyId":"{title.goodreads_id}"}})': {"__ref": me},
        },
        "Book:kca://book/stub": stub,
        writer: {"__typename": "Contributor", "name": title.authors[0]},
    }
    places = []
    for name, at in title.series:
        key = f"Series:kca://series/{series_ids[name]}"
        web = f"{ADDRESS}/series/{series_ids[name]}-x"
        state[key] = {"__typename": "Series", "title": name, "webUrl": web}
        places.append({"seriesPlacement": at, "series": {"__ref": key}})
    state[work] = {
        "__typename": "Work",
        "legacyId": int(title.work_id),
        "details": {
            "publicationTime": epoch(title.year),
            "originalTitle": title.shelf_title or title.title,
        },
        "stats": {"averageRating": 4.12, "ratingsCount": title.ratings},
    }
    told = {"primaryContributorEdge": {"node": {"__ref": writer}, "role": "Author"}}
    state[me] = {**_shown(title), **told, "bookSeries": places, "work": {"__ref": work}}
    return state


def _shown(title: Title) -> dict[str, Any]:
    return {
        "__typename": "Book",
        "legacyId": int(title.goodreads_id),
        "title": title.title,
        "titleComplete": printed_title(title),
        "webUrl": f"{ADDRESS}/book/show/{slug(title)}",
        "description": f"{html.escape(title.description)}<br /><br />Retold for the sandbox.",
        "secondaryContributorEdges": [],
        "bookGenres": [{"genre": {"name": genre}} for genre in title.genres],
        "details": {
            "asin": None,
            "format": "Paperback",
            "numPages": title.minutes // 2,
            "publicationTime": epoch(max(title.year, 2011), 5, 6),
            "publisher": title.publisher,
            "isbn": None,
            "isbn13": title.isbn,
            "language": {"name": LANGUAGES[title.language]},
        },
    }


def _listed_book(title: Title, series_ids: Ids, author_ids: Ids) -> dict[str, Any]:
    """Return a book as the flight stream holds it."""
    places = [
        {
            "seriesPlacement": at,
            "series": {"title": name, "webUrl": f"{ADDRESS}/series/{series_ids[name]}-x"},
        }
        for name, at in title.series
    ]
    writer = {"name": title.authors[0], "legacyId": int(author_ids[title.authors[0]])}
    return {
        **_shown(title),
        "bookSeries": places,
        "primaryContributorEdge": {"node": writer, "role": "Author"},
        "work": {"legacyId": int(title.work_id), "stats": {"ratingsCount": title.ratings}},
    }
