"""The composition root: every stage by its name, and for each user what stages may ask for."""

import asyncio
import importlib
import pkgutil
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import stages as folder
from pipeline import accounts, preferences
from pipeline.addresses import Private, networks
from pipeline.chains import Stage
from pipeline.db import Pool
from pipeline.limits import Limits, LocalLimits
from pipeline.services import Services
from pipeline.settings import Settings
from pipeline.vault import Vault

if TYPE_CHECKING:  # see `toolmaker`
    from pipeline.toolbox import Toolmaker

BELIEVED = 2.0  # seconds that a user's credentials are taken as unchanged
Toolbox = Mapping[type, object]


class Stages(Mapping[str, Stage]):
    """Every stage by the name of its file, which is loaded when the stage is asked for."""

    def __init__(self) -> None:
        self._names = {module.name for module in pkgutil.iter_modules(folder.__path__)}

    def __getitem__(self, name: str) -> Stage:
        """Return a stage; raises KeyError when there is no such file."""
        if name not in self._names:
            raise KeyError(name)
        stage: Stage = importlib.import_module(f"stages.{name}").run
        return stage

    def __contains__(self, name: object) -> bool:
        """Say whether there is a file of that name, without loading it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)


def toolmaker() -> "type[Toolmaker]":
    """Return what makes tools.

    It loads every client, which a worker does without until a step asks for one.
    """
    from pipeline.toolbox import Toolmaker  # noqa: PLC0415  # see above

    return Toolmaker


class Tools:
    """What stages may ask for, per user; made when first asked for, closed with the process."""

    def __init__(
        self, settings: Settings, pool: Pool, vault: Vault, given: Services, limits: Limits
    ) -> None:
        self.settings, self.pool, self.vault = settings, pool, vault
        self.given, self.limits = given, limits
        self._stack = AsyncExitStack()
        self._boxes: dict[int, tuple[str, Toolbox]] = {}
        self._believed: dict[int, float] = {}  # user -> until when the box is taken as current
        self._making = asyncio.Lock()

    async def __call__(self, user_id: int) -> Toolbox:
        """Return the tools of a user: clients that sign in as this user and nobody else.

        It is another box when the user has set other credentials, which is noticed within seconds.
        In the sandbox its stand-ins are asked, whatever the user has stored for later.
        """
        async with self._making:
            if self._believed.get(user_id, 0.0) < time.monotonic():
                version = await self._version(user_id)
                if user_id not in self._boxes or self._boxes[user_id][0] != version:
                    services = await self._services(user_id)
                    self._boxes[user_id] = version, await self.furnished(user_id, services)
                self._believed[user_id] = time.monotonic() + BELIEVED
        return self._boxes[user_id][1]

    async def furnished(self, user_id: int, services: Services) -> Toolbox:
        """Return new tools of a user for *services*; they are closed with all others."""
        home = await self._home(user_id)
        async with self.pool.user(user_id) as db:
            wishes = await preferences.load(db)
        maker = toolmaker()(
            self.settings, self.pool, self.vault, self.limits, self._stack, user_id, home
        )
        return maker.make(services, wishes)

    async def aclose(self) -> None:
        """Close every client."""
        await self._stack.aclose()

    async def _version(self, user_id: int) -> str:
        if self.settings.in_sandbox:
            return ""
        async with self.pool.user(user_id) as db:
            version: str = await db.value("credentials.version")
        return version

    async def _services(self, user_id: int) -> Services:
        if self.settings.in_sandbox:
            return self.given
        return await accounts.services(self.pool, self.vault, user_id, self.given)

    async def _home(self, user_id: int) -> Private:
        """Say where a user's own services may be: an administrator's anywhere in the house."""
        if self.settings.in_sandbox or await accounts.is_admin(self.pool, user_id):
            return True
        return networks(self.settings.private_networks)


@asynccontextmanager
async def open_tools(
    settings: Settings, pool: Pool, vault: Vault, given: Services
) -> AsyncIterator[Tools]:
    """Open the tools of this process; *given* are the services of the first user."""
    limits = Limits(pool)
    tools = Tools(settings, pool, vault, given, limits)
    try:
        yield tools
    finally:
        await tools.aclose()
        await limits.aclose()


@asynccontextmanager
async def trial(
    settings: Settings, pool: Pool, vault: Vault, user_id: int, services: Services
) -> AsyncIterator[Toolbox]:
    """Yield tools for *services* that the user may be about to set, to ask whether they are right.

    What goes wrong there opens no circuit, and counts against nobody's budget.
    """
    tools = Tools(settings, pool, vault, services, LocalLimits())
    try:
        yield await tools.furnished(user_id, services)
    finally:
        await tools.aclose()
