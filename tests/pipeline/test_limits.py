import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.db import Pool
from pipeline.errors import CircuitOpen, NotNow, QuotaSpent, Transient
from pipeline.limits import FAILURES, Limits, LocalLimits

DAY = date(2026, 11, 22)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["postgresql", "local"])
def kind(request):
    """Where the limits are kept: the URL of a database, or nothing for one process."""
    return request.getfixturevalue("database_url") if request.param == "postgresql" else None


@pytest.fixture
async def limits(kind):
    """Both kinds keep the same promises."""
    if kind is None:
        yield LocalLimits()
        return
    async with Pool(kind) as pool:
        shared = Limits(pool)
        yield shared
        await shared.aclose()


@asynccontextmanager
async def two_processes(url):
    async with Pool(url, size=8) as one, Pool(url, size=8) as two:
        pair = Limits(one), Limits(two)
        yield pair
        for limits in pair:
            await limits.aclose()


async def test_requests_are_spaced(limits):
    every = timedelta(milliseconds=80)
    began = time.monotonic()
    for _ in range(4):
        await limits.slot("s", every=every)

    assert 0.24 <= time.monotonic() - began < 0.6


async def test_a_burst_goes_at_once_after_a_rest(limits):
    began = time.monotonic()
    for _ in range(5):
        await limits.slot("s", every=timedelta(milliseconds=300), burst=5)

    assert time.monotonic() - began < 0.25


async def test_a_long_wait_is_refused_and_takes_nothing(limits):
    every = timedelta(seconds=10)
    await limits.slot("s", every=every)
    refused = []
    for _ in range(3):
        with pytest.raises(NotNow) as caught:
            await limits.slot("s", every=every)
        refused.append(caught.value.after.total_seconds())

    # The slot itself is never further away than ten seconds; those refused come back one by one.
    assert refused[0] == pytest.approx(10, abs=1)
    assert refused[1] == pytest.approx(20, abs=1)
    assert refused[2] == pytest.approx(30, abs=1)
    slot = await limits._take("s", every, 1, timedelta(0))
    assert slot.wait == pytest.approx(10, abs=1)


async def test_those_sent_away_come_back_one_by_one(limits, figure):
    every, asked, done = timedelta(milliseconds=20), 0, []

    async def step():
        nonlocal asked
        while True:
            asked += 1
            try:
                await limits.slot("s", every=every, patience=timedelta(milliseconds=50))
            except NotNow as later:  # parked by the runner, in a worker that does other things
                await asyncio.sleep(later.after.total_seconds())
            else:
                done.append(time.monotonic())
                return

    began = time.monotonic()
    await asyncio.gather(*(step() for _ in range(100)))
    took = max(done) - began

    figure(f"100 steps at 50/s in {took:.2f} s, asked {asked} times")
    assert 1.9 < took < 5  # the pace is kept, and not much of it is left unused
    assert asked < 400


async def test_names_do_not_slow_each_other(limits):
    began = time.monotonic()
    for name in "abcdef":
        await limits.slot(name, every=timedelta(seconds=60))

    assert time.monotonic() - began < 1


async def test_two_processes_together_never_exceed_the_pace(database_url, figure):
    every, sent = timedelta(milliseconds=50), []

    async def worker(limits, until):
        while time.monotonic() < until:
            await limits.slot("goodreads", every=every, burst=3, patience=timedelta(seconds=9))
            sent.append(time.monotonic())

    async with two_processes(database_url) as pair:
        until = time.monotonic() + 3
        await asyncio.gather(*(worker(limits, until) for limits in pair for _ in range(6)))

    sent.sort()
    worst = max(sum(1 for t in sent if start <= t < start + 1) for start in sent)
    rate = (len(sent) - 1) / (sent[-1] - sent[0])
    slots = f"{len(sent)} slots, {rate:.2f}/s, worst second {worst}"
    figure(f"two pools, 12 tasks, 20/s, burst 3: {slots}")
    assert worst <= 20 + 3 + 1  # one second's slots, the burst, and one for the timer's grain
    assert rate <= 20 * 1.08
    assert len(sent) >= 40


