"""Migrating applies what is missing, once, and refuses what it does not understand."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pipeline import migrate as module
from pipeline.db import Pool
from pipeline.embedded import EmbeddedPostgres
from pipeline.errors import ConfigurationError
from pipeline.migrate import MIGRATIONS, install_queue, migrate
from tests.conftest import add_user

DEBIAN = Path("/usr/lib/postgresql/15/bin")
NUMBERED = sorted(path.name for path in MIGRATIONS.glob("*.sql"))
REPEATED = ["2_queue.sql", "3_grants.sql"]


def fetch(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of our migrations that a test may change."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


async def test_an_empty_database_gets_everything_in_order(empty_database_url):
    done = await migrate(empty_database_url)

    assert done == [*NUMBERED, "procrastinate 3.10.0: schema.sql", *REPEATED]
    ledger = fetch(empty_database_url, "SELECT name FROM schema_migrations ORDER BY number")
    assert [name for (name,) in ledger] == NUMBERED
    assert fetch(empty_database_url, "SELECT version FROM procrastinate_schema") == [("3.10.0",)]


async def test_a_second_migration_does_nothing(database_url):
    assert await migrate(database_url) == []


async def test_migrations_at_once_are_done_once(empty_database_url):
    everyone = await asyncio.gather(*(migrate(empty_database_url) for _ in range(4)))

    assert sorted(len(done) for done in everyone) == [0, 0, 0, len(NUMBERED) + 1 + len(REPEATED)]


async def test_two_databases_of_one_cluster_migrate_at_once(server_url, empty_database_url):
    name = f"twin_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    twin = make_conninfo(server_url, dbname=name)

    first, second = await asyncio.gather(migrate(empty_database_url), migrate(twin))

    assert first == second
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def test_a_new_file_is_applied_and_named(database_url, folder):
    (folder / "9000_new.sql").write_text("CREATE TABLE fresh (id integer);")

    assert await migrate(database_url, folder) == ["9000_new.sql", *REPEATED]
    granted = "SELECT has_table_privilege('bookrunner_app', 'fresh', 'INSERT')"
    assert fetch(database_url, granted) == [(True,)]


async def test_a_migration_that_was_killed_half_way_is_finished_by_the_next(
    database_url, folder, monkeypatch
):
    async def killed(*_, **__):
        raise TimeoutError

    (folder / "9000_new.sql").write_text("CREATE FUNCTION fresh() RETURNS void LANGUAGE sql AS '';")
    with monkeypatch.context() as patch:
        patch.setattr(module, "_repeat", killed)
        with pytest.raises(TimeoutError):
            await migrate(database_url, folder)

    assert await migrate(database_url, folder) == REPEATED
    assert await migrate(database_url, folder) == []


async def test_rights_that_a_restored_dump_has_lost_are_granted_again(database_url):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("REVOKE ALL ON steps FROM bookrunner_app, bookrunner_system")

    assert await migrate(database_url) == REPEATED
    granted = "SELECT has_table_privilege('bookrunner_app', 'steps', 'INSERT')"
    assert fetch(database_url, granted) == [(True,)]


async def test_a_file_that_fails_leaves_nothing_of_itself_and_is_named(database_url, folder):
    (folder / "9000_good.sql").write_text("CREATE TABLE good (id integer);")
    (folder / "9001_bad.sql").write_text("CREATE TABLE bad (id integer); SELECT 1 / 0;")

    with pytest.raises(psycopg.errors.DivisionByZero) as failed:
        await migrate(database_url, folder)

    assert failed.value.__notes__ == ["while applying 9001_bad.sql"]
    found = "SELECT to_regclass('good') IS NOT NULL, to_regclass('bad') IS NOT NULL"
    assert fetch(database_url, found) == [(True, False)]


async def test_an_applied_file_that_has_changed_is_refused_by_name(database_url, folder):
    with (folder / "0001_core.sql").open("a") as file:
        file.write("-- an afterthought\n")

    with pytest.raises(ConfigurationError, match=r"0001_core\.sql has changed since"):
        await migrate(database_url, folder)


async def test_a_database_newer_than_the_code_is_refused(database_url, folder):
    newer = folder / "9000_new.sql"
    newer.write_text("CREATE TABLE fresh (id integer);")
    await migrate(database_url, folder)
    newer.unlink()

    with pytest.raises(ConfigurationError, match=r"newer .* has seen 9000_new\.sql"):
        await migrate(database_url, folder)


@pytest.mark.parametrize(
    ("name", "why"),
    [("9000-new.sql", "no name of a migration"), ("0001_again.sql", "have the same number")],
)
async def test_a_file_with_a_wrong_name_is_refused(name, why, database_url, folder):
    (folder / name).write_text("SELECT 1;")

    with pytest.raises(ConfigurationError, match=why):
        await migrate(database_url, folder)


async def test_a_server_too_old_is_refused(database_url, monkeypatch):
    monkeypatch.setattr(module, "OLDEST_SERVER", 990000)

    with pytest.raises(ConfigurationError, match="PostgreSQL 15 or newer is needed; this is"):
        await migrate(database_url)


async def test_a_foreign_procrastinate_is_refused(empty_database_url):
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE procrastinate_jobs (id bigint)")

    with pytest.raises(ConfigurationError, match="give Bookrunner its own database"):
        await migrate(empty_database_url)


# Procrastinate's upgrades: its files since the recorded version, oldest first.


@pytest.fixture
def package(tmp_path) -> Path:
    """The SQL of a later Procrastinate, as its package lays it out."""
    (tmp_path / "migrations").mkdir()
    for name, statement in {
        "03.04.00_01_pre_old.sql": "SELECT 1 / 0;",
        "03.11.00_01_pre_add.sql": "CREATE TABLE queue_upgrade (step text);",
        "03.11.00_50_post_fill.sql": "INSERT INTO queue_upgrade VALUES ('post');",
        "03.12.00_01_pre_more.sql": "INSERT INTO queue_upgrade VALUES ('more');",
    }.items():
        (tmp_path / "migrations" / name).write_text(statement)
    return tmp_path


async def test_procrastinate_is_upgraded_from_the_version_on_record(database_url, package):
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, row_factory=psycopg.rows.dict_row
    ) as connection:
        done = await install_queue(connection, package, "3.12.0")
        again = await install_queue(connection, package, "3.12.0")

    assert done == [
        "procrastinate 3.12.0: 03.11.00_01_pre_add.sql",
        "procrastinate 3.12.0: 03.11.00_50_post_fill.sql",
        "procrastinate 3.12.0: 03.12.00_01_pre_more.sql",
    ]
    assert again == []
    assert fetch(database_url, "SELECT step FROM queue_upgrade") == [("post",), ("more",)]


async def test_an_older_procrastinate_than_the_one_on_record_is_refused(database_url, package):
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, row_factory=psycopg.rows.dict_row
    ) as connection:
        with pytest.raises(ConfigurationError, match=r"newer than this code: .* 3\.10\.0"):
            await install_queue(connection, package, "3.9.0")


def test_the_installed_procrastinate_has_no_file_that_we_cannot_order():
    folder = Path(module.importlib.util.find_spec("procrastinate").origin).parent / "sql"

    assert len(module.read(folder / "migrations", module._PROCRASTINATE_FILE)) > 10


# A DATABASE_URL whose role is no superuser.


@pytest.fixture
def tenant(server_url: str) -> Iterator[psycopg.Connection]:
    """An administrator's connection, and a role `tenant` with a database of its own."""
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("changes roles of the whole cluster, which is not ours to change")
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE tenant LOGIN")
        admin.execute("CREATE DATABASE tenant OWNER tenant")
        yield admin
        admin.execute("DROP DATABASE tenant WITH (FORCE)")
        admin.execute("DROP ROLE tenant")


