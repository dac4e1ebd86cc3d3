"""Leave the sandbox for the user's own services: asked for while it runs, done at the next start.

At the start, because nothing of the sandbox is running then that could write once more what is just
being forgotten.
"""

from pipeline import runs
from pipeline.db import Pool

FORGOTTEN = ("forget_answers", "forget_circuits", "forget_paces", "forget_quotas")


async def ask_to_leave(pool: Pool) -> None:
    """Remember that the sandbox is to be left at the next start."""
    async with pool.system() as db:
        await db.do("installation.ask_to_leave")


async def left_sandbox(pool: Pool, user_id: int) -> bool:
    """Say whether the sandbox was left; leave it now if that was asked for.

    The sandbox was played to the first user, *user_id*: books, series, runs and downloads of its
    library are forgotten, and so are the answers of its catalogues. Keys, credentials and schedules
    stay, and so does the permanent ledger of failures.
    """
    async with pool.system() as db:
        state = await db.row("installation.sandbox")
        under_way = await db.rows("accounts.runs_of", user_id=user_id)
    if state is None or not state["asked"]:
        return bool(state and state["has_left"])
    for run in under_way:
        await runs.cancel(pool, user_id, run["id"])
    async with pool.user(user_id) as db:
        await db.do("installation.forget_library")
    async with pool.system() as db:
        for name in FORGOTTEN:
            await db.do(f"installation.{name}")
        await db.do("installation.leave")
    return True
