"""Read MyAnonamouse's answers, which keep JSON inside of strings and change their shapes at times.

Its documentation and its answers disagree: the title is `title` or `name`, the size a text like
"451.8 MiB" or a number, ids are numbers or texts; people and series are objects, texts that hold
an object, empty, or malformed. Whatever can not be read counts as not said.
"""

import html
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.domain.languages import language_code
from pipeline.domain.models import Release, SeriesPlace

INDEXER = "MyAnonamouse"
SITE = "https://www.myanonamouse.net"
AUDIOBOOK = 3030  # the Torznab number of audiobooks
PRIVATE_CATEGORIES = 100_000  # what Prowlarr adds to an indexer's own category numbers
_UNITS = {"b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_UNITS |= {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZE = re.compile(r"\s*([\d.,]+)\s*([kmgt]?i?b)?\s*", re.IGNORECASE)


def read_releases(answer: Any) -> tuple[Release, ...]:
    """Return the releases of a search's answer; rows without a number or a title are left out."""
    rows = answer.get("data") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list):
        return ()
    releases = [_release(row) for row in rows if isinstance(row, Mapping)]
    return tuple({r.guid: r for r in releases if r is not None}.values())


def guid(tid: int) -> str:
    """Return the address of a torrent's page, by which Prowlarr knows it too."""
    return f"{SITE}/t/{tid}"


def tid_of(release: Release) -> int | None:
    """Return the tracker's number of a release, from whoever offered it."""
    number = re.fullmatch(re.escape(SITE) + r"/t/(\d{1,12})", release.guid)
    return int(number[1]) if number else None


def _release(row: Mapping[str, Any]) -> Release | None:
    tid, title = whole(row.get("id")), text(row.get("title") or row.get("name"))
    if tid is None or not title:
        return None
    category = whole(row.get("category"))
    own = () if category is None else (PRIVATE_CATEGORIES + category,)
    return Release(
        guid=guid(tid),
        title=title,
        indexer=INDEXER,
        size=size(row.get("size")) or 0,
        seeders=whole(row.get("seeders")),
        leechers=whole(row.get("leechers")),
        grabs=whole(row.get("times_completed")),
        published_at=moment(row.get("added")),
        info_url=guid(tid),
        freeleech=_flag(row.get("free")) or _flag(row.get("personal_freeleech")),
        vip=_flag(row.get("vip")),
        snatched=_flag(row.get("my_snatched")),
        categories=(AUDIOBOOK, *own),
        authors=_people(row.get("author_info")),
        narrators=_people(row.get("narrator_info")),
        series=_places(row.get("series_info")),
        language=language_code(text(row.get("lang_code"))),
        filetypes=_filetypes(row.get("filetype") or row.get("filetypes")),
    )


def text(value: Any) -> str:
    """Return a text without entities ("Tom &amp; Jerry") and stray blanks; "" for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:.15g}"
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else ""


def whole(value: Any) -> int | None:
    """Return a number that may have come as a text ("1,234"); None for anything else."""
    number = decimal(value)
    return None if number is None or not math.isfinite(number) else int(number)


def decimal(value: Any) -> float | None:
    """Return a number that may have come as a text; "∞" and "Inf." are infinite."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        written = value.strip().replace(",", "").rstrip(".").lower()
        value = {"∞": "inf", "infinite": "inf"}.get(written, written)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number


def size(value: Any) -> int | None:
    """Return bytes: of "451.8 MiB", of "473746637", or of a number."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value)
        number = decimal(match[1]) if match else None
        if match is None or number is None:
            return None
        return round(number * _UNITS[(match[2] or "b").lower()])
    return whole(value)


def moment(value: Any) -> str | None:
    """Return "2026-10-01 15:36:00", which is UTC, in ISO 8601."""
    try:
        read = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    aware = read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    return f"{aware:%Y-%m-%dT%H:%M:%SZ}"


def _flag(value: Any) -> bool:
    return value is True or bool(whole(value))


def _entries(value: Any) -> list[Any]:
    """Return the values of an object or list, or of the text that holds one; else nothing."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _people(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in map(text, _entries(value)) if name))


def _places(value: Any) -> tuple[SeriesPlace, ...]:
    """Return the series: each is a name, or a list of name, number as printed, and number."""
    places = []
    for entry in _entries(value):
        name, number = (*entry, "", "")[:2] if isinstance(entry, list) else (entry, "")
        if text(name):
            places.append(SeriesPlace(text(name), text(number) or None))
    return tuple(dict.fromkeys(places))


def _filetypes(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[a-z0-9]+", text(value).lower())))