BOOK = "INSERT INTO books (user_id, title) VALUES (app_user(), 'Emma')"


def as_tenant(server_url: str) -> str:
    return make_conninfo(server_url, user="tenant", dbname="tenant")


@pytest.fixture
def own_roles(tenant) -> Iterator[None]:
    """Roles are the cluster's, so those of the other tests stand aside for a moment."""
    names = ("bookrunner_app", "bookrunner_system")
    for name in names:
        tenant.execute(f"ALTER ROLE {name} RENAME TO {name}_aside")
    yield
    tenant.execute("DROP DATABASE tenant WITH (FORCE)")
    tenant.execute("CREATE DATABASE tenant OWNER tenant")
    for name in names:
        tenant.execute(f"DROP ROLE IF EXISTS {name}")
        tenant.execute(f"ALTER ROLE {name}_aside RENAME TO {name}")


async def test_a_role_that_may_create_roles_needs_no_administrator(server_url, tenant, own_roles):
    tenant.execute("ALTER ROLE tenant CREATEROLE")

    assert len(await migrate(as_tenant(server_url))) == len(NUMBERED) + 1 + len(REPEATED)
    assert await migrate(as_tenant(server_url)) == []


async def test_a_role_that_may_not_is_told_what_an_administrator_has_to_run(
    server_url, tenant, own_roles
):
    with pytest.raises(ConfigurationError, match="an administrator has to run") as refused:
        await migrate(as_tenant(server_url))

    statements = str(refused.value).splitlines()[1:]
    for statement in statements:
        tenant.execute(statement)
    assert len(await migrate(as_tenant(server_url))) == len(NUMBERED) + 1 + len(REPEATED)


