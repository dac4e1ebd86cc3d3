import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import trackers as inquiring
from pipeline import watcher as under_test
from pipeline.adoption import Adoption
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.domain.torrents import read
from pipeline.remote import Remote
from pipeline.sandbox.qbittorrent import QBittorrentStandIn
from pipeline.sandbox.serve import serve
from pipeline.sandbox.torrents import make_torrent
from pipeline.shelving import Patience
from pipeline.watcher import Watcher
from tests.support.downloads import add_download, make_waiting_step, step_status
from tests.support.household import look

TORRENTS = [make_torrent(f"Book {n}", [(f"Book {n}.m4b", 1_000_000 + n)]) for n in range(12)]
HASHES = [read(torrent).infohash for torrent in TORRENTS]


class Nobody(Adoption):
    """Takes nothing in."""

    def __init__(self):
        """Need no database."""

    async def consider(self, finished):
        """Look at nothing."""


NEVER = Nobody()


class Clock:
    def __init__(self):
        self.ahead = timedelta()

    def now(self):
        return datetime.now(UTC) + self.ahead


@pytest.fixture
async def client(tmp_path):
    standin = QBittorrentStandIn(tmp_path / "downloads", seconds=0.3)
    async with serve(standin.app) as url, Remote("qbittorrent", url) as remote:
        standin.ours = QBittorrent(
            remote, username=standin.username, password=standin.password, category="bookrunner"
        )
        yield standin


@pytest.fixture
def watcher(pool, user_id, client):
    return Watcher(pool, user_id, client.ours, Patience(), Clock(), NEVER, often=0.05, seldom=0.2)


async def hand_over(pool, user_id, client, number=0, **columns):
    """Add a torrent to the client and to our tables, with a step that waits for it."""
    infohash = HASHES[number]
    await add_download(pool, user_id, infohash, title=f"Book {number}", **columns)
    await client.ours.add(TORRENTS[number], infohash=infohash, tags=("t",))
    return await make_waiting_step(pool, user_id, f"torrent:{infohash}")


def rows(pool, columns="status, progress"):
    found = look(pool.url, "select to_jsonb(d) from downloads d order by id")
    return [tuple(row[name] for name in columns.split(", ")) for (row,) in found]


def versions(pool):
    return look(pool.url, "select xmin::text from downloads order by id")


async def look_until(watcher, true, seconds=5):
    async with asyncio.timeout(seconds):
        while not true():
            await watcher.look()
            await asyncio.sleep(0.03)


async def test_twelve_downloads_are_watched_with_one_question(
    pool, user_id, client, watcher, asked
):
    for number in range(12):
        await hand_over(pool, user_id, client, number)
    asked.clear()
    await look_until(watcher, lambda: {s for s, _ in rows(pool)} == {"completed"})

    assert set(asked) == {"sync/maindata"}


async def test_progress_is_kept_and_the_step_woken_when_all_is_there(
    pool, user_id, client, watcher
):
    client.seconds = 1.0
    step = await hand_over(pool, user_id, client)

    await look_until(watcher, lambda: 0 < rows(pool)[0][1] < 1)
    assert rows(pool)[0][0] == "downloading"
    assert step_status(pool, step) == "waiting"
    await look_until(watcher, lambda: rows(pool)[0][0] == "completed")

    assert step_status(pool, step) == "ready"
    [(finished, grew, path)] = rows(pool, "completed_at, grew_at, content_path")
    assert finished
    assert grew
    assert path.endswith("Book 0.m4b")


async def test_a_torrent_that_turns_bad_wakes_its_step(pool, user_id, client, watcher):
    client.faults.disk_full = True
    step = await hand_over(pool, user_id, client)

    await look_until(watcher, lambda: step_status(pool, step) == "ready")

    assert rows(pool, "state") == [("error",)]


async def test_patience_that_has_run_out_wakes_the_step(pool, user_id, client, watcher):
    client.faults.stops_at = 0.4
    step = await hand_over(pool, user_id, client)
    await look_until(watcher, lambda: rows(pool)[0][1] == pytest.approx(0.4))
    assert step_status(pool, step) == "waiting"

    watcher.clock.ahead = timedelta(days=2)
    await watcher.look()

    assert step_status(pool, step) == "ready"


async def test_a_torrent_that_the_client_lost_wakes_its_step_after_the_grace(
    pool, user_id, client, watcher
):
    step = await hand_over(pool, user_id, client)
    client.held.clear()
    await watcher.look()
    assert step_status(pool, step) == "waiting"

    watcher.clock.ahead = timedelta(minutes=11)
    await watcher.look()

    assert step_status(pool, step) == "ready"


async def test_a_step_is_told_once_and_reminded_later(pool, user_id, client, watcher, monkeypatch):
    monkeypatch.setattr(under_test, "FIRST_REMINDER", 0.4)
    step = await hand_over(pool, user_id, client)
    await look_until(watcher, lambda: step_status(pool, step) == "ready")
    again = await make_waiting_step(pool, user_id, f"torrent:{HASHES[0]}")

    await watcher.look()
    assert step_status(pool, again) == "waiting"
    await look_until(watcher, lambda: step_status(pool, again) == "ready")


