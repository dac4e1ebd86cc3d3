"""What a stage answers or raises decides what becomes of its step; all of it is one transaction."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import runs
from pipeline.clock import Clock
from pipeline.db import LOST, Database
from pipeline.errors import (
    NotConfigured,
    QuotaSpent,
    RateLimited,
    ServiceDown,
)
from pipeline.leases import TakenElsewhere
from pipeline.outcomes import Stop, Wait
from pipeline.runner import Runner
from pipeline.runs import Run
from pipeline.sweeper import Sweeper
from tests.support.chains import (
    Link,
    One,
    Three,
    Two,
    fetch,
    runner,
    until,
    value,
    working,
)


async def start(it: Runner, user_id: int, event: Link | None = None) -> runs.StartedRun:
    return await runs.start(it.pool, user_id, "CHAIN", event=event or One(), workflows=it.workflows)


async def drain(it: Runner) -> None:
    """Run everything that is queued, as a worker would, until nothing is."""
    while True:
        jobs = await fetch(
            it.pool,
            "DELETE FROM procrastinate_jobs WHERE status = 'todo' RETURNING args -> 'steps'",
        )
        if not jobs:
            return
        await asyncio.gather(*(_run(it, steps) for (steps,) in jobs))


async def _run(it: Runner, steps: list[int]) -> None:
    with suppress(TakenElsewhere):  # a worker would put the job back, and find nothing to do
        await it.run_steps(steps)


async def step(pool, columns: str, stage: str = "first"):
    query = f"SELECT {columns} FROM steps WHERE stage = %s"  # noqa: S608  # the columns are ours
    return (await fetch(pool, query, stage))[0]


async def note(db: Database) -> None:
    """A write of a stage: something that must not be there when the stage fails."""
    await db.do("steps.wake", user_id=db.user_id, topic="mark")


async def marks(pool) -> int:
    return await value(pool, "SELECT count(*) FROM topics WHERE name = 'mark'")


async def test_events_travel_down_the_chain_and_the_run_is_completed(pool, user_id):
    seen = []

    async def first(event: One) -> list[Two]:
        return [Two(name=f"{event.name}{n}") for n in range(3)]

    async def second(event: Two, run: Run) -> Three:
        run.log(f"looked at {event.name}")
        return Three(name=event.name)

    async def third(event: Three) -> None:
        seen.append(event.name)

    async with runner(pool, first=first, second=second, third=third) as it:
        await start(it, user_id)
        await drain(it)

    assert sorted(seen) == ["a0", "a1", "a2"]
    status, counts, log = (await fetch(pool, "SELECT status, counts, log_output FROM tasks"))[0]
    assert status == "completed"
    assert counts == {"first": {"done": 1}, "second": {"done": 3}, "third": {"done": 3}}
    assert log.count("looked at a") == 3


async def test_an_event_that_no_stage_takes_ends_there(pool, user_id):
    async def first(event: One) -> Three:
        return Three()

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert await value(pool, "SELECT count(*) FROM steps") == 1
    assert await value(pool, "SELECT status FROM tasks") == "completed"


async def test_an_event_may_go_back_to_an_earlier_stage(pool, user_id):
    async def first(event: One) -> Two:
        return Two(name=event.name)

    async def second(event: Two) -> One | None:
        return One(name="again") if event.name == "a" else None

    async with runner(pool, first=first, second=second) as it:
        await start(it, user_id)
        await drain(it)

    assert await value(pool, "SELECT count(*) FROM steps WHERE status = 'done'") == 4


async def test_the_same_fact_twice_in_a_run_is_one_step(pool, user_id):
    async def first(event: One) -> list[Two]:
        return [Two(name="x"), Two(name="x"), Two(name="y")]

    async def second(event: Two) -> None: ...

    async with runner(pool, first=first, second=second) as it:
        await start(it, user_id)
        await drain(it)

    assert await value(pool, "SELECT count(*) FROM steps WHERE stage = 'second'") == 2


async def test_a_step_that_is_done_is_not_done_again(pool, user_id):
    calls = []

    async def first(event: One) -> None:
        calls.append(event)

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        number = await value(pool, "SELECT id FROM steps")
        await it.run_steps([number])
        await it.run_steps([number, number])

    assert len(calls) == 1


async def test_ten_thousand_events_are_passed_on_quickly(pool, user_id, figure):
    async def first(event: One) -> list[Two]:
        return [Two(name=str(n)) for n in range(10_000)]

    async def second(event: Two) -> None: ...

    async with runner(pool, first=first, second=second) as it:
        await start(it, user_id)
        began = asyncio.get_running_loop().time()
        await it.run_step(await value(pool, "SELECT id FROM steps"))
        took = asyncio.get_running_loop().time() - began

    figure(f"10,000 events passed on and queued in {took:.2f} s")
    assert await value(pool, "SELECT count(*) FROM procrastinate_jobs") == 10_001
    assert took < 10


async def test_a_stop_keeps_its_reason_and_detail(pool, user_id):
    async def first(event: One) -> Stop:
        return Stop("none of 3 is fit; apikey=abcdef", {"refused": ["a", "b"]})

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert await step(pool, "status, reason, detail") == (
        "stopped",
        "none of 3 is fit; apikey=***",
        {"refused": ["a", "b"]},
    )
    assert await value(pool, "SELECT status FROM tasks") == "completed"
    assert "none of 3 is fit" in await value(pool, "SELECT log_output FROM tasks")


async def test_what_a_stage_writes_is_committed_with_its_outcome(pool, user_id):
    async def first(event: One, db: Database) -> Two:
        await note(db)
        assert await marks(pool) == 0
        return Two()

    async def second(event: Two) -> None: ...

    async with runner(pool, first=first, second=second) as it:
        await start(it, user_id)
        await it.run_step(await value(pool, "SELECT id FROM steps"))

    assert await marks(pool) == 1
    assert await value(pool, "SELECT count(*) FROM steps WHERE stage = 'second'") == 1


async def test_a_bug_fails_the_step_at_once_and_leaves_nothing_of_its_writes(pool, user_id):
    async def first(event: One, db: Database, run: Run) -> None:
        run.log("about to divide")
        await note(db)
        raise ZeroDivisionError("by token=abcdef")

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    status, attempts, reason, detail = await step(pool, "status, attempts, reason, detail")
    assert (status, attempts, reason) == ("failed", 1, "ZeroDivisionError: by token=***")
    assert "test_runner.py" in detail["traceback"]
    assert "abcdef" not in detail["traceback"]
    assert await marks(pool) == 0
    assert await fetch(
        pool, "SELECT stage, item_id, code, reason, attempt_count FROM failed_attempts"
    ) == [("first", "a", "bug", reason, 1)]
    run_status, error, log = (
        await fetch(pool, "SELECT status, error_message, log_output FROM tasks")
    )[0]
    assert (run_status, error) == ("failed", f"first: {reason}")
    assert "about to divide" in log


async def test_a_permanent_error_fails_at_once_under_its_code(pool, user_id):
    async def first(event: One) -> None:
        raise NotConfigured("prowlarr: no address is set")

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert await fetch(pool, "SELECT code, attempt_count FROM failed_attempts") == [
        ("not_configured", 1)
    ]
    assert await value(pool, "SELECT reason FROM steps") == "prowlarr: no address is set"


async def test_a_transient_error_is_tried_five_times_with_growing_pauses(pool, user_id):
    tries, pauses = [], []

    async def first(event: One, run: Run) -> None:
        tries.append(run.attempt)
        raise ServiceDown("abs: status: no answer")

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        for _ in range(6):
            await drain(it)
            if await value(pool, "SELECT status FROM steps") == "retrying":
                pauses.append(
                    await value(pool, "SELECT extract(epoch FROM due_at - now())::float FROM steps")
                )
            await fetch(pool, "UPDATE steps SET due_at = now() WHERE due_at IS NOT NULL")
            await Sweeper(pool).sweep()

    assert tries == [1, 2, 3, 4, 5]
    assert [round(pause / 2**n) for n, pause in enumerate(pauses)] == [2, 2, 2, 2]
    assert await step(pool, "status, attempts") == ("failed", 5)
    assert await fetch(pool, "SELECT code, attempt_count FROM failed_attempts") == [
        ("service_down", 5)
    ]


async def test_the_moment_that_the_other_side_named_is_honoured(pool, user_id):
    async def first(event: One) -> None:
        raise RateLimited("mam: search: 429", retry_after=timedelta(hours=2))

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    pause = await value(pool, "SELECT extract(epoch FROM due_at - now())::int FROM steps")
    assert 7100 < pause <= 7200


async def test_failures_of_the_same_item_add_up_in_the_ledger(pool, user_id):
    async def first(event: One) -> None:
        raise KeyError("x")

    async with runner(pool, first=first) as it:
        for _ in range(3):
            await start(it, user_id)
            await drain(it)

    assert await fetch(pool, "SELECT attempt_count FROM failed_attempts") == [(3,)]


async def test_what_is_impossible_for_now_is_parked_and_no_attempt(pool, user_id):
    async def first(event: One) -> None:
        raise QuotaSpent("google_books: the day is spent", after=timedelta(hours=5))

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    status, attempts, outcome, hours, days = await step(
        pool,
        "status, attempts, outcome, round(extract(epoch FROM due_at - now()) / 3600)::int,"
        " round(extract(epoch FROM deadline_at - now()) / 86400)::int",
    )
    assert (status, attempts, outcome, hours, days) == ("waiting", 0, "quota_spent", 5, 7)
    assert await value(pool, "SELECT status FROM tasks") == "running"


async def test_a_wait_ends_when_it_is_due_and_keeps_its_first_deadline(pool, user_id):
    answers = [
        Wait("first", timedelta(minutes=1)),
        Wait("second", deadline=timedelta(days=1)),
        None,
    ]

    async def first(event: One) -> Wait | None:
        return answers.pop(0)

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)
        deadline = await value(pool, "SELECT deadline_at FROM steps")
        await Sweeper(pool).sweep()
        assert await value(pool, "SELECT status FROM steps") == "waiting"
        await fetch(pool, "UPDATE steps SET due_at = now()")
        await Sweeper(pool).sweep()
        await drain(it)
        assert await step(pool, "reason, deadline_at") == ("second", deadline)
        await fetch(pool, "UPDATE steps SET due_at = now()")
        await Sweeper(pool).sweep()
        await drain(it)

    assert await step(pool, "status, attempts") == ("done", 0)


async def test_a_wait_past_its_deadline_is_looked_at_once_more_and_then_fails(pool, user_id):
    async def first(event: One) -> Wait:
        return Wait("the torrent is not there", timedelta(hours=9), deadline=timedelta(seconds=0.2))

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)
        assert await value(pool, "SELECT status FROM steps") == "waiting"
        assert await value(pool, "SELECT due_at = deadline_at FROM steps")
        await asyncio.sleep(0.25)
        await Sweeper(pool).sweep()
        await drain(it)

    assert await step(pool, "status, reason") == (
        "failed",
        "waited too long: the torrent is not there",
    )
    assert await value(pool, "SELECT code FROM failed_attempts") == "deadline_passed"
    assert await value(pool, "SELECT status FROM tasks") == "failed"


async def test_a_wake_makes_a_parked_step_run_at_once(pool, user_id):
    answers = [Wait("for the torrent", topic="torrent:1"), None]

    async def first(event: One) -> Wait | None:
        return answers.pop(0)

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)
        assert await runs.wake(pool, user_id, ["torrent:1"]) == 1
        await drain(it)

    assert await value(pool, "SELECT status FROM steps") == "done"


async def test_a_wake_that_comes_before_the_step_is_parked_is_not_lost(pool, user_id):
    looked = []

    async def first(event: One) -> Wait | None:
        looked.append(1)
        if len(looked) == 1:
            await runs.wake(pool, user_id, ["torrent:1"])
            return Wait("for the torrent", topic="torrent:1")
        return None

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert len(looked) == 2
    assert await value(pool, "SELECT status FROM steps") == "done"


@pytest.mark.parametrize("known", [True, False], ids=["known topic", "new topic"])
async def test_a_wake_that_is_not_committed_when_the_step_parks_is_not_lost(pool, user_id, known):
    looked = []
    read, decided = asyncio.Event(), asyncio.Event()

    async def first(event: One) -> Wait | None:
        looked.append(1)
        if len(looked) > 1:
            return None
        read.set()
        await decided.wait()
        return Wait("for the torrent", topic="torrent:1")

    if known:
        await runs.wake(pool, user_id, ["torrent:1"])
    async with runner(pool, first=first) as it:
        await start(it, user_id)
        running = asyncio.create_task(drain(it))
        await read.wait()
        async with pool.user(user_id) as waker:
            await runs.wake(waker, user_id, ["torrent:1"])
            decided.set()
            await asyncio.sleep(0.3)
            assert not running.done()  # parking waits for the waker
        await running
        await drain(it)

    assert len(looked) == 2


async def test_a_wake_from_before_the_step_began_does_not_make_it_spin(pool, user_id):
    looked = []

    async def first(event: One) -> Wait:
        looked.append(1)
        return Wait("for the torrent", topic="torrent:1")

    async with runner(pool, first=first) as it:
        await runs.wake(pool, user_id, ["torrent:1"])
        await start(it, user_id)
        await drain(it)

    assert looked == [1]
    assert await value(pool, "SELECT status FROM steps") == "waiting"


async def test_a_stage_that_wakes_its_own_topic_does_not_spin(pool, user_id):
    looked = []

    async def first(event: One, db: Database) -> Wait:
        looked.append(1)
        await db.value("steps.wake", user_id=user_id, topic="batch:1")
        return Wait("for the batch", topic="batch:1")

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert looked == [1]


async def test_a_cancelled_run_gets_nothing_from_a_step_in_progress(pool, user_id):
    started, go = asyncio.Event(), asyncio.Event()

    async def first(event: One, db: Database) -> Two:
        started.set()
        await go.wait()
        await note(db)
        return Two()

    async def second(event: Two) -> None: ...

    async with runner(pool, first=first, second=second) as it:
        run = await start(it, user_id)
        running = asyncio.create_task(drain(it))
        await started.wait()
        assert await runs.cancel(pool, user_id, run.id)
        go.set()
        await running

    assert await marks(pool) == 0
    assert await fetch(pool, "SELECT stage, status FROM steps") == [("first", "cancelled")]
    assert await value(pool, "SELECT status FROM tasks") == "cancelled"


async def test_a_cancel_and_steps_that_pass_on_leave_nothing_open(pool, user_id):
    async def first(event: One) -> list[Two]:
        return [Two(name=str(n)) for n in range(20)]

    async def second(event: Two) -> list[Three]:
        return [Three(name=f"{event.name}.{n}") for n in range(5)]

    async def third(event: Three) -> None: ...

    async with runner(pool, first=first, second=second, third=third) as it:
        for pause in range(8):
            run = await start(it, user_id)
            running = asyncio.create_task(drain(it))
            await asyncio.sleep(0.01 * pause)
            await runs.cancel(pool, user_id, run.id)
            await running

    open_steps = "SELECT count(*) FROM steps WHERE status IN ('ready', 'waiting', 'retrying')"
    assert await value(pool, open_steps) == 0


async def test_a_claim_does_not_wait_for_whoever_cancels_the_run(pool, user_id):
    async def first(event: One) -> None: ...

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        step = await value(pool, "SELECT id FROM steps")
        async with pool.system() as canceller:
            await canceller.connection.execute("SELECT FROM tasks FOR NO KEY UPDATE")
            async with asyncio.timeout(1):
                claim = await it.leases.take(step)

    assert claim.stage == "first"


async def test_a_run_fails_only_when_no_branch_came_to_a_good_end(pool, user_id):
    async def first(event: One) -> list[Two]:
        return [Two(name=n) for n in event.name]

    async def second(event: Two) -> None:
        if event.name == "x":
            raise KeyError("bad")

    async with runner(pool, first=first, second=second) as it:
        outcomes = []
        for name in ("ab", "ax", "xx", "xy", "x"):
            run = await start(it, user_id, One(name=name))
            await drain(it)
            outcomes.append(
                (
                    await fetch(
                        pool, "SELECT status, error_message FROM tasks WHERE id = %s", run.id
                    )
                )[0]
            )

    bad = "second: KeyError: 'bad'"
    assert outcomes == [
        ("completed", None),
        ("completed", bad),
        ("failed", bad),
        ("completed", bad),
        ("failed", bad),
    ]


async def test_a_step_held_elsewhere_is_left_alone(pool, user_id):
    started, go = asyncio.Event(), asyncio.Event()
    calls = []

    async def first(event: One) -> None:
        calls.append(1)
        started.set()
        await go.wait()

    async with runner(pool, first=first) as one, runner(pool, first=first) as other:
        await start(one, user_id)
        number = await value(pool, "SELECT id FROM steps")
        running = asyncio.create_task(one.run_step(number))
        await started.wait()
        with pytest.raises(TakenElsewhere):
            await other.run_steps([number])
        with pytest.raises(TakenElsewhere):
            await one.run_steps([number])
        go.set()
        await running
        await other.run_steps([number])

    assert calls == [1]


async def test_a_worker_that_lost_its_lease_records_nothing(pool, user_id):
    """As after SIGSTOP or a suspended machine: its session is gone, a twin did the step."""
    started, go = asyncio.Event(), asyncio.Event()

    async def slow(event: One, db: Database) -> Two:
        started.set()
        await go.wait()
        await note(db)
        return Two(name="late")

    async def quick(event: One) -> Two:
        return Two(name="in time")

    async def second(event: Two) -> None: ...

    paused = runner(pool, first=slow, second=second)
    async with paused, runner(pool, first=quick, second=second) as twin:
        await start(twin, user_id)
        number = await value(pool, "SELECT id FROM steps")
        running = asyncio.create_task(paused.run_step(number))
        await started.wait()
        paused.leases._session._connect = None  # as long as it is paused it does not come back
        await paused.leases._session.close()
        await twin.run_step(number)
        go.set()
        with pytest.raises(TakenElsewhere):
            await running
        paused.leases._session._connect = pool.dedicated

    assert await marks(pool) == 0
    assert await fetch(pool, "SELECT key FROM steps WHERE stage = 'second'") == [("in time",)]


async def test_a_worker_that_lost_its_lease_records_nothing_while_a_twin_is_at_it(pool, user_id):
    """The step is still open and ready, so only the token tells the two apart."""
    gates = {"late": asyncio.Event(), "in time": asyncio.Event()}
    started = {"late": asyncio.Event(), "in time": asyncio.Event()}

    def stage(name: str):
        async def first(event: One, db: Database) -> Two:
            started[name].set()
            await gates[name].wait()
            if name == "late":
                await note(db)
            return Two(name=name)

        return first

    async def second(event: Two) -> None: ...

    paused = runner(pool, first=stage("late"), second=second)
    twin = runner(pool, first=stage("in time"), second=second)
    async with paused, twin:
        await start(twin, user_id)
        number = await value(pool, "SELECT id FROM steps")
        one = asyncio.create_task(paused.run_step(number))
        await started["late"].wait()
        await paused.leases._session.close()
        other = asyncio.create_task(twin.run_step(number))
        await started["in time"].wait()
        gates["late"].set()
        with pytest.raises(TakenElsewhere):
            await one
        assert await step(pool, "status") == ("ready",)
        gates["in time"].set()
        await other

    assert await marks(pool) == 0
    assert await fetch(pool, "SELECT key FROM steps WHERE stage = 'second'") == [("in time",)]


async def test_a_step_whose_lease_a_crash_has_forgotten_is_done_by_the_same_job(pool, user_id):
    """Nobody else has it: without its job it would lie there until the sweeper misses it."""
    tries, started, go = [], asyncio.Event(), asyncio.Event()

    async def first(event: One, db: Database) -> None:
        tries.append(event.key)
        started.set()
        await go.wait()
        await note(db)

    it = runner(pool, first=first)
    async with working(it):
        await start(it, user_id)
        await started.wait()
        await fetch(pool, "UPDATE steps SET lease = NULL")
        go.set()
        await until(pool, "SELECT status FROM steps", expected="done", seconds=15)

    assert len(tries) == 2
    assert await marks(pool) == 1


async def test_leases_are_taken_back_after_an_outage(pool, user_id):
    started, go = asyncio.Event(), asyncio.Event()

    async def first(event: One) -> None:
        started.set()
        await go.wait()

    async with runner(pool, first=first) as one, runner(pool, first=first) as other:
        await start(one, user_id)
        number = await value(pool, "SELECT id FROM steps")
        running = asyncio.create_task(one.run_step(number))
        await started.wait()
        await one.leases._session.close()
        await one.leases._session.rows("steps.ping")
        with pytest.raises(TakenElsewhere):
            await other.run_step(number)
        go.set()
        await running

    assert await value(pool, "SELECT status FROM steps") == "done"


async def test_a_cancelled_step_stays_ready_and_free(pool, user_id):
    started = asyncio.Event()

    async def first(event: One, db: Database) -> None:
        await note(db)
        started.set()
        await asyncio.sleep(60)

    async with runner(pool, first=first) as it, runner(pool, first=first) as other:
        await start(it, user_id)
        number = await value(pool, "SELECT id FROM steps")
        running = asyncio.create_task(it.run_step(number))
        await started.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await asyncio.sleep(0.1)
        claim = await other.leases.take(number)
        assert claim is not None

    assert await step(pool, "status, attempts") == ("ready", 0)
    assert await marks(pool) == 0


async def test_a_lost_connection_is_no_attempt_and_no_failure(pool, user_id):
    calls = []

    async def first(event: One, db: Database) -> None:
        calls.append(1)
        await note(db)
        if len(calls) == 1:
            owner = await pool.dedicated()
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE state = 'idle in transaction' AND datname = current_database()"
            )
            await owner.close()
            await note(db)

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        number = await value(pool, "SELECT id FROM steps")
        with pytest.raises(LOST):
            await it.run_step(number)
        assert await step(pool, "status, attempts") == ("ready", 0)
        await it.run_step(number)

    assert await step(pool, "status, attempts") == ("done", 0)
    assert await value(pool, "SELECT count(*) FROM failed_attempts") == 0


async def test_tools_come_by_type_for_the_user_of_the_run(pool, user_id):
    class Service: ...

    class Absent: ...

    asked, got = [], []
    service = Service()

    async def tools(user: int):
        asked.append(user)
        return {Service: service}

    async def first(
        event: One, it: Service, missing: Absent | None, clock: Clock, run: Run
    ) -> None:
        got.extend([it, missing, run.workflow, run.user_id])
        assert clock.now().tzinfo is UTC
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)

    async with runner(pool, tools, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert asked == [user_id]
    assert got == [service, None, "CHAIN", user_id]


async def test_a_tool_that_nobody_offers_fails_the_step_in_words(pool, user_id):
    class Absent: ...

    async def first(event: One, it: Absent) -> None: ...

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert await step(pool, "status, reason") == (
        "failed",
        "first asks for Absent, which nobody offers",
    )


async def test_an_answer_that_is_no_outcome_is_a_bug(pool, user_id):
    async def first(event: One):
        return 42

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await drain(it)

    assert await step(pool, "status, reason") == (
        "failed",
        "TypeError: a stage answered 42, which is no outcome",
    )


async def test_a_step_of_an_unknown_kind_or_stage_fails_in_words(pool, user_id):
    async def first(event: One) -> None: ...

    async with runner(pool, first=first) as it:
        await start(it, user_id)
        await fetch(pool, "UPDATE steps SET kind = 'of the future'")
        await drain(it)
        await start(it, user_id)
        await fetch(pool, "UPDATE steps SET stage = 'gone' WHERE status = 'ready'")
        await drain(it)

    assert await fetch(pool, "SELECT reason FROM steps ORDER BY id") == [
        ("KeyError: 'of the future'",),
        ("there is no stage gone",),
    ]
