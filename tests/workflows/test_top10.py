"""TOP10 on the sandbox: what is fetched, asked about, listed only, and what is refused and why."""

import json

import pytest
import pytest_asyncio

from pipeline import approvals, runs
from pipeline.db import Pool
from pipeline.working import working
from tests.support.household import finished, household, look, new_database, new_user

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
GENRES = [
    {"genre": "Fantasy", "mode": "fetch"},
    {"genre": "Literary Classics", "mode": "ask"},
    {"genre": "Mystery", "mode": "list"},
    {"genre": "Historical Fiction", "mode": "list"},
    {"genre": "Cloud Watching", "mode": "fetch"},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def top10(server_url, template, tmp_path_factory):
    """A household that follows some genres, and in which TOP10 has run once."""
    with new_database(server_url, template) as url:
        async with Pool(url, size=16) as pool:
            user = await new_user(pool)
            told = json.dumps({"genres": GENRES})
            look(url, "update users set settings = %s where id = %s returning id", told, user)
            folder = tmp_path_factory.mktemp("top10")
            async with household(folder, pool, user) as house, working(house):
                run = await runs.start(pool, user, "TOP10")
                assert await finished(house, run.id) == "completed"
                yield house, run.id


def chart(house, genre):
    """Return rank, title and decision of a genre's places."""
    return look(
        house.pool.url,
        "select e.rank, e.title, e.decision, e.reason from chart_entries e"
        " join charts c on c.id = e.chart_id where c.genre = %s order by e.rank",
        genre,
    )


async def test_a_chart_is_the_trackers_own_order_each_work_once(top10):
    house, _ = top10

    expected = most_snatched(house, category=41)

    assert expected == ["The Lost Princess of Oz", "Little Wizard Stories of Oz"]
    assert [title for _, title, *_ in chart(house, "Fantasy")] == expected
    ways = look(house.pool.url, "select distinct ranked_by, extract(isodow from week) from charts")
    assert ways == [("snatches", 1)]


def most_snatched(house, category):
    """Return the works that the stand-in added in the past week, by its own count of snatches."""
    mam = house.town.mam
    newest = max(mam.added(offer) for offer in mam.offers.values())
    offers = [
        offer
        for offer in mam.offers.values()
        if offer.category == category and (newest - mam.added(offer)).days <= 7
    ]
    ranked = sorted(offers, key=lambda offer: -offer.snatched)
    return list(dict.fromkeys(offer.title for offer in ranked))


async def test_what_is_fetched_comes_into_the_library(top10):
    house, run = top10

    shown = look(
        house.pool.url,
        "select b.title from chart_entries e join books b on b.id = e.book_id"
        " where e.decision = 'fetched' and b.abs_id is not null order by b.title",
    )

    assert shown == [("Little Wizard Stories of Oz",), ("The Lost Princess of Oz",)]
    [(sources,)] = look(
        house.pool.url, "select array_agg(distinct source) from downloads where run_id = %s", run
    )
    assert sources == ["MAM"]


async def test_what_is_listed_only_is_not_fetched_and_says_why_not(top10):
    house, _ = top10

    assert [(t, d) for _, t, d, _ in chart(house, "Mystery")] == [
        ("The Complete Father Brown", "listed")
    ]
    assert [(t, d, r) for _, t, d, r in chart(house, "Historical Fiction")] == [
        ("Twenty Years After", "listed", None),
        ("Vingt ans après", "refused", "in another language (fr)"),
    ]


async def test_a_genre_that_nobody_knows_is_named_in_the_log(top10):
    house, run = top10

    log = look(house.pool.url, "select log_output from tasks where id = %s", run)[0][0]
    assert "'Cloud Watching' is no genre of MyAnonamouse" in log


async def test_what_is_asked_about_is_fetched_after_a_yes(top10):
    house, _ = top10
    user = house.user.user_id
    assert [(t, d) for _, t, d, _ in chart(house, "Literary Classics")] == [
        ("The Small House at Allington (Abridged)", "refused"),
        ("The Last Chronicle of Barset", "asked"),
    ]
    [asked] = await approvals.listed(house.pool, user)
    assert asked["title"] == "Fetch The Last Chronicle of Barset by Anthony Trollope?"

    run = await approvals.decide(house.pool, user, asked["id"], approve=True)
    assert await finished(house, run.id) == "completed"

    assert chart(house, "Literary Classics")[1][2:] == ("fetched", "as agreed")
    [(item,)] = look(
        house.pool.url, "select abs_id from books where title = 'The Last Chronicle of Barset'"
    )
    assert item


async def test_a_second_run_fetches_nothing_again_and_shows_what_is_owned(top10):
    house, _ = top10
    added = list(house.town.qbittorrent.added)

    run = await runs.start(house.pool, house.user.user_id, "TOP10")
    assert await finished(house, run.id) == "completed"

    assert house.town.qbittorrent.added == added
    assert {d for _, _, d, _ in chart(house, "Fantasy")} == {"owned"}
    assert await approvals.listed(house.pool, house.user.user_id) == []
