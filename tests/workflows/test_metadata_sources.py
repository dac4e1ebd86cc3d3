"""METADATA_FULL when a source is out of budget, or behind a challenge, for a day or for days."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from pipeline import runs
from pipeline.events import AnswerOwed
from pipeline.working import working
from stages import ask_again
from tests.support.generated_titles import titles
from tests.support.household import finished, household, look

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
CONCURRENCY = 10
FILLED = "select count(*) from books where metadata->>'description' is not null"
NARRATED = "select count(*) from books where jsonb_array_length(metadata->'narrators') > 0"
OPEN = "select stage, status, count(*)::int from steps where run_id = %s group by 1, 2"


async def parked(house, run, stage, count):
    """Wait until *count* steps of a stage wait, and nothing else of the run is open."""

    async def seen():
        rows = {(s, status): n for s, status, n in look(house.pool.url, OPEN, run)}
        busy = [k for k in rows if k[1] in {"ready", "retrying"}]
        return not busy and rows.get((stage, "waiting"), 0) == count

    await until(seen)


async def until(what, seconds=60):
    """Wait until *what* says yes."""
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.2)


async def reached(house, run, books):
    """Whether fetch_metadata is done with that many books."""
    rows = look(house.pool.url, OPEN, run)
    return any(s == "fetch_metadata" and status == "done" and n == books for s, status, n in rows)


def a_day_passes(house):
    """Let Google's day end, and every step that waits be due."""
    look(house.pool.url, "update quotas set spent_until = null, used = 0 returning 1")
    look(
        house.pool.url,
        "update circuits set open_until = now() where opened_at is not null returning 1",
    )
    look(house.pool.url, "update steps set due_at = now() where status = 'waiting' returning 1")


@pytest.mark.parametrize(
    ("books", "at"),
    [(60, 15), pytest.param(1600, 400, marks=pytest.mark.bench)],
)
async def test_google_says_the_day_is_spent_and_the_next_day_goes_on_from_there(
    books, at, pool, user_id, tmp_path, figure
):
    shelf = titles(books, lacks=["description"])
    async with household(tmp_path, pool, user_id, titles=shelf, google_books_daily=10_000) as house:
        house.tools.given = house.tools.given.but(goodreads="off")
        google = house.town.google_books
        google.faults.spent_after = 2 * at  # a list and a volume for each book
        async with working(house):
            run = await runs.start(pool, user_id, "METADATA_FULL")
            await until(lambda: reached(house, run.id, books), 600)
            [(described,)] = look(pool.url, FILLED)
            await parked(house, run.id, "ask_again", books - described)
            first_day = list(google.calls)

            google.faults.spent_after = None
            a_day_passes(house)
            assert await finished(house, run.id, 600) == "completed"

    assert at - CONCURRENCY <= described <= at
    assert len(first_day) <= 2 * at + CONCURRENCY
    assert look(pool.url, FILLED) == [(books,)]
    answered = Counter(
        (call.path, call.params.get("q"))
        for number, call in enumerate(google.calls)
        if not 2 * at <= number < len(first_day)
    )
    assert len(answered) == 2 * books
    assert set(answered.values()) == {1}  # no book is asked about twice
    failed = look(pool.url, "select reason from failed_attempts")
    assert failed == []
    figure(f"{books} books: {described} on the first day, the others on the next, none twice")


async def test_what_another_source_fills_is_not_owed(pool, user_id, tmp_path):
    shelf = titles(30, lacks=["description", "narrators"])
    async with household(tmp_path, pool, user_id, titles=shelf) as house:
        house.town.google_books.faults.spent_after = 0
        async with working(house):
            run = await runs.start(pool, user_id, "METADATA_FULL")
            assert await finished(house, run.id) == "completed"
        calls = len(house.town.google_books.calls)

    assert look(pool.url, FILLED) == look(pool.url, NARRATED) == [(30,)]
    assert calls <= CONCURRENCY
    assert look(pool.url, "select count(*) from steps where stage = 'ask_again'") == [(0,)]


async def test_a_challenge_of_goodreads_stops_nobody_else_and_is_never_not_found(
    pool, user_id, tmp_path
):
    shelf = titles(40, lacks=["description", "narrators"])
    async with household(tmp_path, pool, user_id, titles=shelf) as house:
        goodreads = house.town.goodreads
        goodreads.faults.challenge_after = 0
        async with working(house):
            run = await runs.start(pool, user_id, "METADATA_FULL")
            await until(lambda: reached(house, run.id, 40))
            await parked(house, run.id, "ask_again", 40)
            asked = len(goodreads.calls)
            linked = look(
                pool.url,
                "select count(*) from steps where stage = 'link_series' and status = 'done'",
            )
            filled, narrated = look(pool.url, FILLED), look(pool.url, NARRATED)
            failed = look(pool.url, "select reason from failed_attempts")
            [(until_,)] = look(
                pool.url, "select open_until - now() from circuits where name = 'goodreads'"
            )

            goodreads.faults.challenge_after = None
            a_day_passes(house)
            assert await finished(house, run.id) == "completed"

    assert asked == 1  # the first page is a challenge, and the door is closed for all
    assert timedelta(hours=5) < until_ <= timedelta(hours=6)
    assert filled == [(40,)]  # what Google knows is there at once
    assert narrated == [(0,)]
    assert linked == [(40,)]
    assert failed == []
    assert look(pool.url, NARRATED) == [(40,)]


async def test_a_source_that_stays_away_for_days_is_written_down_and_given_up(
    pool, user_id, tmp_path
):
    shelf = titles(2, lacks=["narrators"])
    async with household(tmp_path, pool, user_id, titles=shelf) as house:
        house.town.goodreads.faults.challenge_after = 0
        async with working(house):
            run = await runs.start(pool, user_id, "METADATA_FULL")
            await until(lambda: reached(house, run.id, 2))
            await parked(house, run.id, "ask_again", 2)
            days = ask_again.LONGER["METADATA_FULL"].days + 1
            look(
                pool.url,
                "update steps set event = jsonb_set(event, '{since}',"
                " to_jsonb(now() - make_interval(days => %s))), due_at = now()"
                " where stage = 'ask_again' returning 1",
                days,
            )
            assert await finished(house, run.id) == "completed"

    rows = look(pool.url, "select stage, code from failed_attempts")
    assert rows == [("ask_again", "circuit_open")] * 2
    assert look(pool.url, "select count(*) from books where last_metadata_update is null") == [(2,)]


def test_an_answer_is_owed_once_per_book_and_source():
    owed = {"book_id": 1, "abs_id": "a", "since": "2026-01-01T00:00:00Z"}

    assert AnswerOwed(source="Goodreads", **owed).key == "1:Goodreads"
