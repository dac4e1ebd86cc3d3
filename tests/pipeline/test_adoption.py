from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.adoption import Adoption, find_book
from pipeline.domain.transfers import State, Torrent
from tests.support.downloads import add_download, add_wanted, make_waiting_step
from tests.support.household import look

HASH = "a" * 40
TORRENT = Torrent(
    hash=HASH,
    infohash_v1=HASH,
    infohash_v2=None,
    name="Jane Austen - Sense and Sensibility [m4b]",
    state=State.COMPLETED,
    raw_state="stalledUP",
    progress=1.0,
    completed=10,
    size=10,
    save_path="/downloads",
    content_path="/downloads/x",
    category="bookrunner",
    tags=frozenset(),
    ratio=0.0,
    seeding_time=0,
    added_on=datetime.now(UTC),
    completion_on=datetime.now(UTC),
    eta=None,
    speed=0,
    seeds=0,
)
TITLE, AUTHOR = "Sense and Sensibility", "Jane Austen"


@pytest.fixture
def adoption(pool, user_id):
    return Adoption(pool, user_id, grace=0, again=0)


def runs(pool):
    return look(
        pool.url,
        "select t.task_name, t.subject, s.stage, s.event->>'attempt' from tasks t"
        " join steps s on s.run_id = t.id where t.task_name = 'REDOWNLOAD' order by t.id",
    )


def verdicts(pool):
    return look(pool.url, "select verdict, book_id, reason from adoptions order by decided_at")


async def test_the_torrent_of_a_cancelled_run_is_imported_once(pool, user_id, adoption):
    book = await add_download(pool, user_id, HASH, title=TITLE, status="completed")

    await adoption.consider([TORRENT])
    await adoption.consider([TORRENT])

    assert runs(pool) == [("REDOWNLOAD", str(book), "queue_download", "1")]
    [(verdict, adopted, reason)] = verdicts(pool)
    assert (verdict, adopted) == ("adopted", book)
    assert "run of ours" in reason


async def test_it_is_not_imported_again_when_that_run_is_cancelled_too(pool, user_id, adoption):
    await add_download(pool, user_id, HASH, title=TITLE, status="completed")
    await adoption.consider([TORRENT])
    async with pool.system() as db:
        await db.connection.execute("update tasks set status = 'cancelled'")
        await db.connection.execute("update steps set status = 'cancelled'")

    await adoption.consider([TORRENT])

    assert len(runs(pool)) == 1


async def test_a_torrent_that_a_step_looks_after_is_left_to_it(pool, user_id, adoption):
    book = await add_download(pool, user_id, HASH, title=TITLE, status="completed")
    await make_waiting_step(pool, user_id, f"torrent:{HASH}", book_id=book)

    await adoption.consider([TORRENT])

    assert runs(pool) == []
    assert verdicts(pool) == []


@pytest.mark.parametrize("status", ["imported", "refused", "failed"])
async def test_a_download_that_came_to_its_end_is_left_alone(pool, user_id, adoption, status):
    await add_download(
        pool, user_id, HASH, title=TITLE, status="completed", abs_import_status=status
    )

    await adoption.consider([TORRENT])

    assert runs(pool) == []
    assert verdicts(pool) == []


async def test_every_book_of_a_pack_is_imported(pool, user_id, adoption):
    one = await add_download(pool, user_id, HASH, title="One", status="completed")
    two = await add_download(pool, user_id, HASH, title="Two", status="completed")

    await adoption.consider([TORRENT])

    assert [subject for _, subject, *_ in runs(pool)] == [str(one), str(two)]


async def test_without_a_download_the_tag_and_a_fitting_name_are_believed(pool, user_id, adoption):
    book = await add_wanted(pool, user_id, TITLE, AUTHOR)

    await adoption.consider([replace(TORRENT, tags=frozenset({f"bookrunner-{book}"}))])

    assert [subject for _, subject, *_ in runs(pool)] == [str(book)]
    assert look(pool.url, "select status, abs_import_status, release_guid from downloads") == [
        ("completed", "pending", f"adopted:{HASH}")
    ]
    assert "tag" in verdicts(pool)[0][2]


async def test_a_tag_whose_number_means_another_book_by_now_is_not_believed(
    pool, user_id, adoption
):
    book = await add_wanted(pool, user_id, "The Time Machine", "H. G. Wells")

    await adoption.consider([replace(TORRENT, tags=frozenset({f"bookrunner-{book}"}))])

    assert runs(pool) == []
    assert verdicts(pool)[0][0] == "unknown"


async def test_a_name_that_means_one_wanted_book_is_enough(pool, user_id, adoption):
    book = await add_wanted(pool, user_id, TITLE, AUTHOR)
    await add_wanted(pool, user_id, "Emma", AUTHOR)

    await adoption.consider([TORRENT])

    assert [subject for _, subject, *_ in runs(pool)] == [str(book)]


async def test_a_stranger_is_listed_once_and_never_touched(pool, user_id, adoption):
    await add_wanted(pool, user_id, "Emma", AUTHOR)
    stranger = replace(TORRENT, name="Some.Linux.Distribution.iso")

    await adoption.consider([stranger])
    await adoption.consider([stranger])

    assert runs(pool) == []
    assert look(pool.url, "select count(*) from downloads") == [(0,)]
    [(verdict, book, reason)] = verdicts(pool)
    assert (verdict, book) == ("unknown", None)
    assert reason


async def test_a_stranger_that_becomes_wanted_is_taken_in(pool, user_id, adoption):
    await adoption.consider([TORRENT])
    assert verdicts(pool)[0][0] == "unknown"
    book = await add_wanted(pool, user_id, TITLE, AUTHOR)

    await adoption.consider([TORRENT])

    assert [(verdict, adopted) for verdict, adopted, _ in verdicts(pool)] == [("adopted", book)]


async def test_a_stranger_that_left_the_client_is_not_listed_any_more(pool, user_id, adoption):
    await adoption.consider([TORRENT])

    await adoption.consider([])

    assert verdicts(pool) == []


async def test_a_torrent_is_first_left_to_its_run_for_a_while(pool, user_id):
    await add_download(pool, user_id, HASH, title=TITLE, status="completed")

    await Adoption(pool, user_id, grace=60).consider([TORRENT])

    assert runs(pool) == []


async def test_a_book_that_the_library_holds_is_not_fetched_again(pool, user_id, adoption):
    await add_download(pool, user_id, HASH, title=TITLE, status="completed")
    async with pool.user(user_id) as db:
        await db.connection.execute("update books set abs_id = 'item'")

    await adoption.consider([TORRENT])

    assert runs(pool) == []


@pytest.mark.parametrize("tag", ["bookrunner-", "bookrunner-x", "bookrunner-²", "other-1"])
def test_a_tag_that_is_none_of_ours_means_nothing(tag):
    match = find_book(replace(TORRENT, tags=frozenset({tag})), [])

    assert match.book is None
    assert "tag" not in match.reason
