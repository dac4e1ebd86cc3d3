"""Everything that a process of ours stands on: database, schema, first user, services, tools."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from pipeline import accounts, leaving, services, wiring
from pipeline.accounts import FirstStart
from pipeline.db import Pool
from pipeline.embedded import EmbeddedPostgres
from pipeline.errors import ConfigurationError, ServiceDown
from pipeline.migrate import migrate
from pipeline.settings import Settings
from pipeline.vault import open_vault
from pipeline.wiring import Tools

if TYPE_CHECKING:  # the stand-ins load a web server, which most processes do without
    from pipeline.sandbox.town import Town

Say = Callable[[str], None]
# What a server says that will say the same tomorrow; it has no code for it while one logs in.
REFUSALS = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "does not exist",
)


@dataclass(frozen=True, slots=True)
class House:
    """What stands; `key` is the first user's API key when it was made just now."""

    settings: Settings
    pool: Pool
    tools: Tools
    user: FirstStart
    town: "Town | None"


@asynccontextmanager
async def database(settings: Settings, say: Say, *, fresh: bool = False) -> AsyncIterator[str]:
    """Yield the URL of a migrated database: the user's, or the embedded one, started if need be.

    *fresh* empties the embedded one first.
    """
    async with AsyncExitStack() as stack:
        if settings.database_url:
            url = settings.database_url
            say("using the PostgreSQL of DATABASE_URL")
        else:
            server = EmbeddedPostgres(settings.data_dir)
            url = stack.enter_context(server)
            if fresh:
                server.empty()
            say(f"PostgreSQL runs on a socket in {server.socket_dir}")
            if server.notice:
                say(server.notice)
        applied = await _migrated(url)
        say(
            f"schema is current ({len(applied)} changes applied)"
            if applied
            else "schema is current"
        )
        yield url


async def _migrated(url: str) -> list[str]:
    """Bring the schema up to date; this is also how a process first meets its database.

    Raises ConfigurationError when PostgreSQL turns us away for good, ServiceDown when it cannot be
    reached or is starting, which is worth waiting for.
    """
    try:
        return await migrate(url)
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        if any(refusal in said for refusal in REFUSALS):
            raise ConfigurationError(f"DATABASE_URL: PostgreSQL refuses us: {said}") from error
        raise ServiceDown(f"PostgreSQL: connecting: {said}") from error


@asynccontextmanager
async def open_house(
    settings: Settings, say: Say, *, sandbox: bool = True, fresh: bool = False
) -> AsyncIterator[House]:
    """Open everything but the workers; *sandbox* says whether this process may play the services.

    The stand-ins live in one process only: the one that runs `up` or `demo`. *fresh* forgets
    everything that the embedded database held.
    """
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database(settings, say, fresh=fresh))
        pool = await stack.enter_async_context(Pool(url, size=settings.concurrency + 8))
        user = await accounts.first_start(pool, settings.time_zone)
        if settings.sandbox == "auto" and await leaving.left_sandbox(pool, user.user_id):
            settings = settings.model_copy(update={"sandbox": "off"})
        town, vault = None, open_vault(settings)
        given = services.from_settings(settings)
        if settings.in_sandbox and sandbox:
            from pipeline.sandbox.town import Town  # noqa: PLC0415  # see above

            town = await stack.enter_async_context(Town.open(settings.data_dir / "sandbox"))
            given = town.services(given)
            say("no Audiobookshelf is configured: the sandbox plays all services on loopback")
        tools = await stack.enter_async_context(wiring.open_tools(settings, pool, vault, given))
        yield House(settings, pool, tools, user, town)
