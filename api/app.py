"""The web app: the table of calls behind the shield."""

import json
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import openapi, pages, reference, routes
from api.desk import Desk
from api.dispatch import routes as endpoints
from api.errors import on_http_error
from api.metrics import Metrics
from api.shield import Shield
from api.throttle import Throttle
from pipeline.changes import Changes
from pipeline.db import Pool
from pipeline.services import Services, from_settings
from pipeline.settings import Settings
from pipeline.vault import Vault, open_vault
from pipeline.workflows import WORKFLOWS, Workflow

SMALLEST_ZIPPED = 1000  # bytes


def create_app(  # noqa: PLR0913  # all but two are named, and may be left out
    pool: Pool,
    settings: Settings,
    *,
    vault: Vault | None = None,
    given: Services | None = None,
    begin_anew: Callable[[], None] | None = None,
    workflows: Mapping[str, Workflow] = WORKFLOWS,
) -> Starlette:
    """Return the app; the caller opens and closes *pool*.

    *given* are the first user's services where they are not the settings', as in the sandbox.
    *begin_anew* closes the house and opens it again, which is how the sandbox is left.
    """
    desk = Desk(
        pool=pool,
        settings=settings,
        workflows=workflows,
        vault=open_vault(settings) if vault is None else vault,
        given=from_settings(settings) if given is None else given,
        changes=Changes(pool),
        throttle=Throttle(),
        metrics=Metrics(),
        begin_anew=begin_anew,
    )
    calls = routes.offered(workflows)
    app = Starlette(
        routes=[
            *endpoints(calls, desk),
            *_descriptions(openapi.document(calls, workflows)),
            *pages.mount(desk),
        ],
        middleware=[
            Middleware(Shield, metrics=desk.metrics, hosts=settings.hosts.split(",")),
            Middleware(GZipMiddleware, minimum_size=SMALLEST_ZIPPED),
        ],
        exception_handlers={HTTPException: on_http_error},
    )
    app.state.desk = desk
    return app


def _descriptions(document: dict[str, object]) -> list[Route]:
    """Return where the document is read: by programs, and by people."""
    raw = json.dumps(document, ensure_ascii=False).encode()
    page, policy = reference.page(document)

    async def for_programs(_: Request) -> Response:
        return Response(raw, media_type="application/json", headers={"Cache-Control": "no-cache"})

    async def for_people(_: Request) -> Response:
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})

    return [
        *(Route(f"{prefix}/openapi.json", for_programs) for prefix in ("/api", "/api/v1")),
        *(Route(f"{prefix}/docs", for_people) for prefix in ("/api", "/api/v1")),
    ]
