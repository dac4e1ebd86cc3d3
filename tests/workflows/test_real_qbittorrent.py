"""One missing book, from the search to files in the library, through a real qBittorrent."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from pipeline import runs, services, toolbox, wiring
from pipeline.accounts import FirstStart
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.domain.transfers import State
from pipeline.house import House
from pipeline.sandbox.audio import write_m4b
from pipeline.sandbox.catalogue import title_of
from pipeline.sandbox.mam import MamStandIn
from pipeline.sandbox.prowlarr import ProwlarrStandIn
from pipeline.sandbox.serve import serve
from pipeline.shelving import Patience
from pipeline.vault import open_vault
from pipeline.working import working
from tests.support.household import audio, finished, household, look
from tests.support.swarm import Swarm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        shutil.which("qbittorrent-nox") is None, reason="qbittorrent-nox is not installed"
    ),
]
MISSING = "Rilla of Ingleside"


SECOND = 7  # number of a copy that is a torrent of its own


def copy_of(swarm, gap, offer, name):
    """Write the book once more as a folder of that name; return it."""
    folder = swarm.seeds / name
    folder.mkdir(parents=True)
    write_m4b(
        folder / f"{MISSING}.m4b",
        seconds=offer.minutes * 60,
        size=4_000_000,
        tags={"title": MISSING, "artist": gap.authors[0], "composer": "Somebody"},
    )
    return folder


@pytest.fixture
async def house(tmp_path, pool, user_id, monkeypatch):
    """A household whose only gap is one book, offered twice, the better held by a real seeder."""
    # The sandbox's own patience is that of a stand-in: seconds.
    patience = Patience(
        glance=timedelta(seconds=1), quiet=timedelta(seconds=3), second_look=timedelta(seconds=2)
    )
    monkeypatch.setattr(toolbox, "_patience", lambda _: patience)
    gap = title_of(MISSING)
    offer = next(offer for offer in gap.offers if offer.good)
    other = replace(offer, tid=offer.tid + SECOND, seeders=1)
    gap = replace(gap, offers=(offer, other))
    async with Swarm(tmp_path / "swarm") as swarm, household(tmp_path, pool, user_id) as sandbox:
        torrents = {
            each.tid: await swarm.seed(copy_of(swarm, gap, offer, name))
            for each, name in ((offer, MISSING), (other, f"{MISSING} again"))
        }
        prowlarr = ProwlarrStandIn([gap], lambda asked: torrents[asked.tid])
        async with serve(prowlarr.app) as address, serve(MamStandIn([]).app) as tracker:
            where = sandbox.town.services(services.from_settings(sandbox.settings)).but(
                prowlarr_url=address,
                mam_url=tracker,
                qbittorrent_url=swarm.leecher_url,
                qbittorrent_username=swarm.username,
                qbittorrent_password=SecretStr(swarm.password),
            )
            vault = open_vault(sandbox.settings)
            async with wiring.open_tools(sandbox.settings, pool, vault, where) as tools:
                yield House(sandbox.settings, pool, tools, FirstStart(user_id), sandbox.town), swarm


async def test_a_torrent_that_its_tracker_deleted_gives_way_within_seconds(house):
    house, swarm = house
    first, second = swarm.infohashes
    swarm.tracker.failures[first] = "Torrent has been deleted."
    async with working(house):
        run = await runs.start(house.pool, house.user.user_id, "SERIES")
        assert await finished(house, run.id, seconds=60) == "completed"

    statuses = look(
        house.pool.url, "select infohash, status, abs_import_status from downloads order by id"
    )
    assert statuses == [
        (first, "failed", "failed"),
        (second, "completed", "imported"),
    ]
    [(reason,)] = look(house.pool.url, "select reason from blocklist")
    assert reason == "its tracker refuses it: 127.0.0.1: Torrent has been deleted."
    qbittorrent = (await house.tools(house.user.user_id))[QBittorrent]
    assert [t.infohash for t in await qbittorrent.torrents()] == [second]


async def test_a_tracker_that_refuses_the_account_is_waited_for(house):
    house, swarm = house
    swarm.tracker.failure = "Unrecognized host/PassKey. (192.0.2.7)"
    waits = "select reason from steps where status = 'waiting'"
    async with working(house):
        run = await runs.start(house.pool, house.user.user_id, "SERIES")
        async with asyncio.timeout(60):
            while "accepts your account" not in str(look(house.pool.url, waits)):
                await asyncio.sleep(0.2)
        swarm.tracker.failure = None
        qbittorrent = (await house.tools(house.user.user_id))[QBittorrent]
        [torrent] = await qbittorrent.torrents()
        await qbittorrent.reannounce(torrent.infohash)  # as it does itself, half an hour later
        assert await finished(house, run.id, seconds=60) == "completed"

    assert look(house.pool.url, "select from blocklist") == []
    assert look(house.pool.url, "select abs_import_status, tracker_trouble from downloads") == [
        ("imported", None)
    ]


async def progress_of(qbittorrent: QBittorrent) -> float:
    torrents = await qbittorrent.torrents()
    return torrents[0].progress if torrents else 0.0


async def test_a_missing_book_arrives_by_hard_link_and_seeds_on(house):
    house, _ = house
    async with working(house):
        run = await runs.start(house.pool, house.user.user_id, "SERIES")
        assert await finished(house, run.id) == "completed"

    [arrived] = [path for path in audio(house.town.library) if path.stem == MISSING]
    qbittorrent = (await house.tools(house.user.user_id))[QBittorrent]
    [torrent] = await qbittorrent.torrents()
    assert arrived.stat().st_nlink == 2
    assert torrent.state is State.COMPLETED
    assert torrent.is_done
    statuses = look(house.pool.url, "select status, abs_import_status from downloads")
    assert statuses == [("completed", "imported")]


async def test_the_chain_survives_a_restart_of_qbittorrent_in_mid_download(house):
    house, swarm = house
    await swarm.limit(500_000)
    qbittorrent = (await house.tools(house.user.user_id))[QBittorrent]
    async with working(house):
        run = await runs.start(house.pool, house.user.user_id, "SERIES")
        async with asyncio.timeout(60):
            while not 0.05 < await progress_of(qbittorrent) < 0.9:
                await asyncio.sleep(0.2)
        await swarm.restart_leecher(kill=True)
        await swarm.limit(0)
        assert await finished(house, run.id, seconds=150) == "completed"

    assert [path for path in audio(house.town.library) if path.stem == MISSING]
    statuses = look(house.pool.url, "select status, abs_import_status from downloads")
    assert statuses == [("completed", "imported")]
