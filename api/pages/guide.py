"""The first start: one service at a time, each tried with the real call, then out of the sandbox.

What is entered is tried before it is kept; in the sandbox it waits in the vault and nothing uses it
until the sandbox is left. Later the same pages are where services are changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from api.errors import Refused
from api.pages.rendering import rendered
from api.pages.serving import frame_of
from api.pages.visit import Action, Done, Page, Shown, Visit
from pipeline import accounts, examination, leaving, services, wiring
from pipeline.domain import remedies
from pipeline.errors import BadInput, NotConfigured
from pipeline.examination import Finding
from pipeline.services import Services, check

PATH = "/guide"
UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in; *more* hides what is rarely needed."""

    name: str
    label: str
    hint: str = ""
    example: str = ""
    needed: bool = False
    secret: bool = False
    more: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the guide."""

    name: str
    title: str
    why: str
    fields: tuple[Field, ...]


STOPS: Mapping[str, Stop] = {
    stop.name: stop
    for stop in (
        Stop(
            "audiobookshelf",
            "Audiobookshelf",
            "Your library: what you have, and where new books are filed.",
            (
                Field("abs_url", "Address", "", "http://192.168.1.5:13378", needed=True),
                Field(
                    "abs_token",
                    "API key",
                    "In Audiobookshelf: Settings, API Keys, for an administrator.",
                    needed=True,
                    secret=True,
                ),
                Field(
                    "abs_library",
                    "Library",
                    "Its name; empty takes the first one that holds books.",
                    more=True,
                ),
            ),
        ),
        Stop(
            "qbittorrent",
            "qBittorrent",
            "Downloads what is missing, and seeds on afterwards.",
            (
                Field("qbittorrent_url", "Address", "", "http://192.168.1.5:8080", needed=True),
                Field("qbittorrent_username", "User", "", "admin"),
                Field(
                    "qbittorrent_password",
                    "Password",
                    "Five wrong ones, and qBittorrent shuts this machine out for an hour.",
                    secret=True,
                ),
                Field(
                    "qbittorrent_api_key",
                    "API key",
                    "Of qBittorrent 5.2 or newer, instead of user and password.",
                    secret=True,
                    more=True,
                ),
                Field(
                    "qbittorrent_category",
                    "Category",
                    "Only torrents in it are ever touched.",
                    more=True,
                ),
            ),
        ),
        Stop(
            "prowlarr",
            "Prowlarr",
            "Searches your indexers for what is missing.",
            (
                Field("prowlarr_url", "Address", "", "http://192.168.1.5:9696", needed=True),
                Field(
                    "prowlarr_key",
                    "API key",
                    "In Prowlarr: Settings, General, Security.",
                    needed=True,
                    secret=True,
                ),
            ),
        ),
        Stop(
            "mam",
            "MyAnonamouse",
            "Searched first, and asked for the weekly top ten. Without it Prowlarr does its best.",
            (
                Field(
                    "mam_id",
                    "Session (mam_id)",
                    "Preferences, Security: a session for Bookrunner alone, bound to this machine's"
                    " address on the internet. Another program that uses it ends it.",
                    needed=True,
                    secret=True,
                ),
                Field("mam_url", "Address", more=True),
            ),
        ),
        Stop(
            "google_books",
            "Google Books",
            "Asked first for metadata. A key is free; about a thousand requests a day.",
            (
                Field(
                    "google_books_key",
                    "Key",
                    "At Google Cloud: a project with the Books API, then Credentials, API key.",
                    needed=True,
                    secret=True,
                ),
                Field("google_books_country", "Country", "Two letters.", "US", more=True),
                Field("google_books_url", "Address", more=True),
            ),
        ),
        Stop(
            "goodreads",
            "Goodreads",
            "Knows complete series, and fills what Google Books leaves out. It needs no account,"
            " and is asked slowly.",
            (
                Field("goodreads", "Ask Goodreads", choices=("on", "off")),
                Field("goodreads_url", "Address", more=True),
            ),
        ),
        Stop(
            "crawler",
            "Guide crawler",
            "Your own script that reads the tracker's guides each night. It is off until you fill"
            " this in, and answers for itself.",
            (
                Field("crawler_username", "User name", needed=True),
                Field("crawler_password", "Password", needed=True, secret=True),
                Field(
                    "crawler_acknowledged",
                    "Acknowledged",
                    "yes: I know that the tracker's rules allow only its documented API to be"
                    " automated.",
                    choices=("no", "yes"),
                ),
            ),
        ),
        Stop(
            "disks",
            "Folders",
            "Books are filed by hard link: no second copy, and seeding goes on. For that Bookrunner"
            " sees the folders of Audiobookshelf and qBittorrent, and both lie on one file system.",
            (
                Field(
                    "library_paths",
                    "Library",
                    "Where Audiobookshelf sees it = where it is seen here; empty when that is the"
                    " same.",
                    "/audiobooks=/srv/audiobooks",
                ),
                Field(
                    "downloads_paths",
                    "Downloads",
                    "Where qBittorrent sees them = where they are seen here.",
                    "/downloads=/srv/torrents",
                ),
            ),
        ),
    )
}


async def begin(visit: Visit) -> Shown:
    """Show all stops, and which are done."""
    own = await _own(visit)
    configured = own.configured()
    stops = [
        {"stop": stop, "done": configured.get(name)}
        for name, stop in STOPS.items()
        if _may_set(visit, stop)
    ]
    return {
        "stops": stops,
        "in_sandbox": visit.desk.settings.in_sandbox,
        "can_leave": _can_leave(visit, own),
    }


async def stop(visit: Visit) -> Shown:
    """Show one stop."""
    return await _about(visit, _stop(visit))


async def keep(visit: Visit) -> Done | Response:
    """Try what was entered, and keep it when it is right, or when it is to be kept untried."""
    at = _stop(visit)
    changed = {field.name: visit.text(field.name) for field in _fields(visit, at)}
    own = await _own(visit)
    # A secret is never sent to the page, so an empty one means: as it is.
    changed = {name: value for name, value in changed.items() if value or not _secret(own, name)}
    for name, value in changed.items():
        check(name, value, admin=visit.caller.is_admin)
    found = await _try(visit, at, _with(own, changed))
    if not found.good:
        return await _wrong(visit, at, found, changed)
    await _store(visit, {name: value or None for name, value in changed.items()})
    said = "kept, untried" if found.said == UNTRIED else found.said
    return Done(_after(visit, at), f"{at.title}: {said}.")


async def forget(visit: Visit) -> Done:
    """Forget what is stored of one service; the environment's values hold again."""
    at = _stop(visit)
    await _store(visit, {field.name: None for field in _fields(visit, at)})
    return Done(f"{PATH}/{at.name}", f"What was stored for {at.title} is forgotten.")


