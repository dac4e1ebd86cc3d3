"""Take a picture of every page at two widths, small enough to be kept: `make screenshots`.

Run as a program; the pictures go to docs/screenshots.
"""

import asyncio
import re
import shutil
import sys
from pathlib import Path

from playwright.async_api import Page

from tests.support.browsing import Eyes, chromium, window
from tests.support.installation import Installation, installation

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDTHS = {"wide": 1440, "phone": 360}
TALLEST = 1000  # pixels
RUNS = ("METADATA_FULL", "TOP10", "AUTHOR")
PAGES = {
    "home": "/",
    "library": "/library",
    "book": r"/library > /books/\d+",
    "series": "/series",
    "one-series": r"/series > /series/\d+",
    "authors": "/authors",
    "wanted": "/wanted",
    "why-refused": r"/wanted > /books/\d+#releases",
    "activity": "/activity/history",
    "run": "/runs/1",
    "top10": "/top10",
    "metadata": "/metadata",
    "corrections": "/metadata/corrections",
    "system": "/system",
    "tasks": "/system/tasks",
    "users": "/system/users",
    "guide": "/guide",
    "guide-qbittorrent": "/guide/qbittorrent",
}


async def main() -> None:
    """Start the sandbox, let everything run once, and take the pictures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    async with installation() as house, chromium() as browser:
        await house.finished("SERIES")
        async with window(browser, house.base) as eyes:
            await _take_both(eyes, "sign-in", "/sign-in")
        async with window(browser, house.base, house.sign_in) as eyes:
            await _run_everything(eyes.page, house)
            for name, where in PAGES.items():
                await _take_both(eyes, name, await _address(eyes.page, house.base, where))
    _report()


async def _run_everything(page: Page, house: Installation) -> None:
    for workflow in RUNS:
        await page.goto(f"{house.base}/system/tasks")
        await page.click(f"#run-{workflow}")
    for workflow in RUNS:
        await house.finished(workflow)
    # A run that is under way, so that the picture on the home page has something to show.
    await page.goto(f"{house.base}/system/tasks")
    await page.click("#run-SERIES")


async def _address(page: Page, base: str, where: str) -> str:
    """Return an address, or the first link of that shape on another page."""
    place, _, pattern = where.partition(" > ")
    if not pattern:
        return place
    await page.goto(base + place)
    links = await page.eval_on_selector_all("main a", "all => all.map(a => a.getAttribute('href'))")
    return next(link for link in links if link and re.fullmatch(pattern, link))


async def _take_both(eyes: Eyes, name: str, address: str) -> None:
    await eyes.go(address)
    for kind, width in WIDTHS.items():
        await _take(eyes.page, FOLDER / f"{name}-{kind}.png", width)


async def _take(page: Page, file: Path, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    tall = int(await page.evaluate("document.documentElement.scrollHeight"))
    await page.screenshot(
        path=file,
        clip={"x": 0, "y": 0, "width": width, "height": min(max(tall, 600), TALLEST)},
        full_page=True,
    )


def _report() -> None:
    """Say how many pictures there are, and how much they weigh."""
    files = sorted(FOLDER.glob("*.png"))
    total = sum(file.stat().st_size for file in files)
    sys.stdout.write(f"{len(files)} pictures, {total / 1e6:.1f} MB, in {FOLDER}\n")


if __name__ == "__main__":
    asyncio.run(main())
