"""Steps that wrote nothing are closed together; a bad one among them fails alone."""

import asyncio

import psycopg
from structlog.testing import capture_logs

from pipeline import runs
from pipeline.books import Books, Closing
from pipeline.sessions import Session
from tests.support.chains import One, fetch, runner, value, workflow

DONE = {
    "status": "done",
    "outcome": "nothing to pass on",
    "reason": None,
    "detail": {},
    "delay": None,
    "deadline": None,
    "topic": None,
    "code": None,
    "lines": [],
    "events": [],
}


async def claimed(pool, user_id, number: int) -> list[Closing]:
    """So many steps of one run, claimed, ready to be closed."""
    it = runner(pool, first=first)
    await runs.start(pool, user_id, "CHAIN", event=One(), workflows=workflow("first"))
    await fetch(
        pool,
        "INSERT INTO steps (user_id, run_id, stage, kind, key, event)"
        " SELECT user_id, run_id, stage, kind, g::text, event"
        " FROM steps, generate_series(2, %s) AS g",
        number,
    )
    async with it:
        claims = [await it.leases.take(step) for step in range(1, number + 1)]
    return [Closing(c.step, c.lease, c.seen, DONE) for c in claims]


async def first(event: One) -> None: ...


async def test_a_batch_is_one_statement_and_its_answers_are_in_order(pool, user_id):
    session = Session(pool.dedicated)
    books, statements = Books(session), []
    original = session.rows

    async def counted(query, **params):
        statements.append(query)
        return await original(query, **params)

    session.rows = counted
    closings = await claimed(pool, user_id, 5)
    stranger = Closing(closings[2].step, 1, closings[2].seen, DONE)
    asked = [closings[4], stranger, closings[0], closings[1], closings[3]]
    fates = await asyncio.gather(*(books.closings.ask(each) for each in asked))
    await books.close()

    assert fates == ["ended", "lost", "ended", "ended", "ended"]
    assert statements == ["steps.close_many"]
    assert await value(pool, "SELECT count(*) FROM steps WHERE status = 'done'") == 4


async def test_one_that_the_database_refuses_fails_alone(pool, user_id):
    books = Books(Session(pool.dedicated))
    closings = await claimed(pool, user_id, 3)
    bad = Closing(closings[1].step, closings[1].lease, closings[1].seen, {**DONE, "status": "odd"})

    fates = await asyncio.gather(
        *(books.closings.ask(each) for each in (closings[0], bad, closings[2])),
        return_exceptions=True,
    )
    await books.close()

    assert fates[0] == fates[2] == "ended"
    assert isinstance(fates[1], psycopg.errors.CheckViolation)


async def test_a_run_is_ended_once_however_many_of_its_steps_were_the_last(pool, user_id):
    books = Books(Session(pool.dedicated))
    closings = await claimed(pool, user_id, 4)
    await asyncio.gather(*(books.closings.ask(each) for each in closings))

    run = await value(pool, "SELECT id FROM tasks")
    with capture_logs() as said:
        await asyncio.gather(*(books.ends.ask(run) for _ in range(4)))
        await books.close()

    assert await fetch(pool, "SELECT status, counts FROM tasks") == [
        ("completed", {"first": {"done": 4}})
    ]
    assert await value(pool, "SELECT count(*) FROM task_log WHERE line = 'completed'") == 1
    assert [(line["event"], line["run"]) for line in said] == [("CHAIN completed", run)]
