"""The audio of a download as facts: files, playing time, tags, and the order to play them in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.domain.naming import disc_number


@dataclass(frozen=True, slots=True)
class AudioFile:
    """One audio file: where below the download's root, bytes, seconds (None: unreadable), tags."""

    path: PurePosixPath
    size: int
    seconds: float | None
    disc: int | None = None
    track: int | None = None
    album: str = ""
    title: str = ""
    artists: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    language: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that must not come near the library; `dangerous` condemns the whole download."""

    path: PurePosixPath
    reason: str
    dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """Audio in playing order, companions that go along, files refused, files left behind."""

    files: tuple[AudioFile, ...] = ()
    companions: tuple[PurePosixPath, ...] = ()
    refused: tuple[Refused, ...] = ()
    left: tuple[PurePosixPath, ...] = ()

    @property
    def seconds(self) -> float:
        """Playing time of all readable files together."""
        return sum(file.seconds or 0.0 for file in self.files)

    @property
    def size(self) -> int:
        """Bytes of all audio files together."""
        return sum(file.size for file in self.files)

    @property
    def paths(self) -> tuple[PurePosixPath, ...]:
        """What goes to the library: audio in playing order, then companions."""
        return (*(file.path for file in self.files), *self.companions)


def ordered(files: Iterable[AudioFile]) -> tuple[AudioFile, ...]:
    """Put files in playing order: by disc and track where every file has its own, else by name.

    A disc is what the tag says, else the folder ("CD 2"). Names are read as people do: 2 before 10.
    """
    told = list(files)
    places = [_place(file) for file in told]
    if all(place is not None for place in places) and len(set(places)) == len(told):
        return tuple(sorted(told, key=lambda file: _place(file) or (0, 0)))
    return tuple(sorted(told, key=lambda file: natural(file.path)))


def natural(path: PurePosixPath) -> tuple[object, ...]:
    """Return a sort key that reads numbers as numbers, folder by folder."""
    return tuple(
        tuple(
            (0, int(piece), "") if piece.isdecimal() else (1, 0, piece)
            for piece in re.split(r"(\d+)", part.casefold())
            if piece
        )
        for part in path.parts
    )


def _place(file: AudioFile) -> tuple[int, int] | None:
    if file.track is None:
        return None
    return file.disc or disc_number(file.path.parent.name) or 1, file.track
