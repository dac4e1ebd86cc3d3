import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clients.audiobookshelf import client as under_test
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.errors import (
    BadInput,
    ServiceDown,
    ServiceRefused,
)
from pipeline.limits import LocalLimits
from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from tests.support.bookshelf import EMMA, bookshelf, crashers, served


@pytest.fixture(autouse=True)
def _short_pause(monkeypatch):
    monkeypatch.setattr(under_test, "SETTLING", 0.1)


@pytest.fixture
async def shelf(tmp_path):
    async with bookshelf(tmp_path) as three_books:
        yield three_books


@pytest.fixture
def ours(shelf):
    _, door, _ = shelf
    return door()


def writes(standin):
    return [asked for asked in standin.log if asked.path == "/api/items/batch/update"]


async def test_what_is_written_is_read_back(shelf, ours):
    _, _, ids = shelf
    change = {
        "authors": ["Jane Austen", " jane austen "],
        "series": [SeriesPlace("Hartfield", "2.5"), SeriesPlace("Novels")],
        "genres": ("Classics",),
        "published_year": "1816",
        "description": "<p>A <b>match</b></p><script>x</script>",
        "isbn": None,
    }

    written = await ours.update({ids[2]: change, "nope": {"title": "x"}})

    assert written.untaken == {}
    assert written.gone == ("nope",)
    assert dict(written) == {ids[2]: (await ours.item(ids[2])).metadata}
    assert written[ids[2]] == Metadata(
        title="Emma",
        authors=("Jane Austen",),
        series=(SeriesPlace("Hartfield", "2.5"), SeriesPlace("Novels")),
        published_year="1816",
        description="<p>A <b>match</b></p>",
        genres=("Classics",),
        language="English",
    )


async def test_what_is_shown_already_is_not_written_again(shelf, ours):
    standin, _, ids = shelf
    await ours.update({ids[2]: {"title": "Emma", "subtitle": "A Novel"}})
    await ours.update({ids[2]: {"subtitle": "A Novel", "authors": ("jane AUSTEN",)}})

    [only] = writes(standin)

    assert only.body == [
        {"id": ids[2], "mediaPayload": {"metadata": {"subtitle": "A Novel"}}},
    ]


async def test_a_field_that_does_not_take_is_named(shelf, ours):
    standin, _, ids = shelf
    standin.faults.stubborn = frozenset({"publisher"})

    written = await ours.update({ids[2]: {"publisher": "X", "subtitle": "A Novel"}})

    assert written.untaken == {ids[2]: ("publisher",)}
    assert (written[ids[2]].publisher, written[ids[2]].subtitle) == (None, "A Novel")


async def test_many_items_are_written_in_chunks_of_fifty(tmp_path):
    standin = AudiobookshelfStandIn(tmp_path, titles=())
    standin.faults.write_seconds = 0
    ids = [standin.add_owned(EMMA, f"Jane Austen/{number}") for number in range(120)]
    async with served(standin) as door:
        written = await door().update(
            {key: {"series": [SeriesPlace("New Series", "1")]} for key in ids}
        )

    assert len(written) == 120
    assert [len(asked.body) for asked in writes(standin)] == [50, 50, 20]
    assert standin.deaths == []


@pytest.mark.parametrize("change", [{"titel": "x"}, {"authors": "X"}, {"series": ["X"]}])
async def test_a_change_that_makes_no_sense_is_refused_before_anything_is_sent(shelf, ours, change):
    standin, _, ids = shelf

    with pytest.raises(BadInput):
        await ours.update({ids[0]: {"title": "x"}, ids[1]: change})

    assert standin.log == []


async def test_a_guest_may_not_write(shelf):
    standin, door, ids = shelf
    standin.accounts.users["reader"].may_update = False

    with pytest.raises(ServiceRefused, match="may not update items"):
        await door(standin.user_token).update({ids[0]: {"title": "x"}})


async def test_a_write_whose_answer_got_lost_is_looked_at_and_not_repeated(shelf, ours):
    standin, _, ids = shelf
    standin.faults.lose_answers = 1

    written = await ours.update({ids[0]: {"title": "x"}, ids[1]: {"title": "y"}})

    assert [written[key].title for key in ids[:2]] == ["x", "y"]
    assert len(writes(standin)) == 1


async def test_a_write_that_got_lost_before_it_was_done_is_sent_once_more(shelf, ours):
    standin, _, ids = shelf
    standin.faults.refuse_writes = 1

    written = await ours.update({ids[0]: {"title": "x"}})

    assert (written[ids[0]].title, len(writes(standin))) == ("x", 2)


async def test_a_write_that_gets_lost_twice_is_left_to_the_runner(shelf, ours):
    standin, _, ids = shelf
    standin.faults.refuse_writes = 2

    with pytest.raises(ServiceDown):
        await ours.update({ids[0]: {"title": "x"}})

    assert len(writes(standin)) == 2


