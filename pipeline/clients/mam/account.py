"""Read what MyAnonamouse says of the user's own account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.clients.mam.rows import decimal, moment, size, text, whole
from pipeline.domain.governor import Account


@dataclass(frozen=True, slots=True)
class MamAccount(Account):
    """The user's standing, and what only people want to know; None where it was not said.

    `bonus` are bonus points; `vip_until` is UTC.
    """

    name: str = ""
    bonus: int | None = None
    vip_until: datetime | None = None
    connectable: bool | None = None


def read_account(answer: Mapping[str, Any]) -> MamAccount:
    """Read `jsonLoad.php?snatch_summary`: its counts lie in `snatch_summary`, before at the top."""
    said = answer.get("snatch_summary")
    summary = said if isinstance(said, Mapping) else answer
    unsat = summary.get("unsat")
    counts: Mapping[str, Any] = unsat if isinstance(unsat, Mapping) else {}
    rank = text(answer.get("classname") or answer.get("class"))
    uploaded, downloaded = _bytes(answer, "uploaded"), _bytes(answer, "downloaded")
    return MamAccount(
        ratio=_ratio(answer.get("ratio"), uploaded, downloaded),
        uploaded=uploaded,
        downloaded=downloaded,
        unsatisfied=whole(counts.get("count")),
        unsatisfied_limit=whole(counts.get("limit")),
        rank=rank,
        is_vip="vip" in rank.lower(),
        wedges=whole(answer.get("wedges")),
        name=text(answer.get("username")),
        bonus=whole(answer.get("seedbonus")),
        vip_until=_vip_until(answer.get("vip_until")),
        connectable={"yes": True, "no": False}.get(text(summary.get("connectable")).lower()),
    )


def _bytes(answer: Mapping[str, Any], field: str) -> int | None:
    exact = whole(answer.get(f"{field}_bytes"))
    return size(answer.get(field)) if exact is None else exact


def _ratio(said: Any, uploaded: int | None, downloaded: int | None) -> float | None:
    """Return the ratio as said, else worked out; nothing downloaded yet makes it infinite."""
    ratio = decimal(said)
    if ratio is not None or uploaded is None or downloaded is None:
        return ratio
    return uploaded / downloaded if downloaded else float("inf")


def _vip_until(said: Any) -> datetime | None:
    """Return when VIP ends (UTC), which came as a date, as seconds since 1970, or as 0."""
    seconds = whole(said)
    if seconds is not None:
        in_range = 0 < seconds < 1 << 36
        return datetime.fromtimestamp(seconds, UTC) if in_range else None
    written = moment(said)
    return datetime.fromisoformat(written) if written else None