async def test_one_statement_writes_what_changed_and_none_what_did_not(
    pool, user_id, client, watcher
):
    client.faults.stops_at = 0.4
    await hand_over(pool, user_id, client)
    await look_until(watcher, lambda: rows(pool)[0][1] == pytest.approx(0.4))
    await asyncio.sleep(0.1)
    await watcher.look()
    before = versions(pool)

    await watcher.look()

    assert versions(pool) == before


async def test_a_restart_of_the_client_with_its_lost_session_is_survived(
    pool, user_id, client, watcher
):
    client.seconds = 1.5
    step = await hand_over(pool, user_id, client)
    await watcher.look()
    client.restart()

    await look_until(watcher, lambda: rows(pool)[0][0] == "completed")

    assert step_status(pool, step) == "ready"


@pytest.fixture
def asked(watcher):
    """What was asked of the client, as often as it was."""
    asked, original = [], watcher.qbittorrent._session.ask

    async def ask(method, action, **how):
        asked.append(action)
        return await original(method, action, **how)

    watcher.qbittorrent._session.ask = ask
    return asked


def impatient(watcher):
    """A watcher to which a download is quiet when nothing came for a quarter of a second."""
    watcher.patience = replace(watcher.patience, quiet=timedelta(seconds=0.25))
    watcher._inquiry.patience = watcher.patience
    return watcher


async def test_trackers_are_asked_after_only_for_what_gets_nowhere(
    pool, user_id, client, watcher, asked
):
    client.faults.stops_at = 0.4
    for number in range(8):
        await hand_over(pool, user_id, client, number)
    await look_until(watcher, lambda: all(p == pytest.approx(0.4) for _, p in rows(pool)))
    assert "torrents/trackers" not in asked

    watcher.clock.ahead = timedelta(minutes=3)
    for _ in range(4):
        await watcher.look()

    # Five in the first round, the other three in the second, and then nobody for a minute.
    assert asked.count("torrents/trackers") == 8


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Unregistered torrent", "ready"),
        ("Unrecognized host/PassKey", "ready"),
        ("Tracker is down for maintenance", "waiting"),
    ],
)
async def test_a_refusal_wakes_the_step_and_words_that_say_nothing_do_not(
    pool, user_id, client, watcher, words, status
):
    client.faults.tracker = words
    step = await hand_over(pool, user_id, client)
    impatient(watcher)

    async with asyncio.timeout(5):
        while not watcher._inquiry._due:
            await watcher.look()
            await asyncio.sleep(0.03)
    await watcher.look()

    assert step_status(pool, step) == status


async def test_a_line_that_is_down_wakes_nobody(pool, user_id, client, watcher):
    client.faults.unreachable = "Unregistered torrent, as a proxy said"
    client.api = (2, 16, 2)
    step = await hand_over(pool, user_id, client)
    impatient(watcher)

    async with asyncio.timeout(5):
        while not watcher._inquiry._due:
            await watcher.look()
            await asyncio.sleep(0.03)

    assert step_status(pool, step) == "waiting"


async def test_an_account_that_is_accepted_again_wakes_the_step(
    pool, user_id, client, watcher, monkeypatch
):
    monkeypatch.setattr(inquiring, "FIRST_PAUSE", 0.1)
    client.faults.stops_at = 0.4
    step = await hand_over(pool, user_id, client)
    look(
        pool.url,
        "update downloads set tracker_trouble = 'account', tracker_says = 't: passkey',"
        " tracker_since = now() returning 1",
    )
    impatient(watcher)

    await look_until(watcher, lambda: step_status(pool, step) == "ready")


@contextlib.asynccontextmanager
async def watching(watcher):
    task = asyncio.create_task(watcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true, seconds=6):
    async with asyncio.timeout(seconds):
        while not true():  # what is waited for is in the database
            await asyncio.sleep(0.02)


def health(pool):
    found = look(pool.url, "select to_jsonb(w) from watchers w")
    return found[0][0] if found else {"state": None}


async def test_a_client_that_is_away_is_said_and_found_again(pool, user_id, client, watcher):
    step = await hand_over(pool, user_id, client)
    client.faults.unavailable = True

    async with watching(watcher):
        await until(lambda: health(pool)["state"] == "down")
        assert "503" in health(pool)["message"]
        client.faults.unavailable = False
        await until(lambda: health(pool)["state"] == "watching")
        await until(lambda: step_status(pool, step) == "ready")

    assert health(pool)["torrents"] == 1
    assert health(pool)["free_bytes"] > 0


async def test_a_password_that_is_refused_is_said_and_not_tried_again(
    pool, user_id, client, watcher
):
    client.sessions.password = "another"

    async with watching(watcher):
        await until(lambda: health(pool)["state"] == "refused")

    assert health(pool)["message"].startswith("qBittorrent")


async def test_without_downloads_the_client_is_asked_seldom(pool, user_id, client, watcher):
    watcher.seldom = 60
    polls = []
    sync = client.ours.sync

    async def counted(known=None):
        polls.append(known)
        return await sync(known)

    client.ours.sync = counted
    for _ in range(5):
        await watcher.look()

    assert len(polls) == 1


async def test_a_user_without_a_client_is_left_alone(pool, user_id):
    async with Remote("qbittorrent", "http://not-configured.invalid") as remote:
        nobody = Watcher(pool, user_id, QBittorrent(remote), Patience(), Clock(), NEVER)
        async with watching(nobody):
            await until(lambda: health(pool)["state"] == "off")
