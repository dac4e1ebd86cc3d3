import asyncio
import contextlib
import json
from pathlib import Path

import httpx
import pytest
from tinytag import TinyTag

from pipeline.domain.torrents import read
from pipeline.sandbox.catalogue import Offer
from pipeline.sandbox.qbittorrent import QBittorrentStandIn
from pipeline.sandbox.serve import serve
from pipeline.sandbox.torrents import make_torrent
from tests.support.shared import shared

VERSIONS = ("4.5.2", "5.1.0", "5.3.0")
FILES = [("Book/Book.m4b", 20_000_000), ("Book/cover.jpg", 180_000)]
TORRENT = make_torrent("Book", FILES)
HASH = read(TORRENT).infohash
PRIVATE_MAGNET = f"magnet:?xt=urn:btih:{HASH}&dn=Book"


def offer(**changed):
    given = {
        "tid": 1,
        "title": "A Study in Scarlet",
        "authors": ("Arthur Conan Doyle",),
        "narrators": ("Ada Quill",),
        "series": (),
        "filetype": "m4b",
        "size": 20_180_000,
        "minutes": 90,
        "seeders": 3,
        "snatched": 9,
        "files": tuple(FILES),
    }
    return Offer(**{**given, **changed})


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@contextlib.asynccontextmanager
async def open_client(client, **credentials):
    async with (
        serve(client.app) as url,
        httpx.AsyncClient(base_url=f"{url}/api/v2/", trust_env=False) as http,
    ):
        if credentials != {"nobody": True}:
            form = credentials or {"username": client.username, "password": client.password}
            assert (await http.post("auth/login", data=form)).is_success
        yield http


def upload(data):
    return {"torrents": ("a.torrent", data, "application/x-bittorrent")}


async def added(http, data=TORRENT, **options):
    return await http.post("torrents/add", files=upload(data), data=options)


async def info(http, **by):
    return (await http.get("torrents/info", params=by)).json()


async def wait_for(http, state, within=3.0):
    async with asyncio.timeout(within):
        while True:
            rows = await info(http)
            if rows and rows[0]["state"] == state:
                return rows[0]
            await asyncio.sleep(0.02)


class TestLikeTheRealOne:
    """Saved answers of real ones, asked of the stand-in again."""

    SAME = (
        "no session: app/version",
        "no session: unknown endpoint",
        "login GET (query)",
        "login wrong password (#1)",
        "login json body",
        "login ok",
        "login again with valid session, wrong password",
        "app/version",
        "app/webapiVersion",
        "unknown endpoint with session",
        "unknown action with session",
        "csrf: foreign Referer",
        "csrf: foreign Origin",
        "csrf: Referer same host other port",
        "host header: wrong port",
        "host header: no port",
        "bogus SID",
        "logout",
        "after logout",
        "createCategory",
        "createCategory duplicate",
        "createCategory empty name",
        "createCategory invalid name",
        "add invalid magnet (bad hash)",
        "add invalid magnet (no xt)",
        "add garbage url",
        "add nothing",
        "add http url 404 (local)",
        "GET on add",
        "delete unknown hash",
        "delete missing param",
        "files unknown hash",
        "properties unknown hash",
        "info unknown hash",
    )

    async def test_its_answers_are_those_of_the_real_one(self, tmp_path, version):
        client = QBittorrentStandIn(tmp_path, version=version)
        saved = []
        for name in ("auth", "torrents"):
            saved += json.loads(shared("facts", "qbittorrent", version, f"{name}.json").read_text())
        saved = {e["label"]: e for e in saved if e["label"] in self.SAME}
        assert set(saved) == set(self.SAME)
        async with open_client(client, nobody=True) as http:
            for label in self.SAME:
                if label == "createCategory":
                    form = {"username": client.username, "password": client.password}
                    await http.post("auth/login", data=form)
                answer = await self.ask(http, label, saved[label]["request"], client)

                real = saved[label]["response"]
                assert (answer.status_code, self.body(answer)) == (real["status"], real["body"]), (
                    label
                )

    @staticmethod
    def body(answer):
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json else answer.text

    @staticmethod
    async def ask(http, label, asked, client):
        path = asked["url"].partition("/api/v2/")[2]
        own = {"adminadmin": client.password, "username=admin": f"username={client.username}"}
        body = asked["body"]
        for theirs, ours in own.items():
            body = body.replace(theirs, ours)
        kept = ("referer", "origin", "content-type")
        headers = {k: v for k, v in asked["headers"].items() if k in kept}
        if "host header" in label:
            headers["host"] = asked["headers"]["host"]
        if label == "bogus SID":
            headers["cookie"] = "SID=bogus; QBT_SID_1=bogus"
        return await http.request(asked["method"], path, content=body, headers=headers)