async def test_the_fifth_failure_in_a_row_opens_the_circuit(limits):
    for _ in range(FAILURES - 1):
        await limits.failed("s", "s: GET /: 503")
    assert (await limits.circuit("s")).failures == FAILURES - 1
    await limits.failed("s", "s: GET /: 503")

    with pytest.raises(CircuitOpen, match="s: GET /: 503") as caught:
        await limits.circuit("s")
    assert 29 <= caught.value.after.total_seconds() <= 40


async def test_a_success_closes_the_count(limits):
    for _ in range(FAILURES - 1):
        await limits.failed("s", "503")
    await limits.succeeded("s")
    await limits.failed("s", "503")

    assert (await limits.circuit("s")).failures == 1


async def test_failures_while_it_is_open_do_not_prolong_it(limits):
    for _ in range(FAILURES + 20):
        await limits.failed("s", "503")

    with pytest.raises(CircuitOpen) as caught:
        await limits.circuit("s")
    assert caught.value.after.total_seconds() <= 40


async def _half_open(limits):
    await limits.hold("s", timedelta(milliseconds=20), "slow down")
    await asyncio.sleep(0.05)
    assert (await limits.circuit("s")).opened


async def test_one_request_probes_a_half_open_circuit(limits):
    await _half_open(limits)
    answers = await asyncio.gather(*(limits.probe("s") for _ in range(8)), return_exceptions=True)

    assert answers.count(None) == 1
    assert sum(isinstance(a, CircuitOpen) for a in answers) == 7


async def test_a_good_probe_closes_and_a_bad_one_opens_again(limits):
    await _half_open(limits)
    await limits.probe("s")
    await limits.failed("s", "still down")
    with pytest.raises(CircuitOpen, match="still down"):
        await limits.circuit("s")

    await limits.hold("t", timedelta(milliseconds=20))
    await asyncio.sleep(0.05)
    await limits.probe("t")
    await limits.succeeded("t")
    assert not (await limits.circuit("t")).opened


async def test_what_was_well_is_believed_for_a_second_only(database_url):
    async with two_processes(database_url) as (one, two):
        await one.succeeded("s")
        assert not (await one.circuit("s")).opened
        await two.trip("s", HOUR, "challenge")
        await one.circuit("s")
        await asyncio.sleep(1.1)

        with pytest.raises(CircuitOpen, match="challenge"):
            await one.circuit("s")


async def test_ones_own_failures_are_known_at_once(limits):
    await limits.succeeded("s")
    await limits.circuit("s")
    await limits.hold("s", HOUR, "slow down")

    with pytest.raises(CircuitOpen):
        await limits.circuit("s")


async def test_a_block_doubles_when_it_comes_back(limits):
    first = await limits.trip("s", timedelta(milliseconds=30), "challenge")
    again = await limits.trip("s", timedelta(hours=6), "a twin of the same block")
    await asyncio.sleep(0.05)
    await limits.probe("s")
    await limits.succeeded("s")
    second = await limits.trip("s", timedelta(hours=6), "challenge")

    assert first <= timedelta(milliseconds=30)
    assert again <= first
    assert second.total_seconds() == pytest.approx(12 * 3600, abs=5)


async def test_a_block_is_not_lifted_by_a_success_that_began_before(limits):
    await limits.trip("s", HOUR, "challenge")
    await limits.succeeded("s")

    with pytest.raises(CircuitOpen, match="challenge"):
        await limits.circuit("s")


async def test_a_block_has_an_end(limits):
    after = await limits.trip("s", timedelta(days=90), "challenge", longest=timedelta(days=7))

    assert timedelta(days=6) < after <= timedelta(days=7)


async def test_a_budget_is_spent_to_its_last_request_and_not_beyond(limits):
    until = datetime.now(UTC) + HOUR
    counts = [await limits.spend("google", DAY, 3, until) for _ in range(3)]
    with pytest.raises(QuotaSpent, match="budget of 3 requests") as caught:
        await limits.spend("google", DAY, 3, until)

    assert counts == [1, 2, 3]
    assert await limits.used("google", DAY) == 3
    assert caught.value.after.total_seconds() == pytest.approx(3600, abs=5)
    assert await limits.spend("google", DAY + timedelta(days=1), 3, until) == 1


async def test_a_budget_is_not_overspent_by_many_at_once(limits):
    until = datetime.now(UTC) + HOUR
    asked = (limits.spend("google", DAY, 10, until) for _ in range(25))
    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert sorted(a for a in answers if isinstance(a, int)) == list(range(1, 11))
    assert sum(isinstance(a, QuotaSpent) for a in answers) == 15


