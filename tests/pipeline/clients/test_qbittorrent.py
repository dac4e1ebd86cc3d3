import asyncio
import contextlib
import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from pipeline.clients.qbittorrent import QBittorrent, State, Torrent, Tracker, Version
from pipeline.clients.qbittorrent import client as module
from pipeline.clients.qbittorrent.answers import (
    READ,
    STATES,
    merge,
    read_files,
    read_properties,
    read_torrent,
    read_torrents,
    read_trackers,
    read_version,
    was_added,
)
from pipeline.domain.bencode import encode
from pipeline.domain.torrents import read
from pipeline.errors import (
    BadInput,
    ServiceBlocked,
    ServiceDown,
    ServiceRefused,
    UnexpectedAnswer,
    Unsafe,
)
from pipeline.remote import Answer, Remote
from pipeline.sandbox.qbittorrent import QBittorrentStandIn
from pipeline.sandbox.serve import serve
from pipeline.sandbox.torrents import make_torrent
from tests.support.shared import shared

VERSIONS = ("4.5.2", "5.1.0", "5.3.0")
TORRENT = make_torrent("Book", [("Book.m4b", 20_000_000)])
HASH = read(TORRENT).infohash
ROW = {
    "added_on": 1_795_332_661,
    "category": "bookrunner",
    "completed": 10,
    "completion_on": 1_795_332_662,
    "content_path": "/downloads/Book",
    "dlspeed": 7,
    "eta": 8_640_000,
    "hash": HASH,
    "infohash_v1": HASH,
    "infohash_v2": "",
    "name": "Book",
    "num_seeds": 2,
    "progress": 1,
    "ratio": 0.5,
    "save_path": "/downloads",
    "seeding_time": 60,
    "size": 10,
    "state": "stalledUP",
    "tags": "a, b",
}


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@contextlib.asynccontextmanager
async def asking(client, **credentials):
    """Serve the stand-in; give our client, signed in as its user unless told otherwise."""
    given = credentials or {"username": client.username, "password": client.password}
    async with serve(client.app) as url, Remote("qBittorrent", url) as remote:
        yield QBittorrent(remote, **given)


async def finished(qbittorrent, infohash=HASH, within=3.0):
    async with asyncio.timeout(within):
        while True:
            torrent = await qbittorrent.torrent(infohash)
            if torrent and torrent.is_done:
                return torrent
            await asyncio.sleep(0.02)


def hybrid():
    leaf = {"": {"length": 10, "pieces root": b"r" * 32}}
    info = {"name": "Book", "piece length": 16384, "pieces": b"x" * 20, "length": 10}
    return encode({"info": {**info, "meta version": 2, "file tree": {"Book": leaf}}})


