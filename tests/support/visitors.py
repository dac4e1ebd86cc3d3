"""Visit the pages as a browser does: with a cookie, and with forms that stand on a page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from selectolax.lexbor import LexborHTMLParser

from pipeline import sign_in
from pipeline.db import Pool
from tests.support.callers import calling


class Page:
    """A page that was answered: its status, text, and forms."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.raw = answer.status_code, answer.text
        self.headers, self.path = answer.headers, answer.url.path
        self.tree = LexborHTMLParser(answer.text)

    @property
    def text(self) -> str:
        """What a reader reads, on one line."""
        body = self.tree.css_first("main")
        return " ".join((body.text(separator=" ") if body else self.raw).split())

    def all(self, selector: str) -> list[str]:
        """The texts of all elements that match."""
        return [" ".join(node.text(separator=" ").split()) for node in self.tree.css(selector)]

    def fields(self, action: str) -> dict[str, str]:
        """What the form that goes to *action* would send if nothing were changed."""
        form = self.tree.css_first(f'main form[action="{action}"], header form[action="{action}"]')
        assert form is not None, f"no form goes to {action}"
        found: dict[str, str] = {}
        for node in form.css("input, select, textarea"):
            name = node.attributes.get("name")
            if not name or node.attributes.get("type") == "checkbox":
                continue
            value = node.attributes.get("value") or ""
            if node.tag == "select":
                options = node.css("option")
                chosen = [o for o in options if "selected" in o.attributes] or options[:1]
                value = chosen[0].attributes.get("value") or chosen[0].text() if chosen else ""
            found[name] = value
        return found


class Browser:
    """A client that follows redirects and sends the forms of the page that it looks at."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: Page | None = None

    async def open(self, path: str, **headers: str) -> Page:
        """Look at a page."""
        answer = await self.client.get(path, headers=headers, follow_redirects=True)
        self.page = Page(answer)
        return self.page

    async def send(self, action: str, **changed: str) -> Page:
        """Send a form of the present page."""
        assert self.page is not None
        data = self.page.fields(action) | changed
        answer = await self.client.post(action, data=data, follow_redirects=True)
        self.page = Page(answer)
        return self.page


@asynccontextmanager
async def browser(served: Any, pool: Pool, user_id: int | None = None) -> AsyncIterator[Browser]:
    """A browser; signed in, when a user is given."""
    async with calling(served) as client:
        made = Browser(client)
        if user_id is not None:
            token = await sign_in.make_address(pool, user_id)
            page = await made.open(f"/sign-in?token={token}")
            assert page.status == 200, page.text
        yield made
