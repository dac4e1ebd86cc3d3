"""A rollback puts back what stood there, byte for byte, over 300 books of any shape."""

import contextlib
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline import corrections, rollback, runs
from pipeline.db import Pool, StepDatabase
from pipeline.domain.metadata import FIELDS, Change, value
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.errors import BadInput
from pipeline.events import CorrectionsRevoked
from pipeline.library import Library
from pipeline.outcomes import Stop
from pipeline.runs import Run
from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from stages import roll_back
from tests.support.bookshelf import EMMA, served

BOOKS = 300
# What a library may hold: any text but blanks around it, which the server itself takes off names.
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
names = words.map(str.strip).filter(bool)
places = st.builds(SeriesPlace, names, st.none() | st.sampled_from(["1", "2.5", "1-3", "0"]))


def distinct(entries, key):
    return st.lists(entries, max_size=3, unique_by=lambda e: key(e).casefold()).map(tuple)


def values(field):
    if field in {"authors", "narrators", "genres"}:
        return distinct(names, str)
    if field == "series":
        return distinct(places, lambda place: place.name)
    if field == "title":
        return names
    return st.none() | names


abouts = st.builds(Metadata, **{field: values(field) for field in FIELDS})


def arranged(known):
    """A series list in one order: the server keeps a book's older series before its newer ones."""
    if isinstance(known, tuple) and known and isinstance(known[0], SeriesPlace):
        return tuple(sorted(known, key=lambda place: place.name))
    return known


def examples(strategy, count):
    """Draw *count* examples, the same ones every time."""
    found = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(example):
        found.append(example)

    draw()
    return found


async def shown(client, ids):
    return {item.id: item.metadata for item in await client.details(ids)}


def run_of(user_id, number):
    return Run(number, user_id, "ROLLBACK", number, 1)


async def step(pool, user_id, what):
    """Do what a step does, and commit it as the runner would."""
    db = StepDatabase(pool, user_id)
    result = await what(db)
    await db.commit()
    return result


@contextlib.asynccontextmanager
async def library(folder, pool: Pool, user_id, count):
    """Serve a library of books of any shape, read into our tables; yield what changes them, too."""
    standin = AudiobookshelfStandIn(folder, titles=())
    ids = [standin.add_owned(EMMA, f"Emma {number}") for number in range(count)]
    async with served(standin) as doors:
        client = doors()
        drawn = examples(st.tuples(abouts, abouts), count)
        drawn = [drawn[number % len(drawn)] for number in range(count)]
        await client.update(
            {
                item: {field: value(before, field) for field in FIELDS}
                for item, (before, _) in zip(ids, drawn, strict=True)
            }
        )
        await step(pool, user_id, Library(client).read)
        wanted = {item: after for item, (_, after) in zip(ids, drawn, strict=True)}
        yield client, ids, wanted


@pytest.fixture
async def shelf(tmp_path, pool, user_id):
    """A library of 300 books."""
    async with library(tmp_path, pool, user_id, BOOKS) as opened:
        yield opened


@pytest.fixture
async def small(tmp_path, pool, user_id):
    """A library of two books."""
    async with library(tmp_path, pool, user_id, 2) as opened:
        yield opened


async def correct(pool, user_id, client, item, after, fields):
    """Change some fields of a book as run 5 does."""
    [fresh] = await client.details([item])
    changes = [
        Change(f, value(fresh.metadata, f), value(after, f), "Goodreads")
        for f in fields
        if value(fresh.metadata, f) != value(after, f)
    ]

    async def write(db):
        book = await db.row("books.by_item", abs_id=item)
        return await corrections.write(db, client, book, fresh, changes, run_id=5)

    return await step(pool, user_id, write)


def some(chance):
    return chance.sample(FIELDS, chance.randint(1, len(FIELDS)))


async def undo(pool, user_id, client, item, run_id):
    async def back(db):
        book = await db.row("books.by_item", abs_id=item)
        event = CorrectionsRevoked(book_id=book["id"], of_run=run_id)
        return await roll_back.run(event, client, db, run_of(user_id, 99))

    return await step(pool, user_id, back)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_run_over_300_books_is_put_back_byte_for_byte(pool, user_id, shelf, figure):
    client, ids, wanted = shelf
    chance = random.Random(7)
    before = await shown(client, ids)
    for number, item in enumerate(ids):
        for _ in range(2 if number % 10 == 0 else 1):  # a field changed twice is one correction
            await correct(pool, user_id, client, item, wanted[item], some(chance))
    changed = await shown(client, ids)

    for item in ids:
        await undo(pool, user_id, client, item, 5)

    after = await shown(client, ids)
    differing = [
        (field, value(before[item], field), value(changed[item], field), value(after[item], field))
        for item in ids
        for field in FIELDS
        if arranged(value(after[item], field)) != arranged(value(before[item], field))
    ]
    fields = sum(value(before[i], f) != value(changed[i], f) for i in ids for f in FIELDS)
    figure(f"{fields} changed fields of {BOOKS} books put back")
    assert fields > 500
    assert differing == []


async def test_a_rollback_leaves_what_the_user_edited_and_says_why(pool, user_id, small):
    client, [item, *_], _ = small
    await client.update({item: {"title": "Emma", "subtitle": None}})
    await step(pool, user_id, Library(client).read)
    after = Metadata(title="Emma, Again", subtitle="A Novel")
    await correct(pool, user_id, client, item, after, ["title", "subtitle"])
    await client.update({item: {"subtitle": "Mine"}})
    events = CorrectionsRevoked(book_id=1, of_run=5)

    run = run_of(user_id, 99)

    async def back(db):
        book = await db.row("books.by_item", abs_id=item)
        event = events.model_copy(update={"book_id": book["id"]})
        return await roll_back.run(event, client, db, run)

    await step(pool, user_id, back)

    about = (await shown(client, [item]))[item]
    assert (about.title, about.subtitle) == ("Emma", "Mine")
    assert ("warning", ": subtitle: the subtitle was edited in the library since") in run.lines


async def test_a_crash_between_write_and_record_is_settled_by_the_next_try(pool, user_id, small):
    client, [item, *_], _ = small
    before = (await shown(client, [item]))[item]
    await correct(pool, user_id, client, item, Metadata(title="Other"), ["title"])
    db = StepDatabase(pool, user_id)
    book = await db.row("books.by_item", abs_id=item)
    event = CorrectionsRevoked(book_id=book["id"], of_run=5)

    await roll_back.run(event, client, db, run_of(user_id, 99))
    await db.abandon(RuntimeError("killed before its commit"))
    again = await step(
        pool, user_id, lambda db: roll_back.run(event, client, db, run_of(user_id, 99))
    )

    assert isinstance(again, Stop)  # the first try had done it; the second only wrote it down
    assert (await shown(client, [item]))[item] == before
    async with pool.user(user_id) as db:
        rows = await db.rows("corrections.of_book", book_id=book["id"], run_id=None, field="title")
    assert [row["undone"] for row in rows] == [True]


async def test_what_cannot_be_rolled_back_is_refused_before_a_run_is_made(pool, user_id):
    with pytest.raises(BadInput, match="there is no run 7"):
        await rollback.run(pool, user_id, 7)
    with pytest.raises(BadInput, match="there is no book 7"):
        await rollback.book(pool, user_id, 7)
    started = await runs.start(pool, user_id, "METADATA_FULL")
    with pytest.raises(BadInput, match="is under way"):
        await rollback.run(pool, user_id, started.id)