async def leave(visit: Visit) -> Done:
    """Leave the sandbox: forget its library, and begin anew with the user's own services."""
    _must_lead(visit)
    if not _can_leave(visit, await _own(visit)):
        raise BadInput("set up Audiobookshelf and qBittorrent first; the rest may come later")
    await leaving.ask_to_leave(visit.desk.pool)
    if visit.desk.begin_anew is None:
        return Done(PATH, "Bookrunner leaves the sandbox when `bookrunner up` is started again.")
    visit.desk.begin_anew()
    return Done("/", "You have left the sandbox: these are your own services.")


async def _about(visit: Visit, at: Stop) -> Shown:
    own = await _own(visit)
    rows = await accounts.stored_credentials(visit.desk.pool, visit.user_id)
    return {
        "title": at.title,
        "at": at,
        "fields": _fields(visit, at),
        "values": {f.name: "" if f.secret else getattr(own, f.name) for f in at.fields},
        "set_secrets": {f.name for f in at.fields if _secret(own, f.name)},
        "stored": {row["field"] for row in rows} & {f.name for f in at.fields},
        "stops": [each for each in STOPS.values() if _may_set(visit, each)],
        "after": _after(visit, at),
        "found": None,
        "in_sandbox": visit.desk.settings.in_sandbox,
    }