async def test_a_slow_server_that_still_works_on_a_lost_write_is_not_written_to_again(
    shelf, ours, monkeypatch
):
    standin, _, ids = shelf
    monkeypatch.setattr(under_test, "WRITE_DEADLINE", 0.1)
    standin.faults.write_seconds = 0.08

    written = await ours.update({key: {"title": f"New {key}"} for key in ids})

    assert [written[key].title for key in ids] == [f"New {key}" for key in ids]
    assert (len(writes(standin)), standin.deaths) == (1, [])


async def die_after_the_first(standin, key: str) -> None:
    """End the server as soon as the first of several writes stands."""
    while standin.shown(key)["media"]["metadata"]["title"] != f"New {key}":
        await asyncio.sleep(0.01)
    standin.crash()


async def test_a_server_that_dies_in_mid_write_is_left_alone_and_the_next_try_completes(
    shelf, ours
):
    standin, _, ids = shelf
    standin.faults.write_seconds = 0.3
    dying = asyncio.create_task(die_after_the_first(standin, ids[0]))

    with pytest.raises(ServiceDown):
        await ours.update({key: {"title": f"New {key}"} for key in ids})
    await dying
    await asyncio.sleep(standin.faults.down_seconds)
    written = await ours.update({key: {"title": f"New {key}"} for key in ids})

    assert [about.title for about in written.values()] == [f"New {key}" for key in ids]
    assert len(writes(standin)[1].body) < 3


async def test_many_workers_that_bring_the_same_new_series_do_not_end_the_server(shelf):
    standin, door, ids = shelf
    limits = LocalLimits()
    workers = [door(limits=limits) for _ in range(8)]
    change = {"series": [SeriesPlace("Brand New", "1")], "authors": ["Somebody New"]}

    await asyncio.gather(
        *(worker.update({ids[at % 3]: change}) for at, worker in enumerate(workers))
    )

    assert standin.deaths == []
    assert [each["name"] for each in standin.shelf.authors.values()] == ["Somebody New"]


async def test_without_the_lock_the_same_writes_end_the_server(shelf):
    standin, door, ids = shelf
    standin.faults.write_seconds = 0.3  # long enough to meet, on any machine
    workers = [door() for _ in range(3)]  # each with a lock of its own
    change = {"series": [SeriesPlace("Brand New", "1")]}

    await asyncio.gather(
        *(worker.update({ids[at]: change}) for at, worker in enumerate(workers)),
        return_exceptions=True,
    )

    assert standin.deaths


ODD = st.sampled_from(
    [
        "",
        " ",
        "A",
        "a",
        " A ",
        "Ä",
        "ä",
        "a\u0308",
        "ß",
        "SS",
        "İ",
        "\u00a0A",
        "\ufeffA",
        "\x00",
        "A\n",
    ]
)
PAIRS = st.sampled_from([("Dup A", "dup a"), ("A", " a "), ("Ä", "ä"), ("İx", "i\u0307X")])
NAMES = st.one_of(
    st.lists(st.one_of(ODD, st.text(max_size=6)), max_size=5),
    st.tuples(PAIRS, st.lists(ODD, max_size=2)).map(lambda both: [*both[0], *both[1]]),
)
PLACES = st.lists(
    st.builds(SeriesPlace, st.one_of(ODD, st.text(max_size=6)), st.none() | st.text(max_size=4)),
    max_size=4,
)
TEXT = st.none() | ODD | st.text(max_size=12)
CHANGE = st.fixed_dictionaries(
    {"authors": NAMES},
    optional={
        "title": TEXT,
        "subtitle": TEXT,
        "narrators": NAMES,
        "series": PLACES,
        "published_year": TEXT | st.integers(0, 3000),
        "description": TEXT,
        "genres": NAMES,
        "isbn": TEXT,
    },
)


def test_no_metadata_however_weird_sends_anything_that_could_end_the_server(tmp_path):
    served_shelf = bookshelf(tmp_path)

    async def check(standin, door, ids, changes):
        ours, asked = door(), dict(zip(ids, changes, strict=True))
        written = await ours.update(asked)
        sent = len(writes(standin))
        again = await ours.update(asked)

        assert list(crashers(standin.log)) == []
        assert standin.deaths == []
        assert written.untaken == {}
        assert (again, len(writes(standin))) == (written, sent)

    with asyncio.Runner() as runner:
        standin, door, ids = runner.run(served_shelf.__aenter__())
        standin.faults.write_seconds = 0

        @settings(max_examples=40, deadline=None)
        @given(changes=st.lists(CHANGE, min_size=3, max_size=3))
        def always(changes):
            runner.run(check(standin, door, ids, changes))

        try:
            always()
        finally:
            runner.run(served_shelf.__aexit__(None, None, None))

    assert len(writes(standin)) > 20