class TestSavedAnswers:
    """Every answer that real ones gave, read or refused."""

    READERS = (
        ("torrents/info", read_torrents),
        ("torrents/files", read_files),
        ("torrents/trackers", read_trackers),
        ("torrents/properties", read_properties),
        ("sync/maindata", lambda answer: merge(None, answer, 1)),
    )

    def exchanges(self, version):
        for saved in sorted(shared("facts", "qbittorrent", version).glob("*.json")):
            for exchange in json.loads(saved.read_text()):
                if "response" in exchange:
                    yield exchange["request"], exchange["response"], exchange["label"]

    def test_every_saved_answer_is_read_or_refused_for_a_reason(self, version, figure):
        told = Counter()
        for asked, answered, label in self.exchanges(version):
            reader = next((r for path, r in self.READERS if f"/{path}" in asked["url"]), None)
            if reader is None or answered["status"] != 200:
                continue
            body = answered["body"]
            try:
                reader(body)
            except UnexpectedAnswer as refusal:
                told[self.why(body, refusal, label)] += 1
            else:
                told["read"] += 1
        figure(f"qBittorrent {version}: {dict(told)}")
        assert set(told) <= {"read", "cut short by the recording", "changes without a base"}
        assert told["read"] >= 40

    @staticmethod
    def why(body, refusal, label):
        if isinstance(body, str) and "truncated" in body:
            return "cut short by the recording"
        return "changes without a base" if "do not have" in str(refusal) else f"{label}: {refusal}"

    def test_every_saved_addition_is_understood(self, version):
        told = {}
        for asked, answered, label in self.exchanges(version):
            if "/torrents/add" in asked["url"] and asked["method"] == "POST":
                if answered["status"] == 415:
                    continue
                body = answered["body"]
                raw = (json.dumps(body) if isinstance(body, dict) else body).encode()
                told[label] = was_added(Answer(answered["status"], {}, raw))

        assert told["add magnet"]
        assert told["add .torrent file with options (stopped)"]
        refused = {label for label, added in told.items() if not added}
        assert {"add duplicate magnet", "add duplicate .torrent", "add nothing"} <= refused
        assert "add http url 404 (local)" not in refused

    def test_the_saved_synchronisation_adds_up_to_the_saved_list(self, version):
        answers, listed = [], None
        for _, answered, label in self.exchanges(version):
            if label.startswith("maindata") and isinstance(answered["body"], dict):
                answers.append(answered["body"])
            if label == "info downloading":
                listed = read_torrents(answered["body"])
        state = None
        for answer in answers:
            state = merge(state, answer, 1)

        (synced,), (known,) = state.torrents, listed
        assert (synced.hash, synced.save_path, synced.size) == (
            known.hash,
            known.save_path,
            known.size,
        )
        assert state.torrent(known.hash).completed <= known.completed
        assert state.free_space > 1_000_000_000

    def test_a_saved_hybrid_answers_to_all_its_hashes(self):
        saved = shared("facts", "qbittorrent", "5.1.0", "failures.json")
        rows = {e["label"]: e for e in json.loads(saved.read_text())}["info hybrid"]
        (torrent,) = read_torrents(rows["response"]["body"])

        assert torrent.hash == torrent.infohash_v2[:40] != torrent.infohash
        for name in (torrent.infohash_v1, torrent.infohash_v2, torrent.hash.upper()):
            assert torrent.answers_to(name)
        assert not torrent.answers_to("")

    def test_saved_versions_are_read(self, version):
        labels = {label: answered["body"] for _, answered, label in self.exchanges(version)}

        found = read_version(labels["app/version"], labels["app/webapiVersion"])

        assert found.app == f"v{version}"
        assert (found.api >= (2, 11)) == (version != "4.5.2")


class TestRows:
    """What a row means."""

    def test_a_row_becomes_a_torrent(self):
        assert read_torrent(ROW) == Torrent(
            hash=HASH,
            infohash_v1=HASH,
            infohash_v2=None,
            name="Book",
            state=State.COMPLETED,
            raw_state="stalledUP",
            progress=1.0,
            completed=10,
            size=10,
            save_path="/downloads",
            content_path="/downloads/Book",
            category="bookrunner",
            tags=frozenset({"a", "b"}),
            ratio=0.5,
            seeding_time=60,
            added_on=datetime(2026, 11, 22, 7, 31, 1, tzinfo=UTC),
            completion_on=datetime(2026, 11, 22, 7, 31, 2, tzinfo=UTC),
            eta=None,
            speed=7,
            seeds=2,
        )

    @pytest.mark.parametrize("never", [0, -1])
    def test_a_torrent_that_is_not_done_has_no_moment_of_completion(self, never):
        assert read_torrent(ROW | {"completion_on": never}).completion_on is None

    @pytest.mark.parametrize(
        ("path", "whole"),
        [
            ("/d/B", "/d/B"),
            ("C:\\d\\B", "C:\\d\\B"),
            ("\\\\nas\\B", "\\\\nas\\B"),
            ("B", None),
            ("", None),
        ],
    )
    def test_a_content_path_that_is_not_whole_is_none(self, path, whole):
        assert read_torrent(ROW | {"content_path": path}).content_path == whole

    @pytest.mark.parametrize(
        ("state", "progress", "done"),
        [
            *[(s, 1, True) for s in ("uploading", "stalledUP", "forcedUP", "queuedUP")],
            *[(s, 1, True) for s in ("pausedUP", "stoppedUP")],
            *[(s, 1, False) for s in ("moving", "checkingUP", "missingFiles", "error", "new one")],
            ("checkingResumeData", 0, False),
            ("stalledUP", 0.99, False),
            ("downloading", 1, False),
        ],
    )
    def test_only_a_checked_torrent_in_its_place_is_done(self, state, progress, done):
        assert read_torrent(ROW | {"state": state, "progress": progress}).is_done is done

    def test_both_generations_name_the_same_states(self):
        assert STATES["pausedDL"] is STATES["stoppedDL"] is State.PAUSED
        assert read_torrent(ROW | {"state": "new one"}).state is State.UNKNOWN
        assert set(State) - set(STATES.values()) == {State.UNKNOWN}

    def test_metadata_that_is_missing_makes_no_negative_size(self):
        assert read_torrent(ROW | {"size": -1, "state": "metaDL"}).size == 0

    @pytest.mark.parametrize("field", sorted(ROW))
    def test_a_row_without_a_field_is_refused(self, field):
        with pytest.raises(UnexpectedAnswer, match="torrents"):
            read_torrent({k: v for k, v in ROW.items() if k != field})

    def test_what_is_read_is_what_a_synchronisation_keeps(self):
        assert set(ROW) == READ

    @pytest.mark.parametrize("answer", [None, {}, "text", [1], [{"name": 1}]])
    def test_what_is_no_answer_is_refused(self, answer):
        for reader in (read_torrents, read_files, read_trackers):
            with pytest.raises(UnexpectedAnswer):
                reader(answer)
        with pytest.raises(UnexpectedAnswer):
            read_properties(answer)

    def test_a_tracker_is_known_by_its_host_without_its_passkey(self):
        rows = [
            {"url": "** [DHT] **", "status": 0, "msg": ""},
            {
                "url": "https://t.example/SECRET/announce",
                "status": 4,
                "msg": "Unregistered torrent",
            },
            {"url": "http://[broken", "status": 2, "msg": "be nice"},
        ]

        assert read_trackers(rows) == (
            Tracker("t.example", is_failing=True, message="Unregistered torrent"),
            Tracker("", is_failing=False, message="be nice", is_working=True),
        )

    @pytest.mark.parametrize("answer", [{}, {"rid": "1"}, [], {"rid": 3, "torrents": {}}])
    def test_changes_to_nothing_are_refused(self, answer):
        with pytest.raises(UnexpectedAnswer, match="sync"):
            merge(None, answer, 1)


