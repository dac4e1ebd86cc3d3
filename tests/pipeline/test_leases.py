"""A step is held by one; who was cancelled, or whose session ended, holds it no longer."""

import asyncio

import pytest

from pipeline import runs
from pipeline.leases import Leases, TakenElsewhere
from tests.support.chains import One, fetch, value, workflow


@pytest.fixture
async def step(pool, user_id) -> int:
    """A ready step."""
    await runs.start(pool, user_id, "CHAIN", event=One(), workflows=workflow("first"))
    return await value(pool, "SELECT id FROM steps")


async def test_a_claim_tells_what_the_step_is_and_starts_its_run(pool, user_id, step):
    async with Leases(pool.dedicated) as leases:
        claim = await leases.take(step)

    assert (claim.step, claim.user_id, claim.workflow, claim.stage) == (
        step,
        user_id,
        "CHAIN",
        "first",
    )
    assert (claim.kind, claim.key, claim.event) == ("test_one", "a", {"name": "a"})
    assert await fetch(pool, "SELECT status, actual_start IS NOT NULL FROM tasks") == [
        ("running", True)
    ]
    assert await value(pool, "SELECT lease FROM steps") == claim.lease


async def test_of_ten_that_ask_one_gets_it(pool, step):
    async with Leases(pool.dedicated) as one, Leases(pool.dedicated) as other:
        answers = await asyncio.gather(
            *(leases.take(step) for leases in (one, other) for _ in range(5)),
            return_exceptions=True,
        )

    assert sum(not isinstance(answer, Exception) for answer in answers) == 1
    assert sum(isinstance(answer, TakenElsewhere) for answer in answers) == 9


@pytest.mark.parametrize("status", ["waiting", "done", "cancelled"])
async def test_a_step_that_is_not_ready_is_over_for_a_job(pool, step, status):
    await fetch(pool, "UPDATE steps SET status = %s", status)

    async with Leases(pool.dedicated) as leases:
        assert await leases.take(step) is None
        assert await leases.take(999) is None


async def test_a_released_step_can_be_taken_again_at_once(pool, step):
    async with Leases(pool.dedicated) as one, Leases(pool.dedicated) as other:
        for leases in (one, other, other, one):
            claim = await leases.take(step)
            assert claim is not None
            leases.release(step)


async def test_a_claim_for_somebody_who_was_cancelled_is_given_back(pool, step):
    async with Leases(pool.dedicated) as one, Leases(pool.dedicated) as other:
        asking = asyncio.create_task(one.take(step))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert await other.take(step) is not None


async def test_a_session_that_ends_frees_everything(pool, step):
    async with Leases(pool.dedicated) as one:
        await one.take(step)

    async with Leases(pool.dedicated) as other:
        assert await other.take(step) is not None


async def test_a_row_that_somebody_has_locked_holds_up_no_other_step(pool, user_id, step):
    await runs.start(
        pool, user_id, "CHAIN", event=One(), subject="other", workflows=workflow("first")
    )
    async with pool.system() as transaction:
        await transaction.connection.execute("SELECT FROM steps WHERE id = %s FOR UPDATE", [step])
        async with Leases(pool.dedicated) as leases:
            stuck = asyncio.create_task(leases.take(step))
            claim = await asyncio.wait_for(leases.take(step + 1), 1)
            with pytest.raises(TakenElsewhere):
                await stuck

    assert claim is not None
