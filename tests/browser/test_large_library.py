"""Every page is seen within 200 ms although the library holds 100,000 books."""

import statistics

import pytest

from api.pages import PAGES
from tests.support.browsing import told, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.bench,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(900),
]
BOOKS = 100_000
SLOWEST = 200  # milliseconds
AT_REST = 60  # milliseconds in which a machine that does nothing else paints a picture of 255 bytes
FILL = """
insert into books (user_id, abs_id, title, author, series, search_text, match_key,
    metadata_completeness, metadata)
select 1, 'large-' || n, 'The ' || w || ' of Number ' || n, 'Author ' || n % 9000,
    'Saga ' || n % 8000 || ' #' || n % 12, lower('the ' || w || ' of number ' || n || ' author '
    || n % 9000), 'large ' || n, n % 100, jsonb_build_object('title', 'The ' || w || ' ' || n)
from generate_series(1, BOOKS) as n,
    lateral (select (array['lantern','harbour','crown','orchard','river'])[n % 5 + 1] as w) as w;
insert into series (user_id, name, author, match_key, search_text, total_books, books_owned,
    books_missing, completion_status)
select 1, 'Saga ' || n, 'Author ' || n, 'saga ' || n, 'saga ' || n, 14, 12, 2, 'incomplete'
from generate_series(0, 7999) as n;
insert into authors (user_id, name, match_key, search_text, audiobooks_owned)
select 1, 'Author ' || n, 'author ' || n, 'author ' || n, 11 from generate_series(0, 8999) as n;
insert into book_series (user_id, book_id, series_id, sequence)
select 1, b.id, s.id, (b.id % 12)::text from books b
join series s on s.user_id = 1 and s.name = split_part(b.series, ' #', 1)
where b.abs_id like 'large-%';
insert into book_authors (user_id, book_id, author_id)
select 1, b.id, a.id from books b join authors a on a.user_id = 1 and a.name = b.author
where b.abs_id like 'large-%';
insert into missing_books (user_id, book_id, series_id, title, reason_missing, position)
select 1, b.id, bs.series_id, b.title, 'series_gap', '13' from books b
join book_series bs on bs.user_id = 1 and bs.book_id = b.id
where b.id % 50 = 0 and b.abs_id like 'large-%'
"""


async def test_every_page_is_seen_within_200_ms_with_a_hundred_thousand_books(
    chrome, house, figure
):
    await house.finished("SERIES")
    for statement in FILL.replace("BOOKS", f"{BOOKS}").replace("%", "%%").split(";"):
        house.look(statement)
    house.look("vacuum analyze")  # as the server itself does within a minute
    [(book,)] = house.look("select id from books where abs_id = 'large-77777'")
    [(series,)] = house.look("select id from series where name = 'Saga 4321'")
    [(author,)] = house.look("select id from authors where name = 'Author 4321'")
    paths = [p.path for p in PAGES if "{" not in p.path and p.scope is not None]
    paths += [f"/books/{book}", f"/series/{series}", f"/authors/{author}", "/runs/1"]
    paths += ["/library?q=harbour", "/library?page=1500", "/series?q=saga", "/guide/prowlarr"]
    async with window(chrome, house.base, house.sign_in, guarded=False) as eyes:
        nothing = await _painted(eyes, "/static/icon.svg")
        painted = {path: await _painted(eyes, path) for path in paths}
    # What painting next to nothing takes on a busy machine is no fault of the page.
    most = SLOWEST if nothing < AT_REST else SLOWEST + nothing
    slow = [f"{path}: {ms:.0f} ms" for path, ms in painted.items() if ms > most]

    figure(
        f"{len(paths)} pages with {BOOKS:,} books: first paint {max(painted.values()):.0f} ms at"
        f" most, {statistics.median(painted.values()):.0f} ms at the median; next to nothing is"
        f" painted after {nothing:.0f} ms here"
    )
    assert slow == [], told(slow)


async def _painted(eyes, path):
    """Milliseconds until a page is seen: the best of four, on a machine that does other things."""
    seen = []
    for _ in range(4):
        assert await eyes.go(path) == 200
        seen.append(await eyes.painted())
    return min(seen)