class TestSigningIn:
    """Once, again after a restart, never twice with a bad password."""

    async def test_a_password_opens_and_a_restart_is_survived(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin) as qbittorrent:
            assert (await qbittorrent.version()).app == f"v{version}"
            standin.restart()
            assert await qbittorrent.torrents() == ()
            assert await qbittorrent.version() == Version(f"v{version}", standin.api)

        assert standin.sessions.passwords == [standin.password] * 2

    async def test_many_at_once_log_in_once(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin) as qbittorrent:
            for _ in range(2):
                await asyncio.gather(*(qbittorrent.torrents() for _ in range(8)))
                standin.restart()

        assert len(standin.sessions.passwords) == 2

    async def test_a_refused_password_is_sent_once_and_never_again(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        wrong = {"username": standin.username, "password": "wrong-password"}
        async with asking(standin, **wrong) as qbittorrent:
            for _ in range(10):
                with pytest.raises(ServiceRefused, match="user or password refused") as refusal:
                    await qbittorrent.torrents()
            assert "wrong-password" not in str(refusal.value)

        assert standin.sessions.passwords == ["wrong-password"]

    async def test_a_ban_is_told_apart_from_a_refusal(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        wrong = {"username": standin.username, "password": "bad"}
        async with serve(standin.app) as url:
            for _ in range(5):
                async with Remote("qBittorrent", url) as remote:
                    with pytest.raises(ServiceRefused):
                        await QBittorrent(remote, **wrong).torrents()
            async with Remote("qBittorrent", url) as remote:
                good = QBittorrent(remote, username=standin.username, password=standin.password)
                with pytest.raises(ServiceBlocked, match="banned") as blocked:
                    await good.torrents()

        assert blocked.value.after.total_seconds() == pytest.approx(3600, abs=5)
        assert standin.sessions.passwords == ["bad"] * 5 + [standin.password]

    async def test_an_api_key_opens_5_2_and_is_refused_before(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin, api_key=standin.api_key, password="unused") as qbittorrent:
            if version == "5.3.0":
                assert (await qbittorrent.version()).api == (2, 16, 2)
                await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            else:
                with pytest.raises(ServiceRefused, match=r"5\.2 or newer"):
                    await qbittorrent.version()

        assert standin.sessions.passwords == []

    async def test_a_wrong_api_key_is_not_tried_again(self, tmp_path):
        standin = QBittorrentStandIn(tmp_path, version="5.3.0")
        async with asking(standin, api_key="qbt_wrong") as qbittorrent:
            with pytest.raises(ServiceRefused, match="API key refused"):
                await qbittorrent.version()
            with pytest.raises(ServiceRefused, match="not tried again"):
                await qbittorrent.version()

    async def test_without_a_password_the_service_is_asked_and_says_no(self, tmp_path):
        async with asking(QBittorrentStandIn(tmp_path), username="x") as qbittorrent:
            with pytest.raises(ServiceRefused, match="asks for a password"):
                await qbittorrent.torrents()


class TestAdding:
    """One torrent, however often it is asked for."""

    async def test_an_addition_is_there_when_it_returns_with_all_its_options(
        self, tmp_path, version
    ):
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin) as qbittorrent:
            torrent = await qbittorrent.add(TORRENT, infohash=HASH, tags=["book-1", "x"])

        assert (torrent.hash, torrent.category) == (HASH, "bookrunner")
        assert torrent.tags == {"book-1", "x"}
        assert torrent.save_path == str(tmp_path / "bookrunner")
        held = standin.held[HASH]
        assert not held.is_paused()
        assert set(held.limits.values()) == {-1}
        assert len(held.limits) == 3

    async def test_a_path_a_name_and_a_pause_are_respected(self, tmp_path, version):
        path = str(tmp_path / "own")
        async with asking(QBittorrentStandIn(tmp_path, version=version)) as qbittorrent:
            torrent = await qbittorrent.add(
                TORRENT, infohash=HASH, tags=["t"], save_path=path, rename="Mine", paused=True
            )
            await asyncio.sleep(0.3)
            paused = await qbittorrent.torrent(HASH)

        assert (torrent.name, torrent.save_path) == ("Mine", path)
        assert paused.state is State.PAUSED

    async def test_the_same_torrent_twice_is_added_once(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin) as qbittorrent:
            both = await asyncio.gather(
                qbittorrent.add(TORRENT, infohash=HASH, tags=["t"]),
                qbittorrent.add(TORRENT, infohash=HASH.upper(), tags=["t"]),
            )
            again = await qbittorrent.add(TORRENT, infohash=HASH, tags=["other"])

        assert {t.hash for t in both} == {again.hash} == {HASH}
        assert standin.added == [HASH]

    async def test_a_refusal_is_told_apart_from_a_duplicate(self, tmp_path, version, monkeypatch):
        monkeypatch.setattr(module, "APPEARS_WITHIN", 0.4)
        standin = QBittorrentStandIn(tmp_path, version=version)
        standin.faults.refuses = True
        async with asking(standin) as qbittorrent:
            with pytest.raises(ServiceRefused, match=r"add: (Fails\.|Conflict)"):
                await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])

    async def test_an_addition_that_never_appears_is_worth_another_try(
        self, tmp_path, version, monkeypatch
    ):
        monkeypatch.setattr(module, "APPEARS_WITHIN", 0.4)
        standin = QBittorrentStandIn(tmp_path, version=version)
        standin.faults.swallows = True
        async with asking(standin) as qbittorrent:
            with pytest.raises(ServiceDown, match="accepted, but absent"):
                await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])

    async def test_what_is_no_torrent_or_another_one_is_never_sent(self, tmp_path):
        standin = QBittorrentStandIn(tmp_path)
        async with asking(standin) as qbittorrent:
            for data, infohash in ((b"<html>", HASH), (TORRENT, "a" * 40)):
                with pytest.raises(Unsafe):
                    await qbittorrent.add(data, infohash=infohash, tags=["t"])
            with pytest.raises(BadInput, match="comma"):
                await qbittorrent.add(TORRENT, infohash=HASH, tags=["a,b"])

        assert standin.added == []

    async def test_a_hybrid_is_found_by_its_first_hash_though_listed_under_its_second(
        self, tmp_path, version
    ):
        data = hybrid()
        infohash = read(data).infohash_v1
        async with asking(QBittorrentStandIn(tmp_path, version=version)) as qbittorrent:
            added = await qbittorrent.add(data, infohash=infohash, tags=["t"])
            again = await qbittorrent.add(data, infohash=infohash, tags=["t"])
            found = await qbittorrent.torrent(infohash)
            files = await qbittorrent.files(infohash)
            await qbittorrent.delete(infohash, delete_files=True)

            assert added.hash == again.hash == found.hash != infohash
            assert [f.path for f in files] == ["Book"]
            assert await qbittorrent.torrents() == ()

    async def test_a_private_magnet_waits_for_ever_and_its_torrent_wakes_it(
        self, tmp_path, version
    ):
        link = f"magnet:?xt=urn:btih:{HASH}&dn=Book&ws=http://evil.example/x"
        standin = QBittorrentStandIn(tmp_path, version=version, seconds=0.05)
        async with asking(standin) as qbittorrent:
            await qbittorrent.add_magnet(link, tags=["t"])
            again = await qbittorrent.add_magnet(link, tags=["t"])
            await asyncio.sleep(0.4)
            stuck = await qbittorrent.torrent(HASH)
            assert (again.hash, stuck.state, stuck.content_path) == (HASH, State.METADATA, None)
            assert await qbittorrent.files(HASH) == ()

            await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            assert (await finished(qbittorrent)).size == 20_000_000

        assert standin.added == [HASH]

    async def test_a_link_that_is_no_magnet_is_refused(self, tmp_path):
        async with asking(QBittorrentStandIn(tmp_path)) as qbittorrent:
            with pytest.raises(Unsafe, match="magnet"):
                await qbittorrent.add_magnet("http://x/a.torrent", tags=["t"])


