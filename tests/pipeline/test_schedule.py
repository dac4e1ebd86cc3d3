"""The clockwork on a real PostgreSQL: each due time starts one run, whatever the clocks do."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from pipeline import schedule
from pipeline.db import Pool
from pipeline.errors import BadInput
from pipeline.events import BookShelved
from pipeline.schedule import Clockwork
from pipeline.workflows import WORKFLOWS, Workflow
from tests.support.household import look

# The owner's times: cron, time of day, day of the month, day of the week (Sunday is 6).
OWNERS = {
    "MAM": ("0 2 * * *", time(2), None, None),
    "TOP10": ("0 3 * * 0", time(3), None, 6),
    "METADATA_NEW": ("30 4 * * 0", time(4, 30), None, 6),
    "METADATA_FULL": ("0 4 1 * *", time(4), 1, None),
    "SERIES": ("0 3 2 * *", time(3), 2, None),
    "AUTHOR": ("0 3 3 * *", time(3), 3, None),
    "CLEANUP": ("0 1 * * *", time(1), None, None),
}
SEVEN = {name: Workflow(("a_stage",), every=cron) for name, (cron, *_) in OWNERS.items()}
# The night of the change, by the clocks of the zone.
CHANGES = {
    ("Europe/Berlin", "spring"): date(2027, 3, 28),
    ("Europe/Berlin", "autumn"): date(2027, 10, 31),
    ("America/New_York", "spring"): date(2027, 3, 14),
    ("America/New_York", "autumn"): date(2024, 11, 3),  # the 3rd, so that AUTHOR meets it, too
    ("Europe/London", "spring"): date(2027, 3, 28),  # 01:00 is skipped: CLEANUP
    ("Europe/London", "autumn"): date(2027, 10, 31),  # 01:00 comes twice: CLEANUP
}


class SetClock:
    """A clock that shows what it is set to."""

    def __init__(self, now):
        self.time = now

    def now(self):
        return self.time


def expected(zone, start, end):
    """Every due time between two moments, worked out without a cron library, day by day."""
    place = ZoneInfo(zone)
    found = Counter()
    for days in range((end - start).days + 2):
        day = start.astimezone(place).date() + timedelta(days=days)
        for name, (_, at, of_month, of_week) in OWNERS.items():
            if of_month not in (None, day.day) or of_week not in (None, day.weekday()):
                continue
            moment = first_moment(datetime.combine(day, at), place)
            if start < moment <= end:
                found[name, moment] += 1
    return found


def first_moment(wall, place):
    """The first moment at which the clocks of *place* show *wall* or later."""
    moment = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(place).replace(tzinfo=None) < wall:
        moment += timedelta(minutes=15)
    return moment


def moments(start, night, end):
    """When the clockwork looks: every three hours, every ten minutes around the *night*."""
    at = start
    while at <= end:
        yield at
        close = abs(at - night) < timedelta(hours=36)
        at += timedelta(minutes=10) if close else timedelta(hours=3)


async def settle(pool):
    """End every run, as workers would have done long before the next due time."""
    async with pool.system() as db:
        await db.connection.execute(
            "UPDATE tasks SET status = 'completed', actual_end = now() WHERE status = 'scheduled'"
        )


async def live_in(pool, user_id, zone):
    async with pool.user(user_id) as db:
        await db.connection.execute("UPDATE users SET time_zone = %s", [zone])


def started(url):
    rows = look(url, "SELECT task_name, scheduled_time FROM tasks WHERE started_by = 'schedule'")
    return Counter((name, at.astimezone(UTC)) for name, at in rows)


@pytest.mark.slow
@pytest.mark.parametrize(("zone", "season"), CHANGES)
async def test_over_a_change_of_clocks_each_due_time_starts_one_run_with_two_workers_racing(
    zone, season, pool, user_id, database_url
):
    await live_in(pool, user_id, zone)
    night = datetime.combine(CHANGES[zone, season], time(2), tzinfo=UTC)
    start, end = night - timedelta(days=4), night + timedelta(days=32)
    clock = SetClock(start)
    async with Pool(database_url) as other:
        two = [Clockwork(each, clock=clock, workflows=SEVEN) for each in (pool, other)]
        await asyncio.gather(*(each.prepare() for each in two))
        for clock.time in moments(start, night, end):
            runs = await asyncio.gather(*(each.tick() for each in two))
            if any(runs):
                await settle(pool)

    wanted = expected(zone, start, end)
    assert started(database_url) == wanted
    assert set(wanted.values()) == {1}
    assert {name for name, _ in wanted} == set(OWNERS)


async def test_the_owners_times_are_the_defaults():
    by_clock = {name: each.every for name, each in WORKFLOWS.items() if each.every}

    assert by_clock == {name: cron for name, (cron, *_) in OWNERS.items()}


@pytest.fixture
def clock():
    return SetClock(datetime(2026, 11, 22, 0, 30, tzinfo=UTC))


@pytest.fixture
async def clockwork(pool, user_id, clock):
    made = Clockwork(pool, clock=clock, workflows=SEVEN)
    await made.prepare()
    return made


async def test_what_was_due_while_everything_was_off_is_started_once_on_return(
    clockwork, clock, database_url
):
    clock.time += timedelta(days=10)
    await clockwork.tick()
    await clockwork.tick()

    names = Counter(name for name, _ in started(database_url))
    assert names == dict.fromkeys(("MAM", "CLEANUP", "TOP10", "METADATA_NEW", "METADATA_FULL"), 1)
    due = look(database_url, "SELECT min(next_run_at) FROM schedules")[0][0]
    assert due > clock.time


async def test_a_run_carries_the_time_at_which_it_was_due(clockwork, clock, database_url):
    clock.time += timedelta(minutes=31, seconds=7)
    await clockwork.tick()

    row = look(database_url, "SELECT scheduled_time, started_by, status FROM tasks")
    assert row == [(datetime(2026, 11, 22, 1, tzinfo=UTC), "schedule", "scheduled")]


async def test_a_clock_that_is_set_back_starts_nothing_twice(clockwork, clock, pool, database_url):
    clock.time += timedelta(hours=3)
    await clockwork.tick()
    await settle(pool)
    clock.time -= timedelta(hours=3)
    await clockwork.tick()
    clock.time += timedelta(hours=4)
    await clockwork.tick()

    assert set(started(database_url).values()) == {1}


async def test_a_run_that_is_still_under_way_is_not_started_again(clockwork, clock, database_url):
    clock.time += timedelta(hours=1)
    await clockwork.tick()
    clock.time += timedelta(days=1)
    await clockwork.tick()

    assert Counter(name for name, _ in started(database_url))["CLEANUP"] == 1


async def test_a_killed_worker_loses_neither_the_due_time_nor_the_run(
    clockwork, clock, database_url, monkeypatch
):
    clock.time += timedelta(hours=1)

    async def dies(*_):
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(clockwork, "_move_on", dies)
        with pytest.raises(ConnectionResetError):
            await clockwork.tick()
    assert not started(database_url)
    await clockwork.tick()

    assert len(started(database_url)) == 1


async def test_a_paused_workflow_is_not_started_and_nothing_is_made_up_for(
    clockwork, clock, pool, user_id, database_url
):
    await schedule.pause(pool, user_id, "CLEANUP", clock)
    clock.time += timedelta(days=3)
    await clockwork.prepare()
    await clockwork.tick()
    assert "CLEANUP" not in {name for name, _ in started(database_url)}

    resumed = await schedule.resume(pool, user_id, "CLEANUP", clock)
    await clockwork.tick()

    assert "CLEANUP" not in {name for name, _ in started(database_url)}
    assert resumed.next_run_at == datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert resumed.paused_at is None


async def test_a_schedule_is_changed_with_its_zone(clockwork, clock, pool, user_id):
    changed = await schedule.change(
        pool, user_id, "MAM", "15  5 * * *", "Asia/Tokyo", clock=clock, workflows=SEVEN
    )

    assert changed.cron == "15 5 * * *"
    assert changed.in_words == "At 05:15 every day"
    assert changed.next_run_at == datetime(2026, 11, 22, 20, 15, tzinfo=UTC)


async def test_a_paused_schedule_that_is_changed_stays_paused(clockwork, clock, pool, user_id):
    await schedule.pause(pool, user_id, "MAM", clock)

    changed = await schedule.change(pool, user_id, "MAM", "0 6 * * *", clock=clock, workflows=SEVEN)

    assert changed.paused_at == clock.time
    assert changed.next_run_at is None


@pytest.mark.parametrize(
    ("workflow", "cron", "zone", "said"),
    [
        ("MAM", "*/5 * * * *", None, "more often than every 15 minutes"),
        ("MAM", "nightly", None, "write five fields"),
        ("MAM", "0 2 * * *", "Mars/Olympus", "no IANA time zone"),
        ("IMPORTED", "0 2 * * *", None, "the clock does not start 'IMPORTED'"),
        ("NONE", "0 2 * * *", None, "it starts MAM"),
    ],
)
async def test_a_senseless_change_is_refused_and_changes_nothing(
    workflow, cron, zone, said, clockwork, pool, user_id
):
    with_event = {
        "MAM": SEVEN["MAM"],
        "IMPORTED": Workflow(("a_stage",), starts_with=BookShelved),
    }
    before = await schedule.overview(pool, user_id)

    with pytest.raises(BadInput, match=said):
        await schedule.change(pool, user_id, workflow, cron, zone, workflows=with_event)

    assert await schedule.overview(pool, user_id) == before


async def test_pausing_what_has_no_schedule_is_refused(clockwork, pool, user_id):
    with pytest.raises(BadInput, match="has no schedule"):
        await schedule.pause(pool, user_id, "REDOWNLOAD")


async def test_a_user_who_moves_takes_the_schedules_along_but_not_one_with_its_own_zone(
    clockwork, clock, pool, user_id
):
    await schedule.change(pool, user_id, "MAM", "0 2 * * *", "UTC", clock=clock, workflows=SEVEN)
    await live_in(pool, user_id, "Europe/Vienna")
    await clockwork.prepare()

    zones = {each.task_name: each for each in await schedule.overview(pool, user_id)}
    assert zones["MAM"].time_zone == "UTC"
    assert zones["CLEANUP"].time_zone == "Europe/Vienna"
    assert zones["CLEANUP"].next_run_at == datetime(2026, 11, 23, 0, tzinfo=UTC)


async def test_a_schedule_that_cannot_be_read_is_paused_and_holds_up_no_other(
    clockwork, clock, pool, database_url
):
    async with pool.system() as db:
        await db.connection.execute("UPDATE schedules SET cron = 'x' WHERE task_name = 'CLEANUP'")
    clock.time += timedelta(hours=2)
    await clockwork.tick()

    assert {name for name, _ in started(database_url)} == {"CLEANUP", "MAM"}
    paused = look(database_url, "SELECT task_name FROM schedules WHERE paused_at IS NOT NULL")
    assert paused == [("CLEANUP",)]


async def test_a_disabled_user_is_passed_over(clockwork, clock, pool, database_url):
    async with pool.system() as db:
        await db.connection.execute("UPDATE users SET enabled = false")
    clock.time += timedelta(days=1)

    assert await clockwork.tick() == []


async def test_the_loop_gives_a_new_user_schedules_and_ends_when_told(pool, user_id, database_url):
    stop = asyncio.Event()
    loop = asyncio.create_task(Clockwork(pool, workflows=SEVEN, every=0.01).run(stop))
    try:
        async with asyncio.timeout(5):
            while len(await schedule.overview(pool, user_id)) < 7:
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await loop

    rows = await schedule.overview(pool, user_id)
    assert [each.next_run_at for each in rows] == sorted(each.next_run_at for each in rows)
    assert all(a.next_run_at <= b.next_run_at for a, b in pairwise(rows))
