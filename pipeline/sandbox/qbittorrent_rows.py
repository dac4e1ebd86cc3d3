"""What the qBittorrent stand-in shows of its torrents: lists, details, synchronisation."""

from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pipeline.sandbox.qbittorrent_held import INFINITE, Held
from pipeline.sandbox.qbittorrent_sessions import Web

if TYPE_CHECKING:
    from pipeline.sandbox.qbittorrent import QBittorrentStandIn

SPEED = 2_000_000  # bytes a second, as shown while downloading
FREE = 50_000_000_000  # bytes
STOPPED_SINCE = (2, 11)
REASONED_SINCE = (2, 13)  # a tracker's own refusal has a status of its own
FILTERS = {"downloading": ("DL",), "seeding": ("uploading", "UP"), "completed": ("uploading", "UP")}
# What the real rows hold besides, and nobody here varies.
ALWAYS = {
    "availability": -1,
    "dl_limit": 0,
    "download_path": "",
    "f_l_piece_prio": False,
    "force_start": False,
    "max_ratio": -1,
    "max_seeding_time": -1,
    "num_complete": 1,
    "num_incomplete": 0,
    "num_leechs": 0,
    "priority": 0,
    "seq_dl": False,
    "super_seeding": False,
    "trackers_count": 1,
    "up_limit": 0,
    "uploaded": 0,
    "uploaded_session": 0,
    "upspeed": 0,
}


