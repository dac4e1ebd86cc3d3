"""System, Users and keys: where one is signed in, one's keys, and for administrators the users."""

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

from starlette.responses import Response

from api.errors import Refused
from api.pages.rendering import rendered
from api.pages.serving import frame_of
from api.pages.visit import Action, Done, Page, Shown, Visit
from api.sessions import session_of
from pipeline import accounts, api_keys, sign_in
from pipeline.api_keys import SCOPES
from pipeline.errors import BadInput

PATH = "/system/users"
LONGEST_NAME = 200
LONGEST_LIFE = 3650  # days
# Most browsers also claim to be those that stand below them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


async def users(visit: Visit) -> Shown:
    """Show the visitor's sessions and keys, and every user to an administrator."""
    pool = visit.desk.pool
    here = await session_of(visit.desk, visit.request)
    return {
        "sessions": [
            row | {"program": program(row["browser"])}
            for row in await sign_in.open_sessions(pool, visit.user_id)
        ],
        "here": here.id if here else None,
        "keys": await api_keys.list_keys(pool, visit.user_id),
        "scopes": SCOPES,
        "users": await accounts.list_users(pool) if _rules(visit) else None,
        "now": datetime.now(UTC),
    }


def program(agent: str) -> str:
    """Return a browser's name and system out of what it calls itself; the whole when unknown."""
    name = next((word for mark, word in _BROWSERS if mark in agent), "")
    system = next((word for mark, word in _SYSTEMS if mark in agent), "")
    return f"{name} on {system}" if name and system else name or agent or "unknown"


async def end_session(visit: Visit) -> Done:
    """Sign one browser out."""
    if not await sign_in.revoke(visit.desk.pool, visit.user_id, visit.path["id"]):
        raise Refused(404)
    return Done(PATH, "That browser is signed out.")


async def end_others(visit: Visit) -> Done:
    """Sign every other browser out."""
    here = await session_of(visit.desk, visit.request)
    count = await sign_in.revoke_others(visit.desk.pool, visit.user_id, here.id if here else 0)
    return Done(PATH, f"Signed out elsewhere: {count}.")


async def make_key(visit: Visit) -> Response:
    """Make a key and show it, this once."""
    name = visit.text("name")
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput("a key needs a name, so that it can be told from others")
    scope = visit.text("scope")
    if scope not in SCOPES:
        raise BadInput("choose what the key may do")
    key = await api_keys.add_key(
        visit.desk.pool,
        visit.user_id,
        name,
        SCOPES[: SCOPES.index(scope) + 1],
        _expiry(visit.text("days")),
    )
    return await _once(visit, "A new key", f"The key “{name}”, shown this once", key)


async def revoke_key(visit: Visit) -> Done:
    """Refuse a key from now on."""
    if not await api_keys.revoke_key(visit.desk.pool, visit.user_id, visit.path["key"]):
        raise Refused(404)
    return Done(PATH, "That key opens nothing any more, and who signed in with it is signed out.")


async def set_time_zone(visit: Visit) -> Done:
    """Show times, and read schedules, in another zone."""
    zone = visit.text("time_zone")
    if zone not in available_timezones():
        raise BadInput("this is no time zone; write one like Europe/Vienna")
    async with visit.db() as db:
        await db.do("system.set_time_zone", time_zone=zone)
    return Done(PATH, f"Times are shown in {zone} now, and schedules follow within a minute.")


async def add_user(visit: Visit) -> Response:
    """Add a user, and show the address with which they sign in."""
    _must_rule(visit)
    async with visit.db() as db:
        zone = await db.value("schedules.zone_of_user")
    user_id = await accounts.add_user(
        visit.desk.pool,
        visit.text("name"),
        admin=visit.text("admin") == "yes",
        time_zone=zone,
    )
    return await _address_for(visit, user_id, visit.text("name"))


async def invite(visit: Visit) -> Response:
    """Make a new address with which a user signs in."""
    _must_rule(visit)
    user_id: int = visit.path["id"]
    for user in await accounts.list_users(visit.desk.pool):
        if user["id"] == user_id and user["enabled"]:
            return await _address_for(visit, user_id, user["name"])
    raise BadInput("there is no such user, or they are shut out")


async def shut_out(visit: Visit) -> Done:
    """Refuse a user everything from now on."""
    _must_rule(visit)
    if visit.path["id"] == visit.user_id:
        raise BadInput("nobody shuts out themselves")
    await accounts.disable_user(visit.desk.pool, visit.path["id"])
    return Done(PATH, "This user is shut out: no key opens, nothing is started for them.")


async def let_in(visit: Visit) -> Done:
    """Let a user in again."""
    _must_rule(visit)
    await accounts.enable_user(visit.desk.pool, visit.path["id"])
    return Done(PATH, "This user may sign in again.")


async def _address_for(visit: Visit, user_id: int, name: str) -> Response:
    token = await sign_in.make_address(visit.desk.pool, user_id)
    address = str(visit.request.url.replace(path="/sign-in", query=f"token={token}", fragment=""))
    about = f"This address signs {name} in, once, within a day; it is shown this once"
    return await _once(visit, "Sign-in address", about, address)


async def _once(visit: Visit, title: str, about: str, secret: str) -> Response:
    shown = {"title": title, "section": "system", "about": about, "secret": secret}
    return rendered(visit, "shown_once.html", shown | await frame_of(visit), 201)


def _expiry(days: str) -> datetime | None:
    if not days:
        return None
    if not days.isdecimal() or not 1 <= int(days[:9]) <= LONGEST_LIFE:
        raise BadInput(f"a key lasts 1 to {LONGEST_LIFE} days, or for ever when none are given")
    return datetime.now(UTC) + timedelta(days=int(days))


def _rules(visit: Visit) -> bool:
    """Say whether the visitor may manage users: an administrator, signed in as one."""
    return visit.caller.is_admin and visit.may("admin")


def _must_rule(visit: Visit) -> None:
    if not _rules(visit):
        raise Refused(403, "only an administrator manages users")


PAGES = (Page(PATH, users, "system_users.html", "Users and keys", "system"),)
ACTIONS = (
    Action(PATH + "/sessions/{id:int}/end", end_session, scope="read"),
    Action(PATH + "/sessions/end-others", end_others, scope="read"),
    Action(PATH + "/keys", make_key, scope="admin"),
    Action(PATH + "/keys/{key}/revoke", revoke_key, scope="admin"),
    Action(PATH + "/time-zone", set_time_zone),
    Action(PATH + "/add", add_user, scope="admin"),
    Action(PATH + "/{id:int}/invite", invite, scope="admin"),
    Action(PATH + "/{id:int}/shut-out", shut_out, scope="admin"),
    Action(PATH + "/{id:int}/let-in", let_in, scope="admin"),
)
