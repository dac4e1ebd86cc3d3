"""The pages: the table of all of them, and of the forms that stand on them."""

from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response
from starlette.routing import BaseRoute

from api.desk import Desk
from api.errors import Refused
from api.pages import (
    activity,
    authors,
    guide,
    home,
    library,
    live,
    metadata,
    runs,
    series,
    sign_in,
    system,
    system_events,
    system_settings,
    system_tasks,
    system_users,
    theme,
    top10,
    wanted,
)
from api.pages.rendering import static_files
from api.pages.serving import Door, action_route, page_route
from api.pages.visit import Action, Page, Query, Recognise, Shown, Visit, Visitor


async def _nowhere(_: Visit) -> Shown:
    raise Refused(404, "The address may be mistyped, or what it named is gone.")


PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *library.PAGES,
    *series.PAGES,
    *authors.PAGES,
    *wanted.PAGES,
    *activity.PAGES,
    *runs.PAGES,
    *top10.PAGES,
    *metadata.PAGES,
    *system.PAGES,
    *system_tasks.PAGES,
    *system_events.PAGES,
    *system_users.PAGES,
    *system_settings.PAGES,
    *guide.PAGES,
    *sign_in.PAGES,
)
ACTIONS: tuple[Action, ...] = (
    *library.ACTIONS,
    *wanted.ACTIONS,
    *runs.ACTIONS,
    *metadata.ACTIONS,
    *theme.ACTIONS,
    *system.ACTIONS,
    *system_tasks.ACTIONS,
    *system_users.ACTIONS,
    *guide.ACTIONS,
    *sign_in.ACTIONS,
)


class _Elsewhere(Convertor[str]):
    """Any path but those of the API."""

    regex = "(?!api(?:/|$)).*"

    def convert(self, value: str) -> str:
        """Return the path as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return the path as it is."""
        return value


register_url_convertor("elsewhere", _Elsewhere())


def mount(desk: Desk, recognise: Recognise = sign_in.recognise) -> list[BaseRoute]:
    """Return the routes of all pages; they stand behind those of the API."""
    door = Door(desk, recognise)

    async def watch(visit: Visit) -> Response:
        return await live.stream(visit, recognise)

    return [
        *static_files(),
        *(page_route(page, door) for page in PAGES),
        *(action_route(action, door) for action in ACTIONS),
        page_route(Page("/live", watch, "", "", ""), door),
        page_route(Page("/{rest:elsewhere}", _nowhere, "", "", "", scope=None), door),
    ]


__all__ = ["ACTIONS", "PAGES", "Action", "Page", "Query", "Recognise", "Visit", "Visitor", "mount"]
