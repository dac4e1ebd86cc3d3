"""Paths as another program says them, to the paths under which this machine sees the same files."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.errors import BadInput, Unsafe

_WINDOWS: Final = re.compile(r"(?:[A-Za-z]:|\\\\)")


@dataclass(frozen=True, slots=True)
class PathMap:
    r"""Pairs of (prefix there, prefix here); without a pair that fits, a path is the same on both.

    A download client in a container says `/downloads/x`, this machine sees `/srv/torrents/x`.
    Prefixes there may be a Windows path (`D:\Downloads`), whose case does not matter.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for there, here in self.pairs:
            if not _parts(there) or not Path(here).is_absolute():
                raise BadInput(f"path mapping {there!r} -> {here!r}: write two whole paths")

    def local(self, path: str) -> Path:
        """Return where this machine sees *path*; the longest prefix that fits decides.

        Raises Unsafe for a path that climbs (`..`) or is not whole.
        """
        parts = _parts(path)
        if not parts or ".." in parts or any("\0" in part for part in parts):
            raise Unsafe(f"path of another program: {path!r} is not a whole path")
        fitting = [(p, here) for there, here in self.pairs if _begins(parts, p := _parts(there))]
        if not fitting:
            return Path(path)
        prefix, here = max(fitting, key=lambda pair: len(pair[0]))
        return Path(here, *parts[len(prefix) :])

    def remote(self, path: Path) -> str:
        """Return how the other program calls a path of this machine; the reverse of `local`."""
        fitting = [(t, Path(h)) for t, h in self.pairs if path.is_relative_to(h)]
        if not fitting:
            return str(path)
        there, here = max(fitting, key=lambda pair: len(pair[1].parts))
        rest = path.relative_to(here).parts
        joint = "\\" if _WINDOWS.match(there) else "/"
        return joint.join([there.rstrip("\\/"), *rest]) or "/"


def _parts(path: str) -> tuple[str, ...]:
    """Take a whole path apart, its root first; () when it is not whole."""
    if _WINDOWS.match(path):
        return tuple(part for part in re.split(r"[\\/]+", path) if part)
    return PurePosixPath(path).parts if path.startswith("/") else ()


def _begins(parts: tuple[str, ...], prefix: tuple[str, ...]) -> bool:
    start = parts[: len(prefix)]
    if prefix[0].startswith("/"):
        return start == prefix
    return [p.casefold() for p in start] == [p.casefold() for p in prefix]