class Rows:
    """The answers that change nothing."""

    def __init__(self, client: "QBittorrentStandIn") -> None:
        self._client = client

    @property
    def _modern(self) -> bool:
        return self._client.api >= STOPPED_SINCE

    def state(self, held: Held) -> str:
        """Return the state, by the precedence that the real one has."""
        faults, done = self._client.faults, held.done_at is not None
        side = "UP" if done else "DL"
        stuck = held.fault in {"stalled", "dead"} or bool(faults.tracker or faults.unreachable)
        stuck |= self._client.progress(held) >= faults.stops_at
        states = {
            "checkingResumeData": self._client.clock() < held.checking_until,
            "moving": done and faults.moving,
            "missingFiles": done and faults.missing,
            held.problem: bool(held.problem),
            ("stopped" if self._modern else "paused") + side: held.is_paused(),
            "stalledUP": done,
            "metaDL": held.metainfo is None,
            "stalledDL": stuck or self._client.progress(held) == 0,
        }
        return next((state for state, applies in states.items() if applies), "downloading")

    def row(self, held: Held) -> dict[str, Any]:
        """Return one torrent as `torrents/info` has it."""
        state, (v1, v2) = self.state(held), held.hashes
        gone = state in {"checkingResumeData", "missingFiles"}
        share = 0.0 if gone else self._client.progress(held)
        loading, never = state == "downloading", -1 if self._modern else 0
        content = held.content_path()
        if not self._modern and state == "checkingResumeData":
            content = content.removeprefix(f"{held.save_path}/")
        seeding = self._client.clock() - held.done_at if held.done_at else 0
        row = {
            "added_on": int(held.added_on),
            "amount_left": held.size - int(held.size * share),
            "auto_tmm": held.auto,
            "category": held.category,
            "completed": int(held.size * share),
            "completion_on": int(held.done_at) if held.done_at else never,
            "content_path": content,
            "dlspeed": SPEED if loading else 0,
            "eta": held.size // SPEED if loading else INFINITE,
            "hash": held.hash,
            "infohash_v1": v1 or "",
            "infohash_v2": v2 or "",
            "magnet_uri": f"magnet:?xt=urn:btih:{v1}" if v1 else f"magnet:?xt=urn:btmh:1220{v2}",
            "name": held.name,
            "num_seeds": int(loading),
            "progress": share,
            "ratio": 0,
            "ratio_limit": held.limits.get("ratioLimit", -2),
            "save_path": held.save_path,
            "seeding_time": int(seeding),
            "seeding_time_limit": held.limits.get("seedingTimeLimit", -2),
            "size": held.size,
            "state": state,
            "tags": ", ".join(held.tags),
            "total_size": held.size if held.metainfo else -1,
        }
        newer = {
            "has_metadata": held.metainfo is not None,
            "private": held.private,
            "comment": (held.metainfo and held.metainfo.comment) or "",
            "root_path": "",
        }
        return ALWAYS | row | (newer if self._modern else {})

    def info(self, form: FormData, _: Web) -> Response:
        """List; a filter that is not known means all, as on the real one."""
        rows = [self.row(held) for held in self._client.listed()]
        if hashes := str(form.get("hashes", "")):
            rows = [row for row in rows if row["hash"] in hashes.split("|")]
        if "category" in form:
            rows = [row for row in rows if row["category"] == form["category"]]
        if "tag" in form:
            rows = [row for row in rows if form["tag"] in row["tags"].split(", ")]
        ends = FILTERS.get(str(form.get("filter", "")), ("",))
        return JSONResponse([row for row in rows if row["state"].endswith(ends)])

    def _one(self, form: FormData) -> Held | None:
        return next((h for h in self._client.listed() if h.hash == form["hash"]), None)

    def files(self, form: FormData, _: Web) -> Response:
        """List the files of one torrent."""
        held = self._one(form)
        if held is None:
            return PlainTextResponse("Not Found", 404)
        share = self._client.progress(held)
        files = held.metainfo.files if held.metainfo else ()
        return JSONResponse(
            [
                {
                    "availability": -1,
                    "index": index,
                    "name": name,
                    "piece_range": [0, 0],
                    "priority": 1,
                    "progress": share,
                    "size": size,
                }
                for index, (name, size) in enumerate(files)
            ]
        )

    def properties(self, form: FormData, _: Web) -> Response:
        """Tell what is told of one torrent only on asking."""
        held = self._one(form)
        if held is None:
            return PlainTextResponse("Not Found", 404)
        row = self.row(held)
        told = {
            "comment": (held.metainfo and held.metainfo.comment) or "",
            "completion_date": row["completion_on"],
            "is_private": held.private,
            "piece_size": 262_144 if held.metainfo else -1,
            "save_path": held.save_path,
            "seeding_time": row["seeding_time"],
            "share_ratio": 0,
            "total_size": row["total_size"],
        }
        return JSONResponse(told | ({"private": held.private} if self._modern else {}))

    def trackers(self, form: FormData, _: Web) -> Response:
        """List the trackers of one torrent, behind the three rows that are none."""
        held = self._one(form)
        if held is None:
            return PlainTextResponse("Not Found", 404)
        about = held.metainfo or held.magnet
        urls = about.trackers if about else ()
        status, message = self._tracker_says(held)
        rows = [_tracker(f"** [{name}] **", 0, "", -1) for name in ("DHT", "PeX", "LSD")]
        rows += [_tracker(url, status, message, 0) for url in urls]
        return JSONResponse(rows)

    def _tracker_says(self, held: Held) -> tuple[int, str]:
        """Return status and message of a torrent's trackers."""
        faults, tells = self._client.faults, self._client.api >= REASONED_SINCE
        if faults.unreachable:
            return 6 if tells else 4, faults.unreachable
        reason = faults.tracker or ("Unregistered torrent" if held.fault == "dead" else "")
        return (5 if tells else 4, reason) if reason else (2, "")

    def categories(self, *_: object) -> Response:
        """Map the categories by their names."""
        return JSONResponse(self._categories())

    def _categories(self) -> dict[str, Any]:
        known = self._client.categories.items()
        return {name: {"name": name, "savePath": path} for name, path in known}

    def maindata(self, form: FormData, session: Web) -> Response:
        """Answer with everything, or with what changed since the last answer to this session."""
        torrents = {row.pop("hash"): row for row in map(self.row, self._client.listed())}
        shown = {"torrents": torrents, "categories": self._categories()}
        before, asked = session.shown, str(form.get("rid", "0"))
        fresh = asked == "0" or asked != str(session.rid)
        session.rid, session.shown = session.rid + 1, shown
        answer: dict[str, Any] = {"rid": session.rid}
        if fresh:
            state = {"free_space_on_disk": FREE, "connection_status": "connected"}
            answer |= {
                "full_update": True,
                "server_state": state,
                "tags": sorted(self._client.tags),
            }
            # An empty list is left out by 5.x, and shown by 4.x.
            return JSONResponse(answer | {k: v for k, v in shown.items() if v or not self._modern})
        for name, now in shown.items():
            was = before[name]
            changed = {key: _changes(was.get(key, {}), row) for key, row in now.items()}
            if changed := {key: row for key, row in changed.items() if row}:
                answer[name] = changed
            if removed := [key for key in was if key not in now]:
                answer[f"{name}_removed"] = removed
        return JSONResponse(answer)


def _changes(was: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in now.items() if key not in was or was[key] != value}


def _tracker(url: str, status: int, message: str, tier: int) -> dict[str, Any]:
    counts = dict.fromkeys(("num_downloaded", "num_leeches", "num_peers", "num_seeds"), 0)
    return {"url": url, "status": status, "msg": message, "tier": tier, **counts}