async def test_an_ordinary_owner_is_walled_in_and_queues_like_any_other(
    server_url,
    template,
    tenant,
):
    assert template  # by now the cluster has the roles
    tenant.execute("GRANT bookrunner_app, bookrunner_system TO tenant")
    await migrate(as_tenant(server_url))

    async with Pool(as_tenant(server_url)) as pool:
        first, second = await add_user(pool, "first"), await add_user(pool, "second")
        async with pool.user(first) as own:
            await own.connection.execute(
                "INSERT INTO books (user_id, title) VALUES (app_user(), 'x')"
            )
        async with pool.user(second) as own:
            cursor = await own.connection.execute("SELECT count(*) FROM books")
            assert await cursor.fetchone() == (0,)
        step = await add_step(pool, first)
        assert await queue(pool, first, [step]) == 1


async def test_a_role_that_may_not_create_tables_is_told_what_to_do(server_url, tenant):
    tenant.execute("ALTER DATABASE tenant OWNER TO CURRENT_USER")

    with pytest.raises(ConfigurationError, match="may not create tables") as refused:
        await migrate(as_tenant(server_url))

    tenant.execute(str(refused.value).splitlines()[1])
    with pytest.raises(ConfigurationError, match="two roles"):
        await migrate(as_tenant(server_url))


# The way into the queue.


async def add_step(pool: Pool, user: int) -> int:
    async with pool.user(user) as own:
        execute = own.connection.execute
        cursor = await execute(
            "INSERT INTO tasks (user_id, task_name, subject)"
            " VALUES (app_user(), 'SERIES', gen_random_uuid()) RETURNING id"
        )
        (run,) = await cursor.fetchone()
        cursor = await execute(
            "INSERT INTO steps (user_id, run_id, stage, kind, key, event)"
            " VALUES (app_user(), %s, 'discover_series', 'run_requested', 'run', '{}')"
            " RETURNING id",
            [run],
        )
        (step,) = await cursor.fetchone()
    return step


async def queue(pool: Pool, user: int | None, steps: list[int]) -> int:
    async with pool.system() if user is None else pool.user(user) as transaction:
        cursor = await transaction.connection.execute("SELECT queue_steps(%s::bigint[])", [steps])
        (count,) = await cursor.fetchone()
    return count


JOBS = "SELECT queue_name, task_name, args, status::text FROM procrastinate_jobs ORDER BY id"


async def test_a_user_queues_own_steps_one_job_each(pool, user_id, database_url):
    steps = [await add_step(pool, user_id) for _ in range(3)]

    assert await queue(pool, user_id, steps) == 3
    assert fetch(database_url, JOBS) == [
        ("steps", "step", {"steps": [step], "user_id": user_id}, "todo") for step in steps
    ]


