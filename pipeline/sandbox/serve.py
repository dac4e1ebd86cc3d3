"""Serve an ASGI app on loopback, for as long as a block lasts."""

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from pipeline.serving import served


@contextlib.asynccontextmanager
async def serve(app: Any, *, port: int = 0) -> AsyncIterator[str]:
    """Serve *app* on 127.0.0.1 (a free port when *port* is 0); yield its address, without slash."""
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", access_log=False, timeout_graceful_shutdown=1
    )
    with socket.create_server(("127.0.0.1", port)) as door:
        async with served(config, door):
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
