"""The switch between dark and light."""

from starlette.responses import Response

from api.pages.rendering import THEMES, redirected
from api.pages.serving import back
from api.pages.visit import Action, Done, Visit

YEAR = 365 * 24 * 3600  # seconds


async def switch(visit: Visit) -> Response:
    """Remember the theme in this browser; without a word of which, take the other one."""
    response = redirected(Done(back(visit.request)))
    asked = visit.text("theme")
    chosen = asked if asked in THEMES else THEMES[0]
    response.set_cookie("theme", chosen, max_age=YEAR, httponly=True, samesite="lax")
    return response


ACTIONS = (Action("/theme", switch, scope=None),)
