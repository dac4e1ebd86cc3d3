"""The client against a real qBittorrent, in a real private swarm on loopback."""

import asyncio
import contextlib
import time

import pytest

from pipeline.clients.qbittorrent import QBittorrent, State
from pipeline.clients.qbittorrent import client as module
from pipeline.domain import torrents
from pipeline.domain.tracker_words import accepted, objection
from pipeline.errors import BadInput, ServiceBlocked, ServiceRefused
from pipeline.remote import Remote
from pipeline.sandbox.audio import write_m4b
from tests.support.swarm import Swarm

pytestmark = pytest.mark.slow
SIZE = 4_000_000


@pytest.fixture
async def swarm(tmp_path):
    async with Swarm(tmp_path) as running:
        yield running


@contextlib.asynccontextmanager
async def asking(swarm, password=None):
    async with Remote("qBittorrent", swarm.leecher_url) as remote:
        yield QBittorrent(remote, username=swarm.username, password=password or swarm.password)


def book(swarm, name="Book"):
    folder = swarm.seeds / name
    write_m4b(folder / f"{name}.m4b", seconds=3600, size=SIZE, tags={"title": name})
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff" + bytes(20_000))
    return folder


async def until(qbittorrent, infohash, wanted, within=30.0):
    async with asyncio.timeout(within):
        while True:
            torrent = await qbittorrent.torrent(infohash)
            if torrent is not None and wanted(torrent):
                return torrent
            await asyncio.sleep(0.1)


def is_done(torrent):
    return torrent.is_done


async def test_a_private_torrent_is_added_followed_and_completed(swarm):
    folder = book(swarm)
    data = await swarm.seed(folder, comment="MID=7")
    infohash = torrents.read(data).infohash
    async with asking(swarm) as qbittorrent:
        await qbittorrent.create_category()
        await qbittorrent.create_category()
        before = await qbittorrent.sync()
        started = time.monotonic()
        added = await qbittorrent.add(data, infohash=infohash, tags=["book-1"])
        new = await qbittorrent.sync(before)
        done = await until(qbittorrent, infohash, is_done)
        took = time.monotonic() - started
        after = await qbittorrent.sync(new)
        files = await qbittorrent.files(infohash)
        properties = await qbittorrent.properties(infohash)
        (tracker,) = await qbittorrent.trackers(infohash)

    assert took < 15
    assert (added.infohash, done.tags, done.category) == (infohash, {"book-1"}, "bookrunner")
    # No folder was set for the category: its name below the client's own folder.
    assert done.save_path == str(swarm.downloads / "bookrunner")
    for file in files:
        arrived = swarm.downloads / "bookrunner" / file.path
        assert arrived.read_bytes() == (swarm.seeds / file.path).read_bytes()
    assert {f.path for f in files} == {"Book/Book.m4b", "Book/cover.jpg"}
    assert (properties.private, properties.comment) == (True, "MID=7")
    assert (tracker.host, tracker.is_failing) == ("127.0.0.1", False)
    assert [s.polls for s in (before, new, after)] == [0, 1, 2]
    assert (before.torrents, after.torrent(infohash).is_done) == ((), True)
    assert after.torrent(infohash).completion_on == done.completion_on is not None
    assert after.free_space > SIZE


async def test_a_duplicate_is_a_success_and_a_removed_one_is_found_on_the_disk(swarm):
    data = await swarm.seed(book(swarm))
    infohash = torrents.read(data).infohash
    async with asking(swarm) as qbittorrent:
        both = await asyncio.gather(
            *(qbittorrent.add(data, infohash=infohash, tags=["t"]) for _ in range(3))
        )
        assert {t.infohash for t in both} == {infohash}
        await until(qbittorrent, infohash, is_done)
        assert (await qbittorrent.add(data, infohash=infohash, tags=["t"])).infohash == infohash
        assert len(await qbittorrent.torrents()) == 1

        await qbittorrent.delete(infohash, delete_files=False)
        await qbittorrent.delete(infohash, delete_files=False)
        assert await qbittorrent.torrent(infohash) is None
        await swarm.seeder.stop()
        await qbittorrent.add(data, infohash=infohash, tags=["t"])
        await until(qbittorrent, infohash, is_done)
        await qbittorrent.delete(infohash, delete_files=True)
        async with asyncio.timeout(10):
            while list(swarm.downloads.rglob("*.m4b")):  # a disk
                await asyncio.sleep(0.1)


