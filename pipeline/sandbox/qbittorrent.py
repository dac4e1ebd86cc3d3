"""A stand-in of qBittorrent 4.5, 5.1 or 5.3, whose finished torrents really leave files.

It answers as was measured on the real ones, to the letter of their one-word answers.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pipeline.domain.torrents import read, read_magnet
from pipeline.errors import Unsafe
from pipeline.sandbox.qbittorrent_held import APPEARS, CHECKS, Faults, Held, Payload, read_held
from pipeline.sandbox.qbittorrent_rows import Rows
from pipeline.sandbox.qbittorrent_sessions import Sessions, Web

USERNAME = "sandbox"
PASSWORD = "sandbox-password"  # noqa: S105  # opens nothing but the sandbox
API_KEY = "qbt_sandboxsandboxsandboxsandbox"
WEB_API = {"4.5.2": (2, 8, 19), "5.1.0": (2, 11, 4), "5.3.0": (2, 16, 2)}
STOPS_SINCE = (2, 11)
JSON_SINCE = (2, 14)
CONFLICT = 409
Answer = Callable[[FormData, Web], Response]


class QBittorrentStandIn:
    """One client: `app` is to be served, `faults` switches what goes wrong.

    Data appears below *downloads*. *payload* says by infohash what the data of a torrent is; where
    it says nothing the torrent's own list of files has to do. A download takes *seconds*. *state*
    is a file that keeps everything over a restart. `swarm` holds the .torrent of infohashes whose
    magnet links find their metadata; private ones never do.
    """

    def __init__(  # noqa: PLR0913  # what a sandbox or a test may want different, all by name
        self,
        downloads: Path,
        *,
        version: Literal["4.5.2", "5.1.0", "5.3.0"] = "5.1.0",
        payload: Callable[[str], Payload | None] = lambda _: None,
        seconds: float = 0.6,
        state: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.username, self.password, self.api_key = USERNAME, PASSWORD, API_KEY
        self.downloads, self.version, self.api = downloads.resolve(), version, WEB_API[version]
        self.payload, self.seconds, self.clock = payload, seconds, clock
        self.faults = Faults()
        self.sessions = Sessions(USERNAME, PASSWORD, API_KEY, modern=self.api >= JSON_SINCE)
        self.held: dict[str, Held] = {}
        self.categories: dict[str, str] = {}
        self.tags: set[str] = set()
        self.swarm: dict[str, bytes] = {}
        self.reannounced: list[str] = []
        self.added: list[str] = []  # the hash of every addition that was accepted, in order
        self._rows = Rows(self)
        self._state = state
        self._actions = self._known_actions()
        self._load()
        route = Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT", "DELETE"])
        self.app = Starlette(routes=[route])

    def restart(self) -> None:
        """End and start again: torrents stay, sessions and bans go, everything is checked."""
        self.sessions.forget()
        for held in self.held.values():
            held.checking_until = self.clock() + CHECKS

    def path_of(self, category: str) -> str:
        """Return where automatic management saves torrents of a category."""
        own = self.categories.get(category, "")
        return str(self.downloads / (own or category))

    def listed(self) -> list[Held]:
        """Move everything on to this moment; return what a list shows by now."""
        now = self.clock()
        for held in self.held.values():
            self._move_on(held, now)
        return [held for held in self.held.values() if now - held.added_on >= APPEARS]

    def _move_on(self, held: Held, now: float) -> None:
        if held.metainfo is None and (data := self.swarm.get(held.hash)):
            found = read(data)
            if not found.private:
                held.metainfo, held.data, held.name = found, data, found.name
        if held.done_at is not None or held.problem or held.is_paused():
            return
        if self.faults.disk_full or not Path(held.save_path).is_relative_to(self.downloads):
            if now - held.added_on > APPEARS + CHECKS:
                held.problem = "error"
                held.pause(now)
        elif self.progress(held) == 1:
            held.write()
            held.done_at = now
            self.keep()

    def progress(self, held: Held) -> float:
        """Return the share of a torrent that is here."""
        if held.done_at is None and (self.faults.tracker or self.faults.unreachable):
            return 0.0
        share = held.progress(self.clock(), self.seconds)
        return share if held.done_at is not None else min(share, self.faults.stops_at)

    def keep(self) -> None:
        """Write everything down, where a file for it was given."""
        if self._state is not None:
            now = self.clock()
            kept = {
                "categories": self.categories,
                "torrents": [held.to_json(now) for held in self.held.values()],
            }
            self._state.parent.mkdir(parents=True, exist_ok=True)
            beside = self._state.with_suffix(".new")
            beside.write_text(json.dumps(kept), encoding="utf-8")
            beside.replace(self._state)

    def _load(self) -> None:
        if self._state is not None and self._state.exists():
            kept = json.loads(self._state.read_text(encoding="utf-8"))
            self.categories = kept["categories"]
            for row in kept["torrents"]:
                held = read_held(row, read_magnet, self.payload, self.clock())
                self.held[held.hash] = held
                self.tags.update(held.tags)

    async def _answer(self, request: Request) -> Response:
        """Answer one request: the address, the session, then the action."""
        if self.faults.unavailable:
            return PlainTextResponse("Service Unavailable", 503)
        if refusal := self.sessions.stranger(request):
            return refusal
        action = request.url.path.removeprefix("/api/v2/")
        if action == "auth/login":
            return await self.sessions.log_in(request, self.clock())
        session = self.sessions.find(request, self.clock())
        if session is None:
            return PlainTextResponse("Forbidden", 403)
        if action == "auth/logout":
            return self.sessions.log_out(request)
        return await self._act(action, request, session)

    async def _act(self, action: str, request: Request, session: Web) -> Response:
        known = self._actions.get(action)
        if known is None:
            scopes = {name.partition("/")[0] for name in self._actions}
            told = self.sessions.modern and action.partition("/")[0] in scopes
            return PlainTextResponse("Endpoint does not exist" if told else "Not Found", 404)
        method, needed, answer = known
        if method != request.method:
            return PlainTextResponse("Method Not Allowed", 405)
        if method == "GET":
            return self._with(FormData(request.query_params), needed, answer, session)
        async with request.form() as form:
            return self._with(form, needed, answer, session)

    def _with(
        self, form: FormData, needed: tuple[str, ...], answer: Answer, session: Web
    ) -> Response:
        if missing := [name for name in needed if name not in form]:
            text = f"Missing required parameters: {', '.join(missing)}"
            return PlainTextResponse(text if self.sessions.modern else "Bad Request", 400)
        return answer(form, session)

    def _known_actions(self) -> dict[str, tuple[str, tuple[str, ...], Answer]]:
        rows, stops = self._rows, self.api >= STOPS_SINCE
        every = ("hashes",)
        return {
            "app/version": ("GET", (), self._text(f"v{self.version}")),
            "app/webapiVersion": ("GET", (), self._text(".".join(map(str, self.api)))),
            "app/defaultSavePath": ("GET", (), self._text(str(self.downloads))),
            "torrents/info": ("GET", (), rows.info),
            "torrents/files": ("GET", ("hash",), rows.files),
            "torrents/properties": ("GET", ("hash",), rows.properties),
            "torrents/trackers": ("GET", ("hash",), rows.trackers),
            "sync/maindata": ("GET", (), rows.maindata),
            "torrents/categories": ("GET", (), rows.categories),
            "torrents/createCategory": ("POST", (), self._create_category),
            "torrents/add": ("POST", (), self._add),
            "torrents/delete": ("POST", (*every, "deleteFiles"), self._delete),
            "torrents/stop" if stops else "torrents/pause": ("POST", every, self._pause),
            "torrents/start" if stops else "torrents/resume": ("POST", every, self._resume),
            "torrents/addTags": ("POST", every, self._add_tags),
            "torrents/removeTags": ("POST", every, self._remove_tags),
            "torrents/recheck": ("POST", every, self._recheck),
            "torrents/reannounce": ("POST", every, self._reannounce),
        }

    def _text(self, text: str) -> Answer:
        return lambda *_: PlainTextResponse(text)

    def _chosen(self, form: FormData) -> list[Held]:
        wanted = str(form.get("hashes", "")).split("|")
        return [h for h in self.held.values() if h.hash in wanted or wanted == ["all"]]

    def _done(self, *_: object) -> Response:
        self.keep()
        return PlainTextResponse("")

    def _pause(self, form: FormData, _: Web) -> Response:
        for held in self._chosen(form):
            held.pause(self.clock())
        return self._done()

    def _resume(self, form: FormData, _: Web) -> Response:
        for held in self._chosen(form):
            held.resume(self.clock())
        return self._done()

    def _recheck(self, form: FormData, _: Web) -> Response:
        for held in self._chosen(form):
            held.checking_until = self.clock() + CHECKS
        return self._done()

    def _reannounce(self, form: FormData, _: Web) -> Response:
        self.reannounced += [held.hash for held in self._chosen(form)]
        return self._done()

    def _add_tags(self, form: FormData, _: Web) -> Response:
        for held in self._chosen(form):
            held.tags = list(dict.fromkeys([*held.tags, *_tags(form)]))
        self.tags.update(_tags(form))
        return self._done()

    def _remove_tags(self, form: FormData, _: Web) -> Response:
        for held in self._chosen(form):
            held.tags = [tag for tag in held.tags if tag not in _tags(form)]
        return self._done()

    def _delete(self, form: FormData, _: Web) -> Response:
        for held in self._chosen(form):
            del self.held[held.hash]
            if form["deleteFiles"] == "true" and held.done_at is not None:
                held.remove_files()
        return self._done()

    def _create_category(self, form: FormData, _: Web) -> Response:
        name = str(form.get("category", ""))
        if not name:
            return PlainTextResponse("Category cannot be empty", 400)
        if name.startswith("/") or name.endswith("/") or "//" in name or "\\" in name:
            return PlainTextResponse("Incorrect category name", CONFLICT)
        if name in self.categories:
            return PlainTextResponse("Unable to create category", CONFLICT)
        self.categories[name] = str(form.get("savePath", ""))
        return self._done()

    def _add(self, form: FormData, _: Web) -> Response:
        """Answer an addition; what is asked for in one request is added one by one."""
        accepted, failed, pending = [], 0, 0
        for link in str(form.get("urls", "")).split("\n"):
            if link.startswith("http"):
                pending += 1
            elif link and (new := self._add_magnet(link, form)):
                accepted.append(new)
            elif link:
                failed += 1
        for sent in form.values():
            if isinstance(sent, UploadFile):
                data = sent.file.read()
                try:
                    read(data)
                except Unsafe:
                    text = f"Error: '{sent.filename}' is not a valid torrent file."
                    return PlainTextResponse(text, 415)
                if new := self._add_torrent(data, form):
                    accepted.append(new)
                else:
                    failed += 1
        self.keep()
        return self._told(accepted, failed, pending)

    def _told(self, accepted: list[str], failed: int, pending: int) -> Response:
        if not self.sessions.modern:
            return PlainTextResponse("Ok." if accepted or pending else "Fails.")
        if not accepted and not pending:
            return PlainTextResponse("Conflict", CONFLICT)
        counts = {"success_count": len(accepted), "failure_count": failed, "pending_count": pending}
        return JSONResponse({"added_torrent_ids": accepted, **counts}, 202 if pending else 200)

    def _add_magnet(self, link: str, form: FormData) -> str | None:
        if re.fullmatch("[0-9a-fA-F]{40}", link):
            link = f"magnet:?xt=urn:btih:{link}"
        try:
            magnet = read_magnet(link)
        except Unsafe:
            return None
        blank = self._blank(form)
        return self._hold(replace(blank, magnet=magnet, name=magnet.name or magnet.infohash))

    def _add_torrent(self, data: bytes, form: FormData) -> str | None:
        metainfo = read(data)
        blank = self._blank(form)
        name = str(form.get("rename") or metainfo.name)
        new = replace(blank, metainfo=metainfo, data=data, name=name, private=metainfo.private)
        there = self.held.get(new.hash)
        if there is not None and there.metainfo is None:
            there.metainfo, there.data, there.private = metainfo, data, metainfo.private
        return self._hold(new)

    def _blank(self, form: FormData) -> Held:
        now = self.clock()
        category, auto = str(form.get("category", "")), form.get("autoTMM") == "true"
        asked = Path(str(form.get("savepath", "")))
        paused = form.get("stopped" if self.api >= STOPS_SINCE else "paused") == "true"
        limits = ("ratioLimit", "seedingTimeLimit", "inactiveSeedingTimeLimit")
        return Held(
            metainfo=None,
            magnet=None,
            data=b"",
            save_path=self.path_of(category) if auto else str(self.downloads / asked),
            category=category,
            auto=auto,
            tags=_tags(form),
            name="",
            private=False,
            added_on=now,
            since=None if paused else now,
            checking_until=now + APPEARS + CHECKS,
            limits={name: int(float(str(form[name]))) for name in limits if name in form},
        )

    def _hold(self, new: Held) -> str | None:
        """Take a torrent in, unless it is there already or additions are refused."""
        if new.hash in self.held or self.faults.refuses:
            return None
        self.added.append(new.hash)
        if not self.faults.swallows:
            new.payload = self.payload(new.hashes[0] or new.hash)
            self.held[new.hash] = new
            self.tags.update(new.tags)
            if new.category:
                self.categories.setdefault(new.category, "")
        return new.hash


def _tags(form: Mapping[str, Any]) -> list[str]:
    return [tag.strip() for tag in str(form.get("tags", "")).split(",") if tag.strip()]
