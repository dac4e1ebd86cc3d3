"""One file or folder at a time: link or copy it so that no kill leaves half a file."""

import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from pipeline.errors import Unsafe

How = Literal["there", "linked", "copied"]
PARTIAL: Final = ".partial-"
_BLOCK: Final = 1 << 20
# What the system answers where links cannot be: other disk or mount, no such thing on this file
# system, too many links, or a kernel that guards other users' files (fs.protected_hardlinks).
_NO_LINK: Final = frozenset(
    {
        errno.EXDEV,
        errno.EPERM,
        errno.EACCES,
        errno.EMLINK,
        errno.ENOTSUP,
        errno.EOPNOTSUPP,
        errno.ENOSYS,
        errno.EINVAL,
    }
)


def link(source: Path, target: Path) -> bool:
    """Give *source* a second name; True when it has it, False where the system cannot do that.

    A *target* that is the same file already is left alone; any other file there is replaced.
    """
    ordinary(source)
    if same_file(source, target):
        return True
    target.unlink(missing_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_LINK:
            return False
        raise
    ordinary(target)
    return True


def copy(source: Path, target: Path, like: os.stat_result) -> None:
    """Copy *source* whole or not at all, with owner and rights as *like*.

    Written under a name of its own, flushed to the disk and only then renamed: what bears the
    right name is complete. Size and time of change are the source's.
    """
    about = ordinary(source)
    partial = target.with_name(f"{PARTIAL}{secrets.token_hex(8)}")
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as reader, partial.open("xb") as writer:
        shutil.copyfileobj(reader, writer, _BLOCK)
        writer.flush()
        if os.fstat(writer.fileno()).st_size != about.st_size:
            raise OSError(errno.EIO, "it changed while it was copied", str(source))
        inherit(partial, like)
        os.utime(writer.fileno(), ns=(about.st_atime_ns, about.st_mtime_ns))
        os.fsync(writer.fileno())
    partial.replace(target)


def ordinary(path: Path) -> os.stat_result:
    """Return what *path* is; raises Unsafe unless it is a regular file."""
    about = path.lstat()
    if not stat.S_ISREG(about.st_mode):
        raise Unsafe(f"files: {path.name} is no ordinary file")
    return about


def same_file(one: Path, other: Path) -> bool:
    """Whether both names lead to one file (a hard link); False when one is not there."""
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except FileNotFoundError:
        return False


def same_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes; reads them only when the sizes agree."""
    if same_file(one, other):
        return True
    if not (one.is_file() and other.is_file()) or one.stat().st_size != other.stat().st_size:
        return False
    return _digest(one) == _digest(other)


def looks_copied(source: Path, target: Path) -> bool:
    """Whether *target* is a finished copy of *source*: same size and time of change."""
    if not target.is_file() or target.is_symlink():
        return False
    one, other = source.stat(), target.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def make_folders(root: Path, folder: Path) -> None:
    """Make *folder* and what is missing above it up to *root*, with owner and rights as *root*.

    Raises Unsafe when a link or file stands in the way: it could lead out of the library.
    """
    like = root.stat()
    here = root
    for part in folder.relative_to(root).parts:
        here /= part
        try:
            here.mkdir()
        except FileExistsError:
            if not stat.S_ISDIR(here.lstat().st_mode):
                raise Unsafe(f"library: {here} is not a folder of its own") from None
        else:
            inherit(here, like)
            sync(here.parent)


def inherit(path: Path, like: os.stat_result) -> None:
    """Give a new file or folder the owner and rights of *like*; files are never executable.

    The owner is only changed by root, as a container runs: nobody else may give files away.
    """
    about = path.stat()
    if os.geteuid() == 0 and (about.st_uid, about.st_gid) != (like.st_uid, like.st_gid):
        os.chown(path, like.st_uid, like.st_gid)
    allowed = 0o2777 if stat.S_ISDIR(about.st_mode) else 0o666
    path.chmod(stat.S_IMODE(like.st_mode) & allowed)


def sync(folder: Path) -> None:
    """Flush a folder's names to the disk, where the file system knows that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def inside(folder: Path) -> Iterator[Path]:
    """Yield every file and link below *folder*, without following links."""
    for here, folders, names in os.walk(folder, followlinks=False):
        links = [name for name in folders if Path(here, name).is_symlink()]
        yield from (Path(here, name) for name in (*names, *links))


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
