"""What every call may use: the database, the settings, the workflows, and what is counted here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.metrics import Metrics
from api.throttle import Throttle
from pipeline import accounts
from pipeline.changes import Changes
from pipeline.db import Pool
from pipeline.services import Services
from pipeline.settings import Settings
from pipeline.vault import Vault
from pipeline.workflows import Workflow


@dataclass(frozen=True, slots=True)
class Desk:
    """One per app."""

    pool: Pool
    settings: Settings
    workflows: Mapping[str, Workflow]
    vault: Vault
    given: Services
    changes: Changes
    throttle: Throttle
    metrics: Metrics
    begin_anew: Callable[[], None] | None = None  # starts this process's house once more

    async def services(self, user_id: int) -> Services:
        """Return where a user's services are, with secrets; for asking whether they are set up."""
        return await accounts.services(self.pool, self.vault, user_id, self.given)
