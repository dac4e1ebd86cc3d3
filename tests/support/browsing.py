"""A real browser that complains: about consoles, policies, foreign hosts, and what axe finds."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, Route, async_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = "axe-core@4.14.1"
WIDTHS = (360, 768, 1440)
_VIOLATIONS = """
window.__violations = [];
document.addEventListener('securitypolicyviolation',
    e => window.__violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


def need_chromium() -> None:
    """Skip where there is no browser."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser: {CHROMIUM} does not exist (set CHROMIUM to one)")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Launch the browser; skip where there is none."""
    need_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Eyes:
    """A signed-in window, and everything about it that must not be."""

    base: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    weight: int = 0  # bytes that the present page has transferred
    allowed: set[int] = field(default_factory=set)  # statuses that are expected just now

    async def go(self, path: str) -> int:
        """Open a page; return its status."""
        self.weight = 0
        response = await self.page.goto(self.base + path)
        assert response is not None
        await self.page.wait_for_load_state("load")
        return response.status

    async def look(self) -> list[str]:
        """Return all complaints so far, and forget them."""
        found = await self.page.evaluate("window.__violations")
        found, self.complaints = [*self.complaints, *found], []
        return found

    async def width(self) -> int:
        """How wide the page is, in pixels; wider than the window means scrolling sideways."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth"))

    async def resize(self, width: int) -> None:
        """Make the window so wide."""
        await self.page.set_viewport_size({"width": width, "height": 900})

    async def painted(self) -> float:
        """Milliseconds until something was seen."""
        async with asyncio.timeout(5):
            while True:
                entries = await self.page.evaluate(
                    "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)"
                )
                if entries:
                    return float(entries[0])
                await asyncio.sleep(0.02)

    async def serious(self, axe: str) -> list[str]:
        """Return what axe calls serious or critical, one line each."""
        # Evaluated from outside the page, so that the page's policy need not allow it.
        await self.page.evaluate(axe)
        found = await self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
        )
        return [
            f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:160]}"
            for each in found
            if each["impact"] in {"serious", "critical"}
        ]


@asynccontextmanager
async def window(
    browser: Browser, base: str, enter: str = "", *, guarded: bool = True
) -> AsyncIterator[Eyes]:
    """Open a window; *enter* is an address that signs it in.

    *guarded* looks at every request before it goes, which takes its time and leaves no cache.
    """
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    await context.add_init_script(_VIOLATIONS)
    page = await context.new_page()
    eyes = Eyes(base, context, page)
    host = urlsplit(base).netloc
    leaving = False

    async def guard(route: Route) -> None:
        if urlsplit(route.request.url).netloc == host:
            await route.continue_()
            return
        eyes.complaints.append(f"asked for {route.request.url}")
        await route.abort()

    def heard(message: Any) -> None:
        expected = any(str(status) in message.text for status in eyes.allowed)
        if message.type in {"error", "warning"} and not expected:
            eyes.complaints.append(f"console {message.type}: {message.text}")

    async def weighed(request: Any) -> None:
        try:
            sizes = await request.sizes()
        except Error:
            if leaving:  # the window's own stream ends with it
                return
            raise
        eyes.weight += sizes["responseBodySize"] + sizes["responseHeadersSize"]

    if guarded:
        await context.route("**/*", guard)
    page.on("console", heard)
    page.on("pageerror", lambda error: eyes.complaints.append(f"page error: {error}"))
    page.on("requestfinished", weighed)
    if enter:
        await page.goto(enter)
    try:
        yield eyes
    finally:
        leaving = True
        await context.close()


@cache
def axe() -> str:
    """Return axe-core's script, from the npm registry; skip where that cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm: axe-core cannot be had")
    with tempfile.TemporaryDirectory(prefix="bookrunner-axe-") as folder:
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", AXE]
        try:
            done = subprocess.run(  # noqa: S603  # a fixed command
                command, cwd=folder, capture_output=True, text=True, timeout=90, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip("the npm registry does not answer: axe-core cannot be had")
        if done.returncode != 0:
            pytest.skip(f"axe-core cannot be had: {done.stderr.strip()[-200:]}")
        return (Path(folder) / "node_modules/axe-core/axe.min.js").read_text("utf-8")


def told(complaints: list[str]) -> str:
    """Return complaints as a message."""
    return json.dumps(complaints, indent=1)
