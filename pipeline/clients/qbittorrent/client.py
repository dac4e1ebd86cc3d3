"""Add torrents to qBittorrent, follow them, pause and remove them."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pipeline.clients.qbittorrent.answers import (
    SyncState,
    Version,
    merge,
    read_files,
    read_properties,
    read_torrents,
    read_trackers,
    read_version,
    was_added,
)
from pipeline.clients.qbittorrent.session import Session
from pipeline.domain import torrents
from pipeline.domain.transfers import Properties, State, Torrent, TorrentFile, Tracker
from pipeline.errors import BadInput, ServiceDown, ServiceRefused, UnexpectedAnswer, Unsafe
from pipeline.remote import Remote

STOP_SINCE = (2, 11)  # Web API of qBittorrent 5.0, which says stop and start for pause and resume
APPEARS_WITHIN = 10.0  # seconds; adding is asynchronous, about 0.1 s on an idle machine
FULL_EVERY = 100  # polls; a full list heals what a session that was lost unseen may have hidden
HASHES_AT_ONCE = 50
KEEP_SEEDING = -1  # no limit, so that no action of a limit, which may be to remove, is ever due


class QBittorrent:
    """One account at one qBittorrent. An API key (5.2 or newer) wins over user and password."""

    def __init__(
        self,
        remote: Remote,
        *,
        username: str = "",
        password: str = "",
        api_key: str = "",
        category: str = "bookrunner",
    ) -> None:
        self.category, self.address = category, remote.base_url.rstrip("/")
        self._session = Session(remote, username, password, api_key)
        self._version: tuple[int, Version] | None = None

    async def version(self) -> Version:
        """Return what runs there; asked once a session, for an upgrade ends every session."""
        if self._version is None or self._version[0] != self._session.number:
            app = await self._session.ask("GET", "app/version")
            api = await self._session.ask("GET", "app/webapiVersion")
            self._version = (self._session.number, read_version(app.text, api.text))
        return self._version[1]

    async def torrents(
        self, *, category: str | None = None, tag: str | None = None, hashes: Sequence[str] = ()
    ) -> tuple[Torrent, ...]:
        """List the torrents with one of *hashes*, or a *tag*, or a *category* (ours by default)."""
        if not hashes:
            by = {"tag": tag} if tag is not None else {"category": category or self.category}
            return await self._list(by)
        found: list[Torrent] = []
        for start in range(0, len(hashes), HASHES_AT_ONCE):
            part = hashes[start : start + HASHES_AT_ONCE]
            found += await self._list({"hashes": "|".join(h.lower()[:40] for h in part)})
        return tuple(found)

    async def torrent(self, infohash: str) -> Torrent | None:
        """Return the torrent of that infohash, or None when the client does not have it.

        A hybrid is listed under the hash of its second version only, so that one found by its
        first is looked for among all torrents of our category.
        """
        found = await self.torrents(hashes=[infohash])
        if found:
            return found[0]
        return next((t for t in await self.torrents() if t.answers_to(infohash)), None)

    async def files(self, infohash: str) -> tuple[TorrentFile, ...]:
        """List the files of a torrent; empty while it is a magnet link without metadata."""
        return read_files(await self._of("torrents/files", infohash))

    async def trackers(self, infohash: str) -> tuple[Tracker, ...]:
        """List the trackers of a torrent. One that refuses it shows here only, never as a state."""
        return read_trackers(await self._of("torrents/trackers", infohash))

    async def properties(self, infohash: str) -> Properties:
        """Return what is told of one torrent only on asking."""
        return read_properties(await self._of("torrents/properties", infohash))

    async def sync(self, known: SyncState | None = None) -> SyncState:
        """Bring *known* up to date with one request, however many torrents there are.

        A `rid` counts within one session; after a lost one everything is asked for anew.
        """
        session = await self._session.enter(0)
        while True:
            fresh = known is None or known.session != session or known.polls >= FULL_EVERY
            before = None if fresh else known
            rid = before.rid if before else 0
            answer = await self._session.ask("GET", "sync/maindata", params={"rid": rid})
            if session == self._session.number:
                return merge(before, answer.json(), session)
            session = self._session.number  # lost on the way: that answer counted from nowhere

    async def free_space(self) -> int:
        """Return the bytes free on the disk of the default save path.

        The next `sync` of this account starts anew; use `SyncState.free_space` where there is one.
        """
        state = await self.sync()
        if state.free_space is None:
            raise UnexpectedAnswer("qBittorrent: free space: not told")
        return state.free_space

    async def add(  # noqa: PLR0913  # what an addition can say, all by name
        self,
        torrent: bytes,
        *,
        infohash: str,
        tags: Sequence[str],
        save_path: str | None = None,
        rename: str | None = None,
        paused: bool = False,
    ) -> Torrent:
        """Add a .torrent and return it as the client then shows it; it may have been there before.

        Without *save_path* the category's own folder is used, which qBittorrent honours only under
        its automatic management; with it, that is switched off, or it would be ignored. Raises
        Unsafe for what is no .torrent, or another than *infohash*; ServiceRefused when qBittorrent
        will not have it; ServiceDown when it does not appear.
        """
        metainfo = torrents.read(torrent)
        if infohash.lower() not in metainfo.hashes:
            raise Unsafe(f"qBittorrent: add: the .torrent is not {infohash}")
        there = await self._present(metainfo.hashes)
        if there is not None and there.state is not State.METADATA:
            return there
        # A magnet link that waits for its metadata takes it from here, whatever the answer says.
        files = {"torrents": (f"{infohash}.torrent", torrent, "application/x-bittorrent")}
        options = self._options(tags, save_path, rename, paused=paused)
        return await self._add(metainfo.hashes, data=options, files=files)

    async def add_magnet(
        self, link: str, *, tags: Sequence[str], save_path: str | None = None
    ) -> Torrent:
        """Add a magnet link, stripped to hash, name and trackers.

        A private torrent never gets its metadata this way and stays in `State.METADATA` for ever:
        libtorrent does not exchange metadata of private torrents. Raises as `add` does.
        """
        magnet = torrents.read_magnet(link)
        hashes = tuple(h for h in (magnet.infohash_v1, (magnet.infohash_v2 or "")[:40]) if h)
        if there := await self._present(hashes):
            return there
        options = self._options(tags, save_path, None, paused=False) | {"urls": magnet.link}
        return await self._add(hashes, data=options)

    async def default_folder(self) -> str:
        """Return where torrents without a folder of their own are saved, in qBittorrent's paths."""
        return (await self._session.ask("GET", "app/defaultSavePath")).text.strip()

    async def create_category(self, save_path: str = "") -> None:
        """Make sure that our category exists; one that does keeps the folder that it has."""
        data = {"category": self.category, "savePath": save_path}
        expected = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})
        answer = await self._session.ask(
            "POST", "torrents/createCategory", data=data, expected=expected
        )
        if answer.status in expected:
            known = (await self._session.ask("GET", "torrents/categories")).json()
            if self.category not in known:
                raise BadInput(f"qBittorrent: category {self.category!r}: {answer.text[:80]}")

    async def set_tags(
        self, infohash: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Put tags on a torrent and take others off; the rest stay."""
        for action, tags in (("torrents/addTags", add), ("torrents/removeTags", remove)):
            if tags:
                await self._do(action, infohash, tags=_joined(tags))

    async def pause(self, infohash: str) -> None:
        """Stop a torrent."""
        stops = (await self.version()).api >= STOP_SINCE
        await self._do("torrents/stop" if stops else "torrents/pause", infohash)

    async def resume(self, infohash: str) -> None:
        """Start a stopped torrent, or one in error after its cause has gone."""
        starts = (await self.version()).api >= STOP_SINCE
        await self._do("torrents/start" if starts else "torrents/resume", infohash)

    async def reannounce(self, infohash: str) -> None:
        """Ask the trackers now; after a refusal they are asked again in half an hour only."""
        await self._do("torrents/reannounce", infohash)

    async def recheck(self, infohash: str) -> None:
        """Check the data on disk. What is missing is downloaded again, at the cost of ratio."""
        await self._do("torrents/recheck", infohash)

    async def delete(self, infohash: str, *, delete_files: bool) -> None:
        """Remove a torrent, with its data or without; one that is not there is no error."""
        await self._do("torrents/delete", infohash, deleteFiles=str(delete_files).lower())

    async def _list(self, by: Mapping[str, str]) -> tuple[Torrent, ...]:
        return read_torrents((await self._session.ask("GET", "torrents/info", params=by)).json())

    async def _of(self, action: str, infohash: str) -> Any:
        """Return what *action* tells of one torrent, under whatever name the client has for it."""
        expected = frozenset({HTTPStatus.NOT_FOUND})
        answer = await self._session.ask(
            "GET", action, params={"hash": infohash}, expected=expected
        )
        if answer.status == HTTPStatus.NOT_FOUND:
            found = await self.torrent(infohash)
            if found is None:
                raise ServiceRefused(f"qBittorrent: {action}: it has no torrent {infohash}")
            answer = await self._session.ask("GET", action, params={"hash": found.hash})
        return answer.json()

    async def _do(self, action: str, infohash: str, **more: str) -> None:
        found = await self.torrent(infohash)
        if found is not None:
            await self._session.ask("POST", action, data={"hashes": found.hash, **more})

    def _options(
        self, tags: Sequence[str], save_path: str | None, rename: str | None, *, paused: bool
    ) -> dict[str, str]:
        """Say everything that a preference of the client could otherwise decide differently."""
        stopped = str(paused).lower()
        options = {
            "category": self.category,
            "tags": _joined(tags),
            "paused": stopped,  # 4.x
            "stopped": stopped,  # 5.x
            "autoTMM": str(save_path is None).lower(),
            "contentLayout": "Original",
            "stopCondition": "None",
            "ratioLimit": str(KEEP_SEEDING),
            "seedingTimeLimit": str(KEEP_SEEDING),
            "inactiveSeedingTimeLimit": str(KEEP_SEEDING),
            "shareLimitAction": "Stop",  # 5.2 and newer; never one that removes
        }
        if save_path is not None:
            options["savepath"] = save_path
        return options | ({"rename": rename} if rename else {})

    async def _add(self, hashes: Sequence[str], **more: Any) -> Torrent:
        """Send an addition and believe the list of torrents rather than the answer.

        A duplicate and a refusal are answered alike: `Fails.`, or 409 since 5.2.
        """
        expected = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE})
        answer = await self._session.ask("POST", "torrents/add", expected=expected, **more)
        if answer.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            raise Unsafe(f"qBittorrent: add: {answer.text[:120]}")
        accepted = was_added(answer)
        within = APPEARS_WITHIN if accepted else APPEARS_WITHIN / 4
        if there := await self._appears(hashes, within):
            return there
        if accepted:
            raise ServiceDown(f"qBittorrent: add: accepted, but absent after {within:.0f} s")
        raise ServiceRefused(f"qBittorrent: add: {answer.text[:80] or answer.status}")

    async def _present(self, hashes: Sequence[str]) -> Torrent | None:
        return next(iter(await self.torrents(hashes=hashes)), None)

    async def _appears(self, hashes: Sequence[str], within: float) -> Torrent | None:
        """Look for a torrent until it is there, or *within* seconds have passed."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + within, 0.05
        while (there := await self._present(hashes)) is None and loop.time() < deadline:
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        return there


def _joined(tags: Sequence[str]) -> str:
    if any("," in tag or not tag.strip() for tag in tags):
        raise BadInput(f"qBittorrent: tags: {list(tags)} hold a comma or nothing")
    return ",".join(tags)
