"""Debian's PostgreSQL, the oldest one installed that we still promise to work with."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

OLDEST = 15
INSTALLED = Path("/usr/lib/postgresql")


def programs() -> Path:
    """Return the folder of its programs; skip where there is none."""
    versions = sorted(int(p.parent.parent.name) for p in INSTALLED.glob("[0-9]*/bin/postgres"))
    fit = [version for version in versions if version >= OLDEST]
    if not fit:
        pytest.skip(f"no PostgreSQL of Debian's: {INSTALLED} holds none from {OLDEST} on")
    return INSTALLED / str(fit[0]) / "bin"


@contextmanager
def oldest_postgres() -> Iterator[str]:
    """Start a server of our own on a socket; yield its URL, and delete it afterwards."""
    where = programs()
    folder = Path(tempfile.mkdtemp(prefix="bookrunner-oldest-"))
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(folder, account.pw_uid, account.pw_gid)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603  # Debian's program
            [str(where / program), "-D", str(folder / "data"), *arguments],
            check=True, cwd="/", env={"PATH": os.defpath, "LC_ALL": "C"}, stdout=subprocess.DEVNULL,
            user=account.pw_uid if os.geteuid() == 0 else None,
        )  # fmt: skip

    run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=200"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