async def test_five_wrong_passwords_ban_and_a_restart_forgives(tmp_path, version):
    client = QBittorrentStandIn(tmp_path, version=version)
    async with open_client(client, nobody=True) as http:
        wrong = {"username": "sandbox", "password": "bad"}
        answers = [await http.post("auth/login", data=wrong) for _ in range(7)]
        told = [(a.status_code, a.text[:14]) for a in answers]
        refusal = (401, "Unauthorized") if version == "5.3.0" else (200, "Fails.")
        assert told == [refusal] * 5 + [(403, "Your IP addres")] * 2

        client.restart()
        form = {"username": client.username, "password": client.password}
        assert (await http.post("auth/login", data=form)).is_success


async def test_an_api_key_opens_the_newest_only(tmp_path, version):
    client = QBittorrentStandIn(tmp_path, version=version)
    async with open_client(client, nobody=True) as http:
        key = {"Authorization": f"Bearer {client.api_key}"}
        asked = await http.get("app/version", headers=key)

        assert asked.status_code == (200 if version == "5.3.0" else 403)
        assert (
            await http.get("app/version", headers={"Authorization": "Bearer no"})
        ).status_code == 403


async def test_an_idle_session_ends(tmp_path):
    now = [1000.0]
    client = QBittorrentStandIn(tmp_path, clock=lambda: now[0])
    async with open_client(client) as http:
        now[0] += 3601

        assert (await http.get("app/version")).text == "Forbidden"


async def test_an_addition_is_listed_a_moment_later_and_its_duplicate_refused(tmp_path, version):
    client = QBittorrentStandIn(tmp_path, version=version)
    async with open_client(client) as http:
        first = await added(http, category="b", tags="t1,t2")
        assert await info(http) == []
        second = await added(http)
        broken = await added(http, b"<html>")

        if version == "5.3.0":
            assert first.json() == {
                "added_torrent_ids": [HASH],
                "success_count": 1,
                "failure_count": 0,
                "pending_count": 0,
            }
            assert (second.status_code, second.text) == (409, "Conflict")
        else:
            assert (first.text, second.status_code, second.text) == ("Ok.", 200, "Fails.")
        assert (broken.status_code, broken.text) == (
            415,
            "Error: 'a.torrent' is not a valid torrent file.",
        )
        row = await wait_for(http, "checkingResumeData")
        assert (row["category"], row["tags"], row["progress"]) == ("b", "t1, t2", 0)
        assert client.added == [HASH]


async def test_a_download_goes_through_its_states_and_leaves_playable_files(tmp_path, version):
    client = QBittorrentStandIn(tmp_path, version=version, payload=lambda _: offer(), seconds=0.3)
    async with open_client(client) as http:
        await added(http, category="books", autoTMM="true")
        loading = await wait_for(http, "downloading")
        assert 0 < loading["progress"] < 1
        assert loading["completion_on"] == (0 if version == "4.5.2" else -1)

        done = await wait_for(http, "stalledUP")

        assert (done["progress"], done["amount_left"], done["eta"]) == (1, 0, 8_640_000)
        assert done["save_path"] == str(tmp_path / "books")
        book = tmp_path / "books" / "Book" / "Book.m4b"
        tag = TinyTag.get(book)
        assert (tag.duration, tag.filesize) == (90 * 60, 20_000_000)
        assert (tag.album, tag.artist, tag.composer) == (
            "A Study in Scarlet",
            "Arthur Conan Doyle",
            "Ada Quill",
        )
        assert (book.parent / "cover.jpg").stat().st_size == 180_000


async def test_the_playing_time_is_shared_out_over_several_files(tmp_path):
    files = [(f"Book/{n}.mp3", 10_000_000) for n in (1, 2, 3)]
    client = QBittorrentStandIn(tmp_path, payload=lambda _: offer(minutes=60), seconds=0.01)
    async with open_client(client) as http:
        await added(http, make_torrent("Book", files))
        await wait_for(http, "stalledUP")

    lengths = [TinyTag.get(tmp_path / path).duration for path, _ in files]
    assert lengths == pytest.approx([1200] * 3, abs=0.1)


