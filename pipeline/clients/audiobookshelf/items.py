"""What Audiobookshelf holds, in our nouns, and the reading of its answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.errors import UnexpectedAnswer

T = TypeVar("T")
# What JSON can say and no database can keep as text: NUL, and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class BookLibrary:
    """One library; `media` is "book" or "podcast", `folders` are paths as the server sees them."""

    id: str
    name: str
    media: str
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """An item as lists show it.

    Lists join the names of authors, narrators and series into one ambiguous text each, so those
    are left out: ask for the details. Durations in seconds, sizes in bytes.
    """

    id: str
    library_id: str
    path: str
    rel_path: str
    added_at: datetime
    updated_at: datetime
    is_missing: bool
    is_invalid: bool
    title: str | None
    asin: str | None
    isbn: str | None
    duration_seconds: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class AudioFile:
    """One audio file of an item; `path` as the server sees it, duration in seconds."""

    path: str
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class Item:
    """An item with everything that we read of it.

    `metadata` is exactly what the server shows, untrimmed and untranslated ("English", not "en").
    `path` is the server's view, `rel_path` begins at the library's folder.
    """

    id: str
    library_id: str
    path: str
    rel_path: str
    added_at: datetime
    updated_at: datetime
    is_missing: bool
    is_invalid: bool
    metadata: Metadata
    duration_seconds: float
    size_bytes: int
    tags: tuple[str, ...]
    audio_files: tuple[AudioFile, ...]
    has_cover: bool
    abridged: bool
    explicit: bool


@dataclass(frozen=True, slots=True)
class Account:
    """The user behind a token; `kind` is root, admin, user or guest.

    Only root and admin may scan; only who `may_update` may write metadata.
    """

    id: str
    name: str
    kind: str
    may_update: bool

    @property
    def is_admin(self) -> bool:
        """Whether the account may start scans."""
        return self.kind in {"root", "admin"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a library's items; `total` counts the items of the whole library."""

    items: tuple[ItemSummary, ...]
    total: int


def libraries(answer: Any) -> list[BookLibrary]:
    """Read the answer of GET /api/libraries; raises UnexpectedAnswer."""

    def read() -> list[BookLibrary]:
        return [
            BookLibrary(
                id=_text(each["id"]),
                name=_text(each["name"]),
                media=_text(each["mediaType"]),
                folders=tuple(_text(folder["fullPath"]) for folder in each["folders"]),
            )
            for each in answer["libraries"]
        ]

    return _reading("the libraries", read)


def page(answer: Any) -> Page:
    """Read one page of a library's items; raises UnexpectedAnswer."""

    def read() -> Page:
        items = tuple(_summary(each) for each in answer["results"])
        return Page(items, _whole(answer["total"]))

    return _reading("a page of items", read)


def item(answer: Any) -> Item:
    """Read one item, expanded, plain, or as an event of the socket; raises UnexpectedAnswer."""
    return _reading("an item", lambda: _item(answer))


def batch(answer: Any) -> list[Item]:
    """Read the answer of POST /api/items/batch/get; raises UnexpectedAnswer."""
    return _reading("items", lambda: [_item(each) for each in answer["libraryItems"]])


def found(answer: Any) -> list[Item]:
    """Read the books among the hits of a search; raises UnexpectedAnswer."""
    return _reading("hits", lambda: [_item(each["libraryItem"]) for each in answer["book"]])


def account(answer: Any) -> Account:
    """Read the answer of GET /api/me; raises UnexpectedAnswer."""

    def read() -> Account:
        return Account(
            id=_text(answer["id"]),
            name=_text(answer["username"]),
            kind=_text(answer["type"]),
            may_update=answer["permissions"]["update"] is True,
        )

    return _reading("the account", read)


def is_scanning(answer: Any, library_id: str) -> bool:
    """Whether GET /api/tasks names an unfinished scan of that library; raises UnexpectedAnswer.

    Tasks of the folder watcher may linger in the list for ever and mean nothing here.
    """

    def read() -> bool:
        return any(
            task["action"] == "library-scan"
            and task["data"]["libraryId"] == library_id
            and not task["isFinished"]
            for task in answer["tasks"]
        )

    return _reading("the tasks", read)


def _reading(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as wrong:
        raise UnexpectedAnswer(
            f"audiobookshelf: read {what}: the answer has another shape than ours ({wrong!r})"
        ) from wrong


def _summary(shown: Mapping[str, Any]) -> ItemSummary:
    about = shown["media"]["metadata"]
    return ItemSummary(
        **_standing(shown),
        title=_maybe(about["title"]),
        asin=_maybe(about["asin"]),
        isbn=_maybe(about["isbn"]),
        duration_seconds=_seconds(shown["media"].get("duration")),
        size_bytes=_whole(shown.get("size") or 0),
    )


def _item(shown: Mapping[str, Any]) -> Item:
    media = shown["media"]
    about = media["metadata"]
    files = tuple(_audio_file(each) for each in media["audioFiles"])
    # The plain form of an item states neither its duration nor its size.
    total = sum(each.duration_seconds for each in files)
    return Item(
        **_standing(shown),
        metadata=_metadata(about),
        duration_seconds=_seconds(media.get("duration", total)),
        size_bytes=_whole(shown["size"] if "size" in shown else _size(shown["libraryFiles"])),
        tags=_texts(media["tags"]),
        audio_files=files,
        has_cover=bool(media["coverPath"]),
        abridged=about["abridged"] is True,
        explicit=about["explicit"] is True,
    )


def _standing(shown: Mapping[str, Any]) -> dict[str, Any]:
    if shown["mediaType"] != "book":
        raise ValueError(f"a {shown['mediaType']} is no book")
    return {
        "id": _text(shown["id"]),
        "library_id": _text(shown["libraryId"]),
        "path": _text(shown["path"]),
        "rel_path": _text(shown["relPath"]),
        "added_at": _moment(shown["addedAt"]),
        "updated_at": _moment(shown["updatedAt"]),
        "is_missing": bool(shown["isMissing"]),
        "is_invalid": bool(shown["isInvalid"]),
    }


def _metadata(about: Mapping[str, Any]) -> Metadata:
    return Metadata(
        title=_maybe(about["title"]),
        subtitle=_maybe(about["subtitle"]),
        authors=tuple(_text(each["name"]) for each in about["authors"]),
        narrators=_texts(about["narrators"]),
        series=tuple(
            SeriesPlace(_text(each["name"]), _maybe(each["sequence"])) for each in about["series"]
        ),
        publisher=_maybe(about["publisher"]),
        published_year=_maybe(about["publishedYear"]),
        description=_maybe(about["description"]),
        genres=_texts(about["genres"]),
        language=_maybe(about["language"]),
        isbn=_maybe(about["isbn"]),
        asin=_maybe(about["asin"]),
    )


def _audio_file(shown: Mapping[str, Any]) -> AudioFile:
    return AudioFile(_text(shown["metadata"]["path"]), _seconds(shown["duration"]))


def _size(files: Any) -> int:
    return sum(_whole(each["metadata"]["size"]) for each in files)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return _UNSTORABLE.sub("\ufffd", value)


def _maybe(value: Any) -> str | None:
    return None if value is None else _text(value)


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is no list")
    return tuple(_text(each) for each in values)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _seconds(value: Any) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no duration")
    return float(value)


def _moment(milliseconds: Any) -> datetime:
    """Read a time, which the server counts in milliseconds since 1970."""
    return datetime.fromtimestamp(_whole(milliseconds) / 1000, UTC)
