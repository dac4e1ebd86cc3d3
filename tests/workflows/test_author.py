"""AUTHOR on the sandbox: gaps, questions and caps; and REDOWNLOAD of one of the books."""

import json

import pytest
import pytest_asyncio

from pipeline import approvals, redownload, runs
from pipeline.db import Pool
from pipeline.errors import BadInput
from pipeline.sandbox.catalogue import AUTHOR_IDS, TITLES, TRUTH
from pipeline.working import working
from tests.support.household import finished, household, look, new_database, new_user

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
CAP = 4
IN_SERIES = {title for titles in TRUTH.missing.values() for title in titles}
ALONE = {t.title for t in TITLES if t.kind == "standalone" and not t.owned}
BY = {t.title: t.authors[0] for t in TITLES}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def author(server_url, template, tmp_path_factory):
    """A household that wants all of its authors, a few books at a time; AUTHOR has run once."""
    with new_database(server_url, template) as url:
        async with Pool(url, size=16) as pool:
            user = await new_user(pool)
            told = json.dumps({"authors": {"scope": "all", "books_per_run": CAP}})
            look(url, "update users set settings = %s where id = %s returning id", told, user)
            folder = tmp_path_factory.mktemp("author")
            async with household(folder, pool, user) as house, working(house):
                run = await runs.start(pool, user, "AUTHOR")
                assert await finished(house, run.id) == "completed"
                yield house, run.id


def gaps(house):
    """Return title -> status of every gap of an author."""
    rows = look(
        house.pool.url,
        "select title, download_status from missing_books where reason_missing = 'author_gap'",
    )
    return dict(rows)


async def test_the_gaps_are_exactly_what_the_authors_wrote_and_the_library_lacks(author):
    house, _ = author

    found = gaps(house)

    unreleased = {title for title, status in found.items() if status == "unreleased"}
    assert unreleased == set(TRUTH.unreleased)
    assert set(found) - unreleased == IN_SERIES | ALONE


async def test_the_counters_and_ids_of_an_author_are_kept(author):
    house, _ = author

    rows = look(
        house.pool.url,
        "select name, external_ids->>'goodreads', external_ids->>'mam', audiobooks_owned,"
        " audiobooks_missing, total_audiobooks_found from authors",
    )

    for name, goodreads, mam, _, missing, total in rows:
        assert goodreads == AUTHOR_IDS[name]
        assert mam == name
        assert missing == sum(BY[title] == name for title in IN_SERIES | ALONE)
        assert total >= sum(name in t.authors for t in TITLES)
    owned = {name: count for name, _, _, count, *_ in rows}
    assert owned["Anthony Trollope"] == 4


async def test_a_run_fetches_no_more_than_its_cap_and_says_so(author):
    house, run = author

    [(passed,)] = look(
        house.pool.url,
        "select count(*) from steps where run_id = %s and stage = 'queue_download'"
        " and (event->>'attempt')::int = 1",
        run,
    )
    beyond = look(
        house.pool.url,
        "select count(*) from missing_books where reason like 'beyond what one run%%'",
    )

    assert passed == CAP
    assert beyond[0][0] == len(IN_SERIES | ALONE) - CAP - asked_about(house)


def asked_about(house):
    [(books,)] = look(
        house.pool.url,
        "select coalesce(sum(jsonb_array_length(proposal->'books')), 0) from approvals"
        " where status = 'open'",
    )
    return int(books)


async def test_many_gaps_of_one_author_are_a_question_and_a_no_is_for_good(author):
    house, _ = author
    user = house.user.user_id
    baum = {title for title in IN_SERIES | ALONE if BY[title] == "L. Frank Baum"}
    [asked] = await approvals.listed(house.pool, user)
    assert asked["title"] == f"Fetch {len(baum)} books by L. Frank Baum?"
    assert {book["title"] for book in asked["proposal"]["books"]} == baum

    await approvals.decide(house.pool, user, asked["id"], approve=False)
    again = await runs.start(house.pool, user, "AUTHOR")
    assert await finished(house, again.id) == "completed"

    assert {gaps(house)[title] for title in baum} == {"ignored"}
    assert await approvals.listed(house.pool, user) == []


async def test_a_catalogue_s_opinion_that_nobody_shares_is_never_missing(author):
    house, _ = author

    rows = look(
        house.pool.url,
        "select title, note, sources from author_works where status = 'ignored'"
        " and note like 'only %%'",
    )

    assert rows
    assert all(sources in (["GoogleBooks"], ["MAM"]) for *_, sources in rows)
    assert not {title for title, *_ in rows} & (IN_SERIES | ALONE)


def wanted(house):
    """Return id and title of the books with one good release that no run has taken yet.

    Which books a run takes below its cap depends on which author is compared first.
    """
    good = [
        t.title
        for t in TITLES
        if t.title in {*TRUTH.downloadable, *ALONE} and len(t.offers) == 1 and t.offers[0].seeders
    ]
    return look(
        house.pool.url,
        "select book_id, title from missing_books where reason_missing = 'author_gap'"
        " and download_status = 'missing' and title = any(%s) order by title",
        good,
    )


async def test_a_book_is_fetched_on_request_with_a_clean_slate(author):
    house, _ = author
    url, user = house.pool.url, house.user.user_id
    book, title = wanted(house)[0]
    [offer] = [o for t in TITLES if t.title == title for o in t.offers]
    look(
        url,
        "insert into blocklist (user_id, book_id, guid, title, reason)"
        " values (%s, %s, %s, 'x', 'tried before') returning id",
        user,
        book,
        f"https://www.myanonamouse.net/t/{offer.tid}",
    )

    run = await redownload.start(house.pool, user, book)
    assert await finished(house, run.id) == "completed"

    assert gaps(house)[title] == "imported"
    assert look(url, "select count(*) from blocklist where book_id = %s", book) == [(0,)]
    with pytest.raises(BadInput, match="the library holds"):
        await redownload.start(house.pool, user, book)
    with pytest.raises(BadInput, match="there is no book"):
        await redownload.start(house.pool, user, 10**9)


async def test_ten_requests_for_one_book_clear_its_blocklist_once(author):
    house, _ = author
    url, user = house.pool.url, house.user.user_id
    [(book,)] = look(url, "select book_id from missing_books where title = 'Stingaree'")

    first = await redownload.start(house.pool, user, book)
    look(
        url,
        "insert into blocklist (user_id, book_id, guid, title, reason)"
        " values (%s, %s, 'guid', 'x', 'found bad in this run') returning id",
        user,
        book,
    )
    others = [await redownload.start(house.pool, user, book) for _ in range(9)]
    under_way = [other for other in others if other.id == first.id]
    assert await finished(house, first.id) == "completed"

    assert not any(other.created for other in under_way)
    assert under_way