class TestFollowing:
    """From the first byte to the last, and after."""

    async def test_a_torrent_is_followed_to_its_end(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version, seconds=0.1)
        async with asking(standin) as qbittorrent:
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            done = await finished(qbittorrent)
            (file,) = await qbittorrent.files(HASH)
            properties = await qbittorrent.properties(HASH)

        assert done.completion_on is not None
        assert (file.path, file.size, file.progress, file.is_wanted) == (
            "Book/Book.m4b",
            20_000_000,
            1.0,
            True,
        )
        assert (tmp_path / "bookrunner" / file.path).stat().st_size == file.size
        assert (properties.private, properties.save_path) == (True, done.save_path)

    async def test_lists_are_by_category_tag_or_hashes(self, tmp_path, version):
        other = make_torrent("Other", [("Other.m4b", 5_000_000)])
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin) as qbittorrent:
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["one"])
            qbittorrent.category = "elsewhere"
            await qbittorrent.add(other, infohash=read(other).infohash, tags=["two"])

            async def hashes(**by):
                return [t.hash for t in await qbittorrent.torrents(**by)]

            assert await hashes() == [read(other).infohash]
            assert await hashes(category="bookrunner") == [HASH]
            assert await hashes(tag="one") == [HASH]
            assert await hashes(tag="no such tag") == []
            assert await hashes(hashes=[HASH.upper(), *["f" * 40] * 60]) == [HASH]

    async def test_a_dead_release_shows_at_its_tracker_only(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        standin.faults.tracker = "Unregistered torrent"
        async with asking(standin) as qbittorrent:
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            await asyncio.sleep(0.3)
            torrent, trackers = await qbittorrent.torrent(HASH), await qbittorrent.trackers(HASH)

        assert torrent.state is State.STALLED
        assert trackers == (Tracker("127.0.0.1", is_failing=True, message="Unregistered torrent"),)

    async def test_a_torrent_that_is_not_there_is_none_and_its_details_a_refusal(self, tmp_path):
        async with asking(QBittorrentStandIn(tmp_path)) as qbittorrent:
            assert await qbittorrent.torrent(HASH) is None
            with pytest.raises(ServiceRefused, match="it has no torrent"):
                await qbittorrent.files(HASH)

    async def test_a_service_that_is_down_is_worth_another_try(self, tmp_path):
        standin = QBittorrentStandIn(tmp_path)
        standin.faults.unavailable = True
        async with asking(standin) as qbittorrent:
            with pytest.raises(ServiceDown):
                await qbittorrent.torrents()


class TestSynchronising:
    """One poll for all torrents."""

    async def test_changes_are_merged_and_removals_followed(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version, seconds=0.1)
        async with asking(standin) as qbittorrent:
            empty = await qbittorrent.sync()
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            new = await qbittorrent.sync(empty)
            await finished(qbittorrent)
            done = await qbittorrent.sync(new)
            listed = await qbittorrent.torrent(HASH)
            await qbittorrent.delete(HASH, delete_files=True)
            gone = await qbittorrent.sync(done)

        assert (empty.torrents, gone.torrents) == ((), ())
        assert not new.torrent(HASH).is_done
        assert done.torrent(HASH).is_done
        assert set(done.rows[HASH]) == READ
        assert (done.torrent(HASH).name, done.torrent(HASH).tags) == (listed.name, listed.tags)
        assert [s.polls for s in (empty, new, done, gone)] == [0, 1, 2, 3]
        assert gone.free_space == empty.free_space > 0

    async def test_a_lost_session_starts_anew_and_misses_nothing(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version, seconds=30)
        async with asking(standin) as qbittorrent:
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            state = None
            for _ in range(4):
                state = await qbittorrent.sync(state)
            standin.held.clear()
            standin.restart()
            # Other polls of the new session reach the very rid that we hold.
            while (await qbittorrent.sync()).rid < state.rid:
                pass
            assert [web.rid for web in standin.sessions.open.values()] == [state.rid]

            fresh = await qbittorrent.sync(state)

        assert fresh.session != state.session
        assert (fresh.polls, fresh.torrents) == (0, ())

    async def test_a_session_lost_within_the_poll_is_noticed(self, tmp_path):
        standin = QBittorrentStandIn(tmp_path, seconds=30)
        async with asking(standin) as qbittorrent:
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            state = await qbittorrent.sync()
            standin.restart()

            fresh = await qbittorrent.sync(state)

        assert (fresh.session, fresh.polls) == (state.session + 1, 0)
        assert fresh.torrent(HASH) is not None

    async def test_everything_is_asked_for_anew_now_and_then(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module, "FULL_EVERY", 2)
        async with asking(QBittorrentStandIn(tmp_path)) as qbittorrent:
            state, polls = None, []
            for _ in range(5):
                state = await qbittorrent.sync(state)
                polls.append(state.polls)

        assert polls == [0, 1, 2, 0, 1]

    async def test_free_space_is_told(self, tmp_path, version):
        async with asking(QBittorrentStandIn(tmp_path, version=version)) as qbittorrent:
            assert await qbittorrent.free_space() == 50_000_000_000


class TestSteering:
    """What we do to a torrent."""

    async def test_pause_and_resume_in_the_words_of_every_version(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version, seconds=30)
        async with asking(standin) as qbittorrent:
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
            await asyncio.sleep(0.3)
            await qbittorrent.pause(HASH)
            assert (await qbittorrent.torrent(HASH)).state is State.PAUSED
            await qbittorrent.resume(HASH)
            assert (await qbittorrent.torrent(HASH)).state is not State.PAUSED
            await qbittorrent.reannounce(HASH)
            await qbittorrent.recheck(HASH)
            assert (await qbittorrent.torrent(HASH)).state is State.CHECKING

    async def test_a_torrent_goes_with_its_files_or_without(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version, seconds=0.01)
        left = []
        async with asking(standin) as qbittorrent:
            for delete_files in (False, True):
                await qbittorrent.add(TORRENT, infohash=HASH, tags=["t"])
                await finished(qbittorrent)
                await qbittorrent.delete(HASH, delete_files=delete_files)
                await qbittorrent.delete(HASH, delete_files=delete_files)
                left.append(len(list(tmp_path.rglob("*.m4b"))))
                assert await qbittorrent.torrent(HASH) is None

        assert left == [1, 0]

    async def test_tags_come_and_go_beside_the_users_own(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin) as qbittorrent:
            await qbittorrent.add(TORRENT, infohash=HASH, tags=["theirs", "ours"])
            await qbittorrent.set_tags(HASH, add=["imported"], remove=["ours"])
            torrent = await qbittorrent.torrent(HASH)

        assert torrent.tags == {"theirs", "imported"}

    async def test_a_category_is_made_once_and_keeps_its_folder(self, tmp_path, version):
        standin = QBittorrentStandIn(tmp_path, version=version)
        async with asking(standin) as qbittorrent:
            await qbittorrent.create_category("mine")
            await qbittorrent.create_category("another")
            assert standin.categories == {"bookrunner": "mine"}

            qbittorrent.category = "//bad//"
            with pytest.raises(BadInput, match="Incorrect category name"):
                await qbittorrent.create_category()