async def test_the_categorys_folder_is_used_and_a_path_of_our_own_beats_it(swarm, tmp_path):
    first, second = await swarm.seed(book(swarm)), await swarm.seed(book(swarm, "Second"))
    async with asking(swarm) as qbittorrent:
        await qbittorrent.create_category(str(tmp_path / "category"))
        paths = []
        for data, path in ((first, None), (second, str(tmp_path / "own"))):
            infohash = torrents.read(data).infohash
            await qbittorrent.add(data, infohash=infohash, tags=["t"], save_path=path)
            paths.append((await until(qbittorrent, infohash, is_done)).save_path)
        qbittorrent.category = "//bad//"
        with pytest.raises(BadInput, match="category"):
            await qbittorrent.create_category()

    assert paths == [str(tmp_path / "category"), str(tmp_path / "own")]
    assert (tmp_path / "category" / "Book" / "Book.m4b").stat().st_size == SIZE
    assert (tmp_path / "own" / "Second" / "Second.m4b").stat().st_size == SIZE


@pytest.mark.parametrize("kill", [False, True])
async def test_a_restart_in_mid_download_is_survived_by_client_and_download(swarm, kill):
    data = await swarm.seed(book(swarm))
    infohash = torrents.read(data).infohash
    await swarm.limit(300_000)
    async with asking(swarm) as qbittorrent:
        state = await qbittorrent.sync()
        await qbittorrent.add(data, infohash=infohash, tags=["book-1"])
        half = await until(qbittorrent, infohash, lambda t: 0 < t.progress < 1)
        state = await qbittorrent.sync(state)
        await swarm.restart_leecher(kill=kill)

        fresh = await qbittorrent.sync(state)
        again = await qbittorrent.add(data, infohash=infohash, tags=["book-1"])
        assert fresh.session == state.session + 1
        assert not again.is_done
        await swarm.limit(0)
        await qbittorrent.reannounce(infohash)
        done = await until(qbittorrent, infohash, is_done, within=60)

        assert half.completed < SIZE
        assert (done.tags, done.category) == ({"book-1"}, "bookrunner")
        assert len(await qbittorrent.torrents()) == 1


async def test_a_wrong_password_is_sent_once_and_bans_nobody(swarm):
    async with asking(swarm, password="wrong") as qbittorrent:
        for _ in range(8):
            with pytest.raises(ServiceRefused, match="user or password refused"):
                await qbittorrent.torrents()
    async with asking(swarm) as qbittorrent:
        assert await qbittorrent.torrents() == ()

    for _ in range(5):
        async with asking(swarm, password="wrong") as qbittorrent:
            with pytest.raises(ServiceRefused):
                await qbittorrent.torrents()
    async with asking(swarm) as qbittorrent:
        with pytest.raises(ServiceBlocked, match="banned"):
            await qbittorrent.torrents()


async def test_a_private_magnet_gets_nowhere_until_its_torrent_comes(swarm):
    data = await swarm.seed(book(swarm))
    metainfo = torrents.read(data)
    link = f"{torrents.magnet_link(metainfo.infohash, 'Book')}&tr={metainfo.trackers[0]}"
    async with asking(swarm) as qbittorrent:
        await qbittorrent.add_magnet(link, tags=["t"])
        await asyncio.sleep(3)
        assert (await qbittorrent.torrent(metainfo.infohash)).state is State.METADATA
        assert await qbittorrent.files(metainfo.infohash) == ()

        await qbittorrent.add(data, infohash=metainfo.infohash, tags=["t"])
        done = await until(qbittorrent, metainfo.infohash, is_done)

    assert done.size == torrents.read(data).size


