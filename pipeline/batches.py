"""Do what many ask for at the same moment in one go."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Batches(Generic[Ask, Answer]):
    """Collects what is asked while a batch is under way into the next one.

    *work* answers a batch in its order; an exception in place of an answer is raised for who asked,
    an exception that it raises is raised for all. Nobody waits for company on an idle machine.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Ask]], Awaitable[Sequence[Answer | Exception]]],
        largest: int = 100,
    ) -> None:
        self._work, self._largest = work, largest
        self._asked: list[tuple[Ask, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    def ask(self, what: Ask) -> asyncio.Future[Answer]:
        """Put *what* into the next batch; await the answer, or leave it."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked.append((what, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="batches")
        return answer

    async def finish(self) -> None:
        """Wait until everything that was asked is answered."""
        while self._task is not None and not self._task.done():
            await self._task

    async def _drain(self) -> None:
        while self._asked:
            batch, self._asked = self._asked[: self._largest], self._asked[self._largest :]
            try:
                answers = await self._work([what for what, _ in batch])
            except Exception as error:  # noqa: BLE001  # whoever asked gets it, whatever it is
                answers = [error] * len(batch)
            for (_, waiting), answer in zip(batch, answers, strict=True):
                _give(waiting, answer)


def _give(waiting: "asyncio.Future[Answer]", answer: Answer | Exception) -> None:
    if waiting.done():  # cancelled: nobody waits any more
        return
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
