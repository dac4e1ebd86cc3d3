"""Run a web server on sockets of ours, for as long as a block lasts."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handler: uvicorn's would hide ours, and raise the signal again at its end."""
        yield


@asynccontextmanager
async def served(config: uvicorn.Config, door: socket.socket) -> AsyncIterator[None]:
    """Serve what *config* says on *door*; raises what the server raises when it cannot start."""
    # Those whom it accepts inherit it; asyncio sets it only for sockets of its own making, and
    # without it every answer of two packets waits 40 ms for an acknowledgement.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[door]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn tells no other way
            await asyncio.sleep(0.005)
        if task.done():
            await task
        yield
    finally:
        server.should_exit = True
        await task