async def test_a_tracker_that_refuses_shows_at_the_tracker_and_not_as_a_state(swarm):
    data = swarm.register(book(swarm))
    swarm.tracker.failure = "Unregistered torrent"
    infohash = torrents.read(data).infohash
    async with asking(swarm) as qbittorrent:
        await qbittorrent.add(data, infohash=infohash, tags=["t"])
        torrent = await until(qbittorrent, infohash, lambda t: t.state is State.STALLED)
        async with asyncio.timeout(20):
            while not (await qbittorrent.trackers(infohash))[0].is_failing:  # HTTP
                await asyncio.sleep(0.1)
        (tracker,) = await qbittorrent.trackers(infohash)

    assert tracker.message == "Unregistered torrent"
    assert torrent.completed == 0


async def objected(qbittorrent, infohash, within=30.0):
    """Wait until all trackers of a torrent have failed; return what that means."""
    async with asyncio.timeout(within):
        while (found := objection(await qbittorrent.trackers(infohash))) is None:  # HTTP
            await asyncio.sleep(0.1)
    return found


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Unregistered torrent", "torrent"),
        ("Requested download is not authorized for use with this tracker.", "torrent"),
        ("Torrent has been deleted.", "torrent"),
        ("Unrecognized host/PassKey. (192.0.2.7)", "account"),
        ("passkey not found", "account"),
        ("down for maintenance", "other"),
    ],
)
async def test_a_failure_reason_is_understood_through_the_real_client(swarm, reason, kind):
    data = await swarm.seed(book(swarm))
    infohash = torrents.read(data).infohash
    swarm.tracker.failure = reason
    async with asking(swarm) as qbittorrent:
        await qbittorrent.add(data, infohash=infohash, tags=["t"])
        found = await objected(qbittorrent, infohash)
        torrent = await until(qbittorrent, infohash, lambda t: t.state is State.STALLED)
        swarm.tracker.failure = None
        await qbittorrent.reannounce(infohash)
        await until(qbittorrent, infohash, is_done)
        well = await qbittorrent.trackers(infohash)

    assert (found.kind, found.says) == (kind, f"127.0.0.1: {reason}")
    assert (torrent.completed, torrent.speed) == (0, 0)
    assert accepted(well)


@pytest.mark.parametrize("gone", [False, True])
async def test_a_tracker_that_breaks_or_is_gone_refuses_nothing(swarm, gone):
    data = swarm.register(book(swarm))
    infohash = torrents.read(data).infohash
    swarm.tracker.broken = True
    if gone:
        await swarm.tracker.stop()
    async with asking(swarm) as qbittorrent:
        await qbittorrent.add(data, infohash=infohash, tags=["t"])
        found = await objected(qbittorrent, infohash)

    assert found.kind == "other"
    assert "refused" in found.says if gone else "Internal Server Error" in found.says


async def test_pausing_deciding_and_tagging_reach_the_real_thing(swarm, monkeypatch):
    monkeypatch.setattr(module, "APPEARS_WITHIN", 5.0)
    data = await swarm.seed(book(swarm))
    infohash = torrents.read(data).infohash
    async with asking(swarm) as qbittorrent:
        await qbittorrent.add(data, infohash=infohash, tags=["ours"], paused=True, rename="Mine")
        paused = await until(qbittorrent, infohash, lambda t: t.state is State.PAUSED)
        await qbittorrent.set_tags(infohash, add=["imported"], remove=["ours"])
        await qbittorrent.resume(infohash)
        await until(qbittorrent, infohash, is_done)
        await qbittorrent.pause(infohash)
        stopped = await until(qbittorrent, infohash, lambda t: t.raw_state == "pausedUP")
        await qbittorrent.recheck(infohash)
        await qbittorrent.resume(infohash)
        await until(qbittorrent, infohash, is_done)

    assert (paused.name, paused.completed) == ("Mine", 0)
    assert (stopped.tags, stopped.is_done) == ({"imported"}, True)
