"""Read Prowlarr's answers; fields that are null are left out of them."""

import html
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipeline.answers import Answer, retry_after
from pipeline.domain.languages import language_code
from pipeline.domain.models import Release
from pipeline.errors import RateLimited, ServiceDown, ServiceRefused, UnexpectedAnswer
from pipeline.redaction import excerpt

_TORRENT = b"d"  # a bencoded dictionary begins with it
_MAM = "https://www.myanonamouse.net/t/"
_MAM_TITLE = re.compile(r".+ by (?P<authors>[^\[\]]+?) \[(?P<inside>[^\[\]]+)\](?P<rest>.*)")
_XML_ERROR = re.compile(rb'<error\b[^>]*\bdescription="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Indexer:
    """One indexer of Prowlarr; `disabled_until` while it is left alone after failures."""

    id: int
    name: str
    enabled: bool
    protocol: str
    privacy: str
    categories: frozenset[int]
    disabled_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grab:
    """What a download address led to: the bytes of a .torrent file, or a magnet link."""

    data: bytes | None = None
    magnet: str | None = None


def read_releases(rows: Any) -> tuple[Release, ...]:
    """Return the torrents of a search's answer; what is no release or comes twice is left out."""
    found = [_release(row) for row in _mappings(rows)]
    return tuple({release.guid: release for release in found if release is not None}.values())


def read_indexers(rows: Any) -> tuple[Indexer, ...]:
    """Return the indexers of an answer, with every category that each can be asked for."""
    return tuple(
        Indexer(
            id=_whole(row.get("id")) or 0,
            name=_text(row.get("name")) or f"indexer {row.get('id')}",
            enabled=row.get("enable") is True,
            protocol=_text(row.get("protocol")),
            privacy=_text(row.get("privacy")),
            categories=frozenset(_numbers(_inside(row, "capabilities").get("categories"))),
        )
        for row in _mappings(rows)
    )


def read_disabled(rows: Any, now: datetime) -> dict[int, datetime]:
    """Return until when which indexers (by id) are left alone after failures."""
    disabled: dict[int, datetime] = {}
    for row in _mappings(rows):
        number, until = _whole(row.get("indexerId")), _moment(row.get("disabledTill"))
        if number is not None and until is not None and until > now:
            disabled[number] = until
    return disabled


def read_health(rows: Any) -> tuple[str, ...]:
    """Return the warnings and errors of an answer about health, in Prowlarr's words."""
    grave = [row for row in _mappings(rows) if row.get("type") in {"warning", "error"}]
    return tuple(f"Prowlarr says: {_text(row.get('message'))}" for row in grave)


def asked_indexers(
    known: Sequence[Indexer],
    categories: Sequence[int],
    chosen: Sequence[int],
    disabled: Mapping[int, datetime],
) -> list[Indexer]:
    """Return the torrent indexers that a search reached or should have, with their fate."""
    fit = [
        indexer
        for indexer in known
        if indexer.enabled
        and indexer.protocol != "usenet"
        and (indexer.id in chosen if chosen else _offers(indexer, categories))
    ]
    return [replace(indexer, disabled_until=disabled.get(indexer.id)) for indexer in fit]


def _offers(indexer: Indexer, categories: Sequence[int]) -> bool:
    """Say whether an indexer has one of the categories; one that names none may have all."""
    parents = {number - number % 1000 for number in categories}
    return not indexer.categories or not indexer.categories.isdisjoint({*categories, *parents})


def _release(row: Mapping[str, Any]) -> Release | None:
    title, guid = _text(row.get("title")), _text(row.get("guid"))
    if not title or not guid or row.get("protocol") == "usenet":
        return None
    flags = row.get("indexerFlags")
    release = Release(
        guid=guid,
        title=title,
        indexer=_text(row.get("indexer")),
        indexer_id=_whole(row.get("indexerId")),
        size=_whole(row.get("size")) or 0,
        seeders=_whole(row.get("seeders")),
        leechers=_whole(row.get("leechers")),
        grabs=_whole(row.get("grabs")),
        published_at=_text(row.get("publishDate")) or None,
        download_url=_text(row.get("downloadUrl")) or None,
        magnet_url=_text(row.get("magnetUrl")) or None,
        info_url=_text(row.get("infoUrl")) or None,
        infohash=_text(row.get("infoHash")).lower() or None,
        freeleech="freeleech" in (flags if isinstance(flags, list) else ()),
        categories=tuple(_numbers(row.get("categories"))),
    )
    return _as_mam_says(release) if guid.startswith(_MAM) else release


def _as_mam_says(release: Release) -> Release:
    """Add what MyAnonamouse's titles hold: "Title by A1, A2 [ENG / M4B] [VIP]"."""
    match = _MAM_TITLE.fullmatch(release.title)
    if match is None:
        return release
    language, *types = (part.strip() for part in match["inside"].split("/"))
    code = language_code(language)
    return replace(
        release,
        authors=tuple(name.strip() for name in match["authors"].split(",") if name.strip()),
        language=code,
        filetypes=tuple(re.findall(r"[a-z0-9]+", " ".join(types if code else [language]).lower())),
        vip="[VIP]" in match["rest"],
    )


def grabbed(answer: Answer) -> Grab:
    """Return the torrent that came, or raise what came instead stands for."""
    described = _XML_ERROR.search(answer.body[:4000])
    said = html.unescape(described[1].decode("utf-8", "replace")) if described else ""
    message = f"{answer.asked}: {answer.status} {said or excerpt(answer.body)}".rstrip()
    if answer.status == 429:  # noqa: PLR2004  # the indexer is left alone, not Prowlarr
        raise RateLimited(message, retry_after=retry_after(answer.headers))
    if answer.status >= 500:  # noqa: PLR2004  # the indexer did not answer Prowlarr
        raise ServiceDown(message)
    if answer.status == 410:  # noqa: PLR2004  # the indexer is switched off
        raise ServiceRefused(message)
    if answer.status >= 400 or not answer.body.startswith(_TORRENT):  # noqa: PLR2004  # the rest
        raise UnexpectedAnswer(f"{message} (no torrent)")
    return Grab(data=answer.body)


def cannot_search(answer: Answer) -> ServiceDown | UnexpectedAnswer:
    """Return what a refused search stands for: mostly that no indexer can be asked now."""
    said = excerpt(answer.body)
    message = f"{answer.asked}: 400 {said}"
    return ServiceDown(message) if "unavailable" in said else UnexpectedAnswer(message)


def _mappings(rows: Any) -> list[Mapping[str, Any]]:
    if not isinstance(rows, list):
        raise UnexpectedAnswer(f"prowlarr: a list was asked for: {type(rows).__name__} came")
    return [row for row in rows if isinstance(row, Mapping)]


def _inside(row: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = row.get(field)
    return value if isinstance(value, Mapping) else {}


def _numbers(categories: Any) -> Iterator[int]:
    """Yield the numbers of categories and of those below them."""
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, Mapping):
            number = _whole(category.get("id"))
            if number is not None:
                yield number
            yield from _numbers(category.get("subCategories"))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _moment(value: Any) -> datetime | None:
    try:
        read = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
