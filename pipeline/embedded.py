"""A PostgreSQL of our own: binaries from a wheel, started in the data folder, found again, stopped.

The wheel's own launcher is not used: as root it creates a system user and opens parent folders to
everybody, and it believes a stale pid file. Here a server counts as running when it answers on its
socket, nothing less. The last process that uses it stops it; after a crash the next one adopts it.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from pipeline import unprivileged
from pipeline.errors import ConfigurationError
from pipeline.unprivileged import Account

DATABASE = "bookrunner"
SUPERUSER = "postgres"
# A socket's address holds 103 bytes on the meanest system; PostgreSQL appends this name.
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LIMIT = 103
# No system gives this number to a process; PostgreSQL sees a pid file that holds it as stale.
NO_PROCESS = 1 << 22
PATIENCE = 60.0
CONFIGURATION = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}


class EmbeddedPostgres:
    """The server of one data folder; `start` and `stop` may be called from any number of processes.

    `configuration` adds to or replaces lines of `CONFIGURATION` in the server's own file.
    """

    def __init__(self, data_dir: Path, configuration: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.cluster = self.data_dir / "postgres"
        self.notice = ""
        self._configuration = {**CONFIGURATION, **(configuration or {})}
        self._account: Account | None = None
        self._binaries = Path()
        self._presence: int | None = None

    def start(self) -> str:
        """Start the server, or find it running; return the URL of its database.

        `notice` then says in words when something is not where one would look for it.
        Raises ConfigurationError with the server's own last words when it will not start.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            with self._alone():
                self._settle()
                if not self._answers():
                    self._launch()
                self._create_database()
                self._enter()
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            message = f"BOOKRUNNER_DATA_DIR: {error.filename}: {error.strerror}"
            raise ConfigurationError(message) from error
        return self.url()

    def stop(self) -> None:
        """Stop the server when no other process uses it; saying it twice is fine."""
        if self._presence is None:
            return
        presence, self._presence = self._presence, None
        with self._alone():
            try:
                fcntl.flock(presence, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(presence)
            if (self.cluster / "postmaster.pid").exists():
                self._run("pg_ctl", "stop", "-D", self.cluster, "-m", "fast", "-w", "-t", "30")

    def empty(self) -> None:
        """Drop the database with all it holds and make an empty one; whoever uses it is cut off."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        self._create_database()

    def in_use(self) -> bool:
        """Say whether any living process has started or adopted the server of this folder."""
        try:
            users = os.open(self.data_dir / "postgres.users", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(users)
        return False

    def __enter__(self) -> str:
        """Start; return the URL."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def url(self, database: str = DATABASE) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    @property
    def socket_dir(self) -> Path:
        """The cluster's folder, or a short one when its path is too long for a socket."""
        if len(os.fsencode(self.cluster / SOCKET_NAME)) <= SOCKET_LIMIT:
            return self.cluster
        return Path(tempfile.gettempdir()) / f"bookrunner-{_digest(self.cluster)}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time start or stop the server of this folder."""
        lock = _open_lock(self.data_dir / "postgres.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _enter(self) -> None:
        """Be counted among the processes that use the server; a killed one leaves by itself."""
        if self._presence is None:
            self._presence = _open_lock(self.data_dir / "postgres.users")
            fcntl.flock(self._presence, fcntl.LOCK_SH)

    def _settle(self) -> None:
        """Decide who runs the server, and from where."""
        self.cluster = self.data_dir / "postgres"
        if self.cluster.is_symlink():
            self.cluster = self.cluster.resolve()
        self._binaries = unprivileged.binaries()
        if os.geteuid() != 0:
            return
        self._account = unprivileged.account(self.cluster)
        if not unprivileged.reaches(self._account, self._binaries):
            self._binaries = unprivileged.copied(self._binaries)
        if not unprivileged.reaches(self._account, self.cluster.parent):
            self._move_out()

    def _move_out(self) -> None:
        """Keep the cluster where the account can reach it; leave a link where it would be.

        The link alone knows the place: who deletes the data folder begins anew.
        """
        link = self.data_dir / "postgres"
        if link.exists() and not link.is_symlink():
            name = self._account.name if self._account else ""
            message = f"{link}: the account {name!r} cannot reach it; move it or run as its owner"
            raise ConfigurationError(message)
        if not link.is_symlink():
            unprivileged.SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
            self.cluster = unprivileged.SHARED / f"postgres-{secrets.token_hex(6)}"
            link.symlink_to(self.cluster)
        self.notice = (
            f"the database lives in {self.cluster}, because only root can enter {link.parent}"
        )

    def _launch(self) -> None:
        """Initialise if need be, see through a stale pid file, start, and wait for an answer."""
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._disown_stale_pid()
        if self._answers():
            return
        self._configure()
        # The socket's own pid file is believed without a second look; nobody else uses this folder.
        (self.socket_dir / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        log = self.cluster / "startup.log"
        arguments = ("start", "-D", self.cluster, "-l", log, "-w", "-t", str(int(PATIENCE)))
        deadline = time.monotonic() + PATIENCE
        # Children of a killed server hold its shared memory for a moment; then it starts.
        while True:
            try:
                self._run("pg_ctl", *arguments)
            except ConfigurationError:
                if "shared memory block" not in _tail(log) or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                break
        if not self._answers():
            raise ConfigurationError(f"PostgreSQL started but does not answer: {_tail(log)}")

    def _initialise(self) -> None:
        """Make the cluster beside its place, then rename: a killed `initdb` leaves no half one."""
        fresh = self.cluster.with_name(f"{self.cluster.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account:
            os.chown(fresh, self._account.uid, self._account.gid)
        self._run(
            *("initdb", "-D", fresh, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"),
            *("--no-sync", "--no-instructions"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude_if_exists 'bookrunner.conf'  # rewritten at every start\n")
        if self.cluster.is_dir():
            self.cluster.rmdir()
        fresh.rename(self.cluster)

    def _configure(self) -> None:
        """Write the server's settings, and make the socket's folder when it is not the cluster."""
        folder = self.socket_dir
        if folder != self.cluster:
            _private_folder(folder, self._account)
        lines = {**self._configuration, "unix_socket_directories": f'"{folder}"'}
        text = "".join(f"{name} = '{_doubled(value)}'\n" for name, value in lines.items())
        path = self.cluster / "bookrunner.conf"
        path.write_text(text, encoding="utf-8")
        if self._account:
            os.chown(path, self._account.uid, self._account.gid)

    def _disown_stale_pid(self) -> None:
        """Make a pid file that names somebody else's process name none.

        The file itself stays: PostgreSQL reads from it which shared memory must be free.
        """
        path = self.cluster / "postmaster.pid"
        if not path.exists():
            return
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        pid = int(first) if first.strip().isdigit() else NO_PROCESS
        if _is_server(pid, self.cluster):
            self._await_answer(pid)
        elif rest:
            path.write_text(f"{NO_PROCESS}\n{rest}", encoding="utf-8")
        else:
            path.unlink()

    def _await_answer(self, pid: int) -> None:
        """Give a server that is starting up or shutting down the time to do so."""
        deadline = time.monotonic() + PATIENCE
        while _is_server(pid, self.cluster) and not self._answers():
            if time.monotonic() > deadline:
                message = (
                    f"the PostgreSQL of {self.cluster} (process {pid}) runs but does not answer"
                )
                raise ConfigurationError(message)
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Say whether the server of this very cluster answers."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.cluster.resolve()

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs as the server's account."""
        account = self._account
        done = subprocess.run(  # noqa: S603 - our own program, arguments as a list, no shell
            [str(self._binaries / "bin" / program), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            tail = _tail(self.cluster / "startup.log") if program == "pg_ctl" else ""
            raise ConfigurationError(f"PostgreSQL: {program}: {said}\n{tail}".rstrip())


def _is_server(pid: int, cluster: Path) -> bool:
    """Say whether process *pid* is the server of *cluster*, not one that inherited its number."""
    process = Path("/proc") / str(pid)
    if Path("/proc/self").exists():
        try:
            return (process / "cwd").resolve(strict=True) == cluster.resolve()
        except OSError:
            return False
    done = subprocess.run(  # noqa: S603 - where there is no /proc; a number is the only argument
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return str(cluster) in done.stdout


def _private_folder(folder: Path, account: Account | None) -> None:
    """Make the socket's folder ours alone; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    found = folder.lstat()
    owner = account.uid if account else os.geteuid()
    if folder.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
        raise ConfigurationError(f"{folder} is not ours alone; remove it")


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _doubled(value: str) -> str:
    return value.replace("'", "''")


def _tail(path: Path) -> str:
    """Return the last lines of a log, for an error message."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
