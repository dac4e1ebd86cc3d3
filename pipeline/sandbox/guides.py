"""A small site of guides behind a login, for the stand-in of the user's crawler script."""

import asyncio
import html
import secrets
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

# Title, category, description, and a few words of our own.
GUIDES = (
    ("How to Read a Torrent's Name", "Basics", "What the brackets mean", "Author, title, format."),
    ("Seeding Explained", "Basics", "Why a ratio is kept", "Give back what you took."),
    ('What "Freeleech" Means', "Basics", "Downloads that count nothing", "Upload counts still."),
    ("Chapters in M4B Files", "Audio", "How players find them", "Each has a start and a title."),
    ("Bit Rates for Speech", "Audio", "What the ear needs", "64 kbit/s is plenty for one voice."),
    ("Naming a Series: Part & Number", "Library", "Sequences as printed", "2.5 is a novella."),
    ("Folders That Scan Well", "Library", "Author, series, title", "One folder for each book."),
    ("Covers", "Library", "Square or tall", "Audiobooks have square ones."),
)


@dataclass(slots=True)
class GuideFaults:
    """What goes wrong on purpose. `broken` are numbers of guides that answer 500.

    `slow` waits seconds before each page, `crashes` answers the list of guides with 500.
    """

    refuses: bool = False
    no_links: bool = False
    crashes: bool = False
    slow: float = 0.0
    broken: frozenset[int] = frozenset()


class GuidesStandIn:
    """Serves `/login`, `/guides` and the guides; *shown* of them are there, more may come later."""

    def __init__(
        self,
        *,
        username: str = "reader",
        password: str = "sandbox-guides",  # noqa: S107  # opens nothing but this
    ) -> None:
        self.username, self.password = username, password
        self.shown = len(GUIDES)
        self.faults = GuideFaults()
        self.logins = 0
        self._session = secrets.token_hex(16)
        self.app = Starlette(
            routes=[
                Route("/login", self._log_in, methods=["POST"]),
                Route("/guides", self._list),
                Route("/guides/{number:int}", self._guide),
            ]
        )

    async def _log_in(self, request: Request) -> Response:
        self.logins += 1
        form = await request.form()
        known = (form.get("username"), form.get("password")) == (self.username, self.password)
        if self.faults.refuses or not known:
            return HTMLResponse("<h1>Login failed</h1>", 401)
        answer = HTMLResponse("<h1>Welcome</h1>")
        answer.set_cookie("session", self._session, httponly=True)
        return answer

    async def _list(self, request: Request) -> Response:
        if refusal := await self._refusal(request, broken=self.faults.crashes):
            return refusal
        shown = () if self.faults.no_links else GUIDES[: self.shown]
        links = (
            f'<li><a class="guide" href="/guides/{number}">{html.escape(title)}</a>'
            for number, (title, *_) in enumerate(shown, start=1)
        )
        return HTMLResponse(f"<h1>Guides</h1><ul>{''.join(links)}</ul>")

    async def _guide(self, request: Request) -> Response:
        number = request.path_params["number"]
        if refusal := await self._refusal(request, broken=number in self.faults.broken):
            return refusal
        if not 1 <= number <= self.shown:
            return HTMLResponse("<h1>No such guide</h1>", 404)
        title, category, description, text = map(html.escape, GUIDES[number - 1])
        return HTMLResponse(
            f'<meta name="category" content="{category}">'
            f'<meta name="description" content="{description}">'
            f"<h1>{title}</h1><article>{text}</article>"
        )

    async def _refusal(self, request: Request, *, broken: bool) -> Response | None:
        await asyncio.sleep(self.faults.slow)
        if request.cookies.get("session") != self._session:
            return HTMLResponse("<h1>Please log in</h1>", 403)
        return HTMLResponse("<h1>Internal error</h1>", 500) if broken else None