async def test_the_categorys_folder_counts_under_automatic_management_only(tmp_path):
    client = QBittorrentStandIn(tmp_path)
    async with open_client(client) as http:
        await http.post(
            "torrents/createCategory", data={"category": "b", "savePath": str(tmp_path / "own")}
        )
        wanted = {"category": "b", "savepath": str(tmp_path / "said")}
        paths = []
        for auto in ("true", "false"):
            await added(http, autoTMM=auto, **wanted)
            paths.append((await wait_for(http, "checkingResumeData"))["save_path"])
            await http.post("torrents/delete", data={"hashes": HASH, "deleteFiles": "true"})

    assert paths == [str(tmp_path / "own"), str(tmp_path / "said")]


async def test_paths_are_absolute_however_the_folder_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with open_client(QBittorrentStandIn(Path("downloads"))) as http:
        await added(http)
        row = await wait_for(http, "checkingResumeData")

    assert row["save_path"] == str(tmp_path / "downloads")


async def test_a_private_magnet_never_finds_its_metadata_and_a_public_one_does(tmp_path):
    public = make_torrent("Open", [("Open.m4b", 5_000_000)], private=False)
    client = QBittorrentStandIn(tmp_path, seconds=0.01)
    client.swarm = {HASH: TORRENT, read(public).infohash: public}
    async with open_client(client) as http:
        link = f"magnet:?xt=urn:btih:{read(public).infohash}"
        await http.post("torrents/add", data={"urls": f"{PRIVATE_MAGNET}\n{link}"})
        await asyncio.sleep(0.5)
        rows = {row["hash"]: row for row in await info(http)}

        stuck = rows[HASH]
        assert (stuck["state"], stuck["size"], stuck["content_path"]) == ("metaDL", 0, "")
        assert rows[read(public).infohash]["state"] == "stalledUP"

        assert (await added(http)).text == "Fails."
        assert (await info(http, hashes=HASH))[0]["size"] == 20_180_000


@pytest.mark.parametrize(("fault", "failing"), [("stalled", False), ("dead", True)])
async def test_a_release_that_gets_no_data_stalls_and_its_tracker_says_why(
    tmp_path, version, fault, failing
):
    client = QBittorrentStandIn(
        tmp_path, version=version, payload=lambda _: offer(fault=fault), seconds=0.05
    )
    async with open_client(client) as http:
        await added(http)
        row = await wait_for(http, "stalledDL")
        await asyncio.sleep(0.1)

        trackers = (await http.get("torrents/trackers", params={"hash": HASH})).json()
        assert (row["progress"], (await info(http))[0]["completed"]) == (0, 0)
        assert [t["url"][:3] for t in trackers] == ["** ", "** ", "** ", "htt"]
        status = {True: 5 if version == "5.3.0" else 4, False: 2}[failing]
        assert (trackers[3]["status"], trackers[3]["msg"]) == (
            status,
            "Unregistered torrent" if failing else "",
        )


async def test_trackers_refuse_or_cannot_be_reached_when_told_to_and_hold_up_what_is_not_done(
    tmp_path, version
):
    client = QBittorrentStandIn(tmp_path, version=version, seconds=0.05)
    client.faults.tracker = "Unrecognized host/PassKey. (192.0.2.7)"
    tells = version == "5.3.0"

    async def tracker(http):
        return (await http.get("torrents/trackers", params={"hash": HASH})).json()[3]

    async with open_client(client) as http:
        await added(http)
        row = await wait_for(http, "stalledDL")
        refused = await tracker(http)
        client.faults.tracker, client.faults.unreachable = "", "Connection refused"
        away = await tracker(http)
        client.faults.unreachable = ""
        await http.post("torrents/reannounce", data={"hashes": HASH})
        done = await wait_for(http, "stalledUP")
        well = await tracker(http)

    assert (row["progress"], done["progress"]) == (0, 1)
    assert (refused["status"], refused["msg"][:12]) == (5 if tells else 4, "Unrecognized")
    assert (away["status"], away["msg"]) == (6 if tells else 4, "Connection refused")
    assert (well["status"], well["msg"]) == (2, "")
    assert client.reannounced == [HASH]


async def test_an_executable_comes_as_one_or_dressed_as_audio(tmp_path):
    bad = offer(fault="executable")
    client = QBittorrentStandIn(tmp_path, payload=lambda _: bad, seconds=0.01)
    open_one = make_torrent("Open", [("a.m4b", 900_000), ("Codec Setup.exe", 9_000)])
    async with open_client(client) as http:
        await added(http, open_one)
        await added(http)
        async with asyncio.timeout(3):
            while [row["state"] for row in await info(http)] != ["stalledUP"] * 2:  # over HTTP
                await asyncio.sleep(0.02)

    assert (tmp_path / "Open" / "Codec Setup.exe").read_bytes()[:2] == b"MZ"
    assert (tmp_path / "Book" / "Book.m4b").read_bytes()[:2] == b"MZ"


