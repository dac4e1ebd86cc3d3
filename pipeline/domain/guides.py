"""Read the head of a guide as the crawler writes it: title, address, category. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_END = re.compile(r"^## Content\b", re.MULTILINE)
_TITLE = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
# With or without emphasis and bullets: URL: x, **URL:** x, - **URL**: x
_LINE = re.compile(
    r"^[\s*\->]*(url|category|page title|description|crawled(?: time| at)?)\W*?:[\s*]*(.*?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Guide:
    """What a guide's head says; `crawled_at` only where it can be read."""

    url: str
    title: str
    category: str = ""
    description: str = ""
    crawled_at: datetime | None = None


def read_head(text: str) -> Guide | None:
    """Read the lines before `## Content`; None when they name no address."""
    head = _END.split(text, maxsplit=1)[0]
    told: dict[str, str] = {}
    for name, value in _LINE.findall(head):
        told.setdefault(name.casefold().split()[0], value.strip("<> "))
    if not told.get("url"):
        return None
    title = _TITLE.search(head)
    return Guide(
        url=told["url"],
        title=title[1] if title else told.get("page", told["url"]),
        category=told.get("category", ""),
        description=told.get("description", ""),
        crawled_at=_moment(told.get("crawled", "")),
    )


def _moment(text: str) -> datetime | None:
    """Read an ISO time; the script writes its own wall clock, which is taken as UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
