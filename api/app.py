"""The web app: health for now."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.db import LOST, Pool
from pipeline.settings import Settings


def create_app(pool: Pool, settings: Settings) -> Starlette:
    """Return the app; the caller opens and closes *pool*."""
    del settings

    async def ping(_: Request) -> Response:
        return JSONResponse({"status": "OK"})

    async def ready(_: Request) -> Response:
        try:
            async with pool.system() as db:
                await db.value("accounts.first_user")
        except LOST:
            return JSONResponse({"status": "the database is out of reach"}, status_code=503)
        return JSONResponse({"status": "OK"})

    return Starlette(
        routes=[Route("/ping", ping), Route("/healthz", ping), Route("/readyz", ready)]
    )