async def test_a_user_cannot_queue_the_step_of_another(pool, user_id, database_url):
    own = await add_step(pool, user_id)
    stranger = await add_user(pool, "stranger")
    foreign = await add_step(pool, stranger)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="belongs to another user"):
        await queue(pool, user_id, [own, foreign])
    assert fetch(database_url, JOBS) == []


async def test_the_system_queues_for_everybody(pool, user_id, database_url):
    stranger = await add_user(pool, "stranger")
    steps = [await add_step(pool, user_id), await add_step(pool, stranger)]

    assert await queue(pool, None, steps) == 2


async def test_a_connection_without_a_role_queues_for_nobody(pool, user_id):
    step = await add_step(pool, user_id)
    connection = await pool.dedicated()
    async with connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("SELECT queue_steps(ARRAY[%s]::bigint[])", [step])


async def test_queueing_nothing_is_fine(pool, user_id):
    assert await queue(pool, user_id, []) == 0


async def test_the_queue_is_undone_with_its_transaction(pool, user_id, database_url):
    step = await add_step(pool, user_id)

    async with pool.user(user_id) as own:
        await own.connection.execute("SELECT queue_steps(ARRAY[%s]::bigint[])", [step])
        raise psycopg.Rollback
    assert fetch(database_url, JOBS) == []


async def test_a_user_cannot_touch_the_queue_itself(pool, user_id):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with pool.user(user_id) as own:
            await own.connection.execute("SELECT args FROM procrastinate_jobs")


async def test_the_fetch_never_scans_the_whole_queue(database_url):
    found = "SELECT proconfig FROM pg_proc WHERE proname = 'procrastinate_fetch_job_v2'"

    [(configuration,)] = fetch(database_url, found)
    assert "enable_seqscan=off" in configuration


async def test_a_job_that_is_put_back_wakes_the_workers(pool, user_id, database_url):
    await queue(pool, user_id, [await add_step(pool, user_id)])
    listener = await pool.dedicated()
    async with listener:
        await listener.execute('LISTEN "procrastinate_queue_v1#steps"')
        fetch(database_url, "UPDATE procrastinate_jobs SET status = 'doing' RETURNING id")
        fetch(database_url, "UPDATE procrastinate_jobs SET status = 'todo' RETURNING id")

        woken = [notify.payload async for notify in listener.notifies(timeout=5, stop_after=1)]

    assert len(woken) == 1
    assert '"job_inserted"' in woken[0]


# The oldest PostgreSQL that we promise to work with.


@pytest.fixture
def oldest() -> Iterator[str]:
    """URL of a PostgreSQL 15 as Debian 12 packages it."""
    if not DEBIAN.is_dir():
        pytest.skip(f"no PostgreSQL 15 in {DEBIAN} (Debian: apt install postgresql-15)")
    made = Path(tempfile.mkdtemp(prefix="bookrunner-oldest-"))
    made.chmod(0o755)
    server = EmbeddedPostgres(made, {"fsync": "off"})
    server._settle()
    cluster = made / "postgres"
    cluster.mkdir(mode=0o700)
    account = server._account
    who = {"user": account.uid, "group": account.gid} if account else {}
    if account:
        os.chown(cluster, account.uid, account.gid)

    def run(program: str, *arguments: object) -> None:
        command = [str(DEBIAN / program), "-D", str(cluster), *map(str, arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **who)  # noqa: S603 - ours

    run("initdb", "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
    options = f"-k {cluster} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "start", "-w", "-l", cluster / "log", "-o", options)
    yield f"postgresql://postgres@/postgres?host={quote(str(cluster), safe='')}"
    run("pg_ctl", "stop", "-w", "-m", "fast")
    shutil.rmtree(made)


async def test_the_oldest_postgresql_that_we_promise_will_do(oldest):
    assert fetch(oldest, "SHOW server_version_num")[0][0].startswith("15")

    assert len(await migrate(oldest)) == len(NUMBERED) + 1 + len(REPEATED)
    assert await migrate(oldest) == []
    async with Pool(oldest) as pool:
        user = await add_user(pool, "reader")
        assert await queue(pool, user, [await add_step(pool, user)]) == 1