async def test_every_fault_shows_as_the_state_that_the_real_one_has(tmp_path):
    client = QBittorrentStandIn(tmp_path, seconds=0.01)
    async with open_client(client) as http:
        client.faults.disk_full = True
        await added(http)
        await wait_for(http, "error")
        client.faults.disk_full = False
        assert (await wait_for(http, "error"))["progress"] < 1
        await http.post("torrents/start", data={"hashes": HASH})
        await wait_for(http, "stalledUP")

        client.faults.moving = True
        assert (await wait_for(http, "moving"))["progress"] == 1
        client.faults.moving, client.faults.missing = False, True
        assert (await wait_for(http, "missingFiles"))["progress"] == 0
        client.faults.missing = False
        client.restart()
        assert (await http.get("torrents/info")).status_code == 403


async def test_additions_are_refused_or_swallowed_on_demand(tmp_path):
    client = QBittorrentStandIn(tmp_path)
    async with open_client(client) as http:
        client.faults.refuses = True
        assert (await added(http)).text == "Fails."
        client.faults.refuses, client.faults.swallows = False, True
        assert (await added(http)).text == "Ok."
        await asyncio.sleep(0.15)
        assert await info(http) == []
        client.faults.unavailable = True
        assert (await http.get("app/version")).status_code == 503


async def test_stopping_has_the_words_of_its_version(tmp_path, version):
    client = QBittorrentStandIn(tmp_path, version=version, seconds=0.1)
    old = version == "4.5.2"
    stop, start, state = ("pause", "resume", "pausedDL") if old else ("stop", "start", "stoppedDL")
    async with open_client(client) as http:
        await added(http, paused="true", stopped="true")
        await wait_for(http, state)
        one = {"hashes": HASH}
        assert (await http.post("torrents/stop" if old else "torrents/pause", data=one)).is_error
        assert (await http.post(f"torrents/{start}", data=one)).is_success
        await wait_for(http, "stalledUP")
        assert (await http.post(f"torrents/{stop}", data=one)).is_success
        await wait_for(http, state.replace("DL", "UP"))


async def test_synchronisation_tells_changes_within_a_session_and_all_outside(tmp_path, version):
    client = QBittorrentStandIn(tmp_path, version=version, seconds=30)

    async def sync(rid):
        return (await http.get("sync/maindata", params={"rid": rid})).json()

    async with open_client(client) as http:
        first = await sync(0)
        assert (first["rid"], first["full_update"]) == (1, True)
        assert ("torrents" in first) == (version == "4.5.2")
        assert await sync(1) == {"rid": 2}

        await added(http, stopped="true", paused="true")
        await asyncio.sleep(0.35)
        new = await sync(2)
        assert set(new) == {"rid", "torrents"}
        assert "hash" not in new["torrents"][HASH]
        await http.post("torrents/addTags", data={"hashes": HASH, "tags": "x"})
        assert (await sync(3))["torrents"] == {HASH: {"tags": "x"}}
        await http.post("torrents/delete", data={"hashes": HASH, "deleteFiles": "true"})
        assert (await sync(4))["torrents_removed"] == [HASH]
        assert (await sync(3))["full_update"] is True


async def test_everything_is_kept_over_a_restart_of_the_sandbox(tmp_path):
    kept = {"state": tmp_path / "state" / "client.json", "seconds": 0.05}
    downloads = tmp_path / "downloads"
    async with open_client(QBittorrentStandIn(downloads, **kept)) as http:
        await http.post("torrents/createCategory", data={"category": "b", "savePath": "own"})
        await http.post("torrents/add", data={"urls": "magnet:?xt=urn:btih:" + "a" * 40})
        await added(http, category="b", tags="t1", ratioLimit="-1", stopped="true")
        await http.post("torrents/start", data={"hashes": HASH})
        await asyncio.sleep(0.5)
        before = {row["hash"]: row for row in await info(http)}

    async with open_client(QBittorrentStandIn(downloads, **kept)) as http:
        await asyncio.sleep(0.3)
        after = {row["hash"]: row for row in await info(http)}
        categories = (await http.get("torrents/categories")).json()

    assert before[HASH]["state"] == "stalledUP"
    for changing in ("seeding_time",):
        assert before[HASH].pop(changing) <= after[HASH].pop(changing)
        assert before["a" * 40].pop(changing) == after["a" * 40].pop(changing) == 0
    assert after == before
    assert categories["b"]["savePath"] == "own"