async def _wrong(visit: Visit, at: Stop, found: Finding, changed: Mapping[str, str]) -> Response:
    """Show the stop again, with what is wrong; secrets are not sent back."""
    shown = await _about(visit, at)
    plain = {f.name: changed[f.name] for f in at.fields if f.name in changed and not f.secret}
    shown |= {"values": {**shown["values"], **plain}, "found": found, "section": "system"}
    return rendered(visit, "guide_stop.html", shown | await frame_of(visit), 422)


async def _try(visit: Visit, at: Stop, candidate: Services) -> Finding:
    desk = visit.desk
    if visit.text(UNTRIED) or at.name not in examination.QUESTIONS:
        return Finding(at.title, good=True, said=UNTRIED)
    empty = [f.label for f in at.fields if f.needed and not _set(candidate, f.name)]
    if empty:
        words = remedies.remedy(at.name, NotConfigured())
        return Finding(at.title, good=False, said=f"Empty: {', '.join(empty)}.", advice=words)
    async with wiring.trial(desk.settings, desk.pool, desk.vault, visit.user_id, candidate) as box:
        found = await examination.examine_one(at.name, box)
    if found.off and at.name != "goodreads":  # which alone may be switched off on purpose
        words = remedies.remedy(at.name, NotConfigured())
        return replace(found, good=False, advice=words)
    return found


async def _store(visit: Visit, changed: Mapping[str, str | None]) -> None:
    desk = visit.desk
    await accounts.store_credentials(desk.pool, desk.vault, visit.user_id, changed)


async def _own(visit: Visit) -> Services:
    """Return the user's own services, also while the sandbox plays them."""
    desk = visit.desk
    given = services.from_settings(desk.settings)
    return await accounts.services(desk.pool, desk.vault, visit.user_id, given)


def _with(own: Services, changed: Mapping[str, str]) -> Services:
    typed: dict[str, Any] = {
        name: type(getattr(own, name))(value) for name, value in changed.items()
    }
    return own.but(**typed)


def _set(own: Services, name: str) -> bool:
    value = getattr(own, name)
    return bool(value if isinstance(value, str) else value.get_secret_value())


def _secret(own: Services, name: str) -> bool:
    """Say whether this is a secret that is set."""
    return not isinstance(getattr(own, name), str) and _set(own, name)


def _stop(visit: Visit) -> Stop:
    found = STOPS.get(visit.path["stop"])
    if found is None:
        raise Refused(404)
    if not _may_set(visit, found):
        raise Refused(403, "only an administrator says which folders are written to")
    return found


def _fields(visit: Visit, at: Stop) -> tuple[Field, ...]:
    """Return the fields of a stop that this visitor may set."""
    return tuple(
        field
        for field in at.fields
        if visit.caller.is_admin or field.name not in services.OF_THE_HOUSE
    )


def _may_set(visit: Visit, at: Stop) -> bool:
    return bool(_fields(visit, at))


def _after(visit: Visit, at: Stop) -> str:
    names = [name for name, each in STOPS.items() if _may_set(visit, each)]
    following = names[names.index(at.name) + 1 :]
    return f"{PATH}/{following[0]}" if following else PATH


def _can_leave(visit: Visit, own: Services) -> bool:
    configured = own.configured()
    return (
        visit.desk.settings.in_sandbox
        and visit.desk.settings.sandbox == "auto"
        and configured["audiobookshelf"]
        and configured["qbittorrent"]
    )


def _must_lead(visit: Visit) -> None:
    if not visit.caller.is_admin:
        raise Refused(403, "only an administrator leaves the sandbox")


PAGES = (
    Page(PATH, begin, "guide.html", "Services", "system", scope="admin"),
    Page(PATH + "/{stop}", stop, "guide_stop.html", "Services", "system", scope="admin"),
)
ACTIONS = (
    Action(PATH + "/leave", leave, scope="admin"),
    Action(PATH + "/{stop}", keep, scope="admin"),
    Action(PATH + "/{stop}/forget", forget, scope="admin"),
)
