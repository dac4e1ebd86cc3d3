"""What is asked for together is done together, and each gets its own answer."""

import asyncio

import pytest

from pipeline.batches import Batches


async def test_what_is_asked_while_a_batch_is_under_way_goes_into_the_next():
    batches = []

    async def work(asked):
        batches.append(list(asked))
        await asyncio.sleep(0.01)
        return [each * 10 for each in asked]

    it = Batches(work, largest=4)
    answers = await asyncio.gather(*(it.ask(n) for n in range(6)))

    assert answers == [0, 10, 20, 30, 40, 50]
    assert batches == [[0, 1, 2, 3], [4, 5]]


async def test_one_answer_may_be_an_exception_of_its_own():
    async def work(asked):
        return [KeyError(each) if each == 1 else each for each in asked]

    it = Batches(work)
    answers = await asyncio.gather(*(it.ask(n) for n in range(3)), return_exceptions=True)

    assert answers[0] == 0
    assert isinstance(answers[1], KeyError)
    assert answers[2] == 2


async def test_a_failed_batch_fails_all_of_it_and_not_the_next():
    failures = [1]

    async def work(asked):
        if failures:
            failures.pop()
            raise ConnectionError("gone")
        return list(asked)

    it = Batches(work)
    answers = await asyncio.gather(it.ask(1), it.ask(2), return_exceptions=True)
    assert [type(each) for each in answers] == [ConnectionError, ConnectionError]

    assert await it.ask(3) == 3


async def test_who_no_longer_waits_does_not_disturb_the_others():
    go = asyncio.Event()

    async def work(asked):
        await go.wait()
        return list(asked)

    it = Batches(work)
    leaving, staying = it.ask(1), it.ask(2)
    leaving.cancel()
    go.set()

    assert await staying == 2
    await it.finish()
    with pytest.raises(asyncio.CancelledError):
        await leaving