async def test_a_service_may_declare_the_day_spent(limits):
    until = datetime.now(UTC) + HOUR
    await limits.spend("google", DAY, 100, until)
    raised = await limits.declare_spent("google", DAY, until)
    with pytest.raises(QuotaSpent):
        await limits.spend("google", DAY, 100, until)

    assert raised.after.total_seconds() == pytest.approx(3600, abs=5)
    assert await limits.used("google", DAY) == 1


async def test_only_one_is_inside(limits):
    inside, most = 0, 0

    async def visit():
        nonlocal inside, most
        async with limits.exclusive("abs:1"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(10)))
    assert most == 1


async def test_only_one_is_inside_across_processes(database_url):
    inside, most, visits = 0, 0, 0

    async def visit(limits):
        nonlocal inside, most, visits
        for _ in range(5):
            async with limits.exclusive("abs:1"):
                inside, visits = inside + 1, visits + 1
                most = max(most, inside)
                await asyncio.sleep(0.002)
                inside -= 1

    async with two_processes(database_url) as pair:
        await asyncio.gather(*(visit(limits) for limits in pair for _ in range(4)))
    assert (most, visits) == (1, 40)


async def test_waiting_for_the_other_has_an_end(database_url):
    async with two_processes(database_url) as (one, two), one.exclusive("abs:1"):
        with pytest.raises(NotNow, match="somebody else"):
            async with two.exclusive("abs:1", patience=timedelta(milliseconds=100)):
                pytest.fail("two are inside")


async def test_another_name_is_another_door(limits):
    async with limits.exclusive("abs:1"), limits.exclusive("abs:2"):
        pass


async def _end_whoever_holds_a_lock(pool):
    async with await pool.dedicated() as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND pid <> pg_backend_pid() AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


async def test_a_lock_lost_with_its_connection_is_noticed(pool):
    limits = Limits(pool)
    with pytest.raises(Transient, match="lost"):
        async with limits.exclusive("abs:1"):
            await _end_whoever_holds_a_lock(pool)
    async with limits.exclusive("abs:1"):  # and the next may go in
        pass
    await limits.aclose()


async def test_a_spare_connection_that_died_is_replaced(pool):
    limits = Limits(pool)
    async with limits.exclusive("abs:1"):
        pass
    async with await pool.dedicated() as other:
        await other.execute(
            "SELECT pg_terminate_backend(%s)", [limits._exclusive._spare[0].info.backend_pid]
        )
    async with limits.exclusive("abs:1"):
        pass
    await limits.aclose()


async def test_a_body_that_fails_or_is_cancelled_gives_the_lock_back(database_url):
    async with two_processes(database_url) as (one, two):
        with pytest.raises(ValueError, match="mine"):
            async with one.exclusive("abs:1"):
                raise ValueError("mine")

        async def sleeper():
            async with one.exclusive("abs:1"):
                await asyncio.sleep(60)

        task = asyncio.create_task(sleeper())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with two.exclusive("abs:1", patience=timedelta(seconds=2)):
            pass


async def test_one_who_is_cancelled_while_waiting_leaves_nothing_behind(database_url):
    async with two_processes(database_url) as (one, two):
        async with one.exclusive("abs:1"):
            waiting = asyncio.create_task(two.exclusive("abs:1").__aenter__())
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        async with one.exclusive("abs:1", patience=timedelta(seconds=2)):
            pass


async def test_an_answer_is_kept_until_it_is_too_old(limits):
    await limits.cache.put("goodreads", "/book/1", b"<html>" * 1000, HOUR)
    await limits.cache.put("goodreads", "/book/2", b"old", timedelta(milliseconds=1))
    await asyncio.sleep(0.01)

    assert await limits.cache.get("goodreads", "/book/1") == b"<html>" * 1000
    assert await limits.cache.get("goodreads", "/book/2") is None
    assert await limits.cache.get("google", "/book/1") is None
    assert await limits.cache.forget_expired() == 1


async def test_health_sees_every_circuit(limits):
    await limits.failed("s", "s: GET /: 503")

    (circuit,) = await limits.circuits()
    assert (circuit["name"], circuit["failures"]) == ("s", 1)
    assert circuit["last_error"] == "s: GET /: 503"
