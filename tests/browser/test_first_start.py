"""The first start in a real browser: a wrong password on the way, out of the sandbox at the end."""

import pytest
from playwright.async_api import expect

from pipeline import settings
from pipeline.sandbox.town import Town
from pipeline.services import from_settings
from tests.support.browsing import WIDTHS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]


async def test_the_guide_leads_out_of_the_sandbox_to_services_of_ones_own(eyes, house, tmp_path):
    await house.finished("SERIES")
    page = eyes.page
    async with Town.open(tmp_path / "own") as town:  # what the user has at home
        own = town.services(from_settings(settings.load(_env_file=None)))
        await eyes.go("/")
        await page.click("a[href='/guide']")
        await page.click("main a[href='/guide/audiobookshelf']")

        await fill(page, abs_url=own.abs_url, abs_token=own.abs_token.get_secret_value())
        await expect(page.locator(".said.good")).to_contain_text("Audiobookshelf: version")

        eyes.allowed = {422}
        await fill(page, qbittorrent_url=own.qbittorrent_url, qbittorrent_password="wrong")
        await expect(page.locator("#wrong")).to_contain_text("refuses the user name or password")
        for width in WIDTHS:
            await eyes.resize(width)
            assert await eyes.width() <= width
        await fill(
            page,
            qbittorrent_username=own.qbittorrent_username,
            qbittorrent_password=own.qbittorrent_password.get_secret_value(),
        )
        await expect(page.locator("h1")).to_have_text("Prowlarr")
        await fill(
            page,
            prowlarr_url=own.prowlarr_url,
            prowlarr_key=own.prowlarr_key.get_secret_value(),
        )
        for title in ("MyAnonamouse", "Google Books"):
            await expect(page.locator("h1")).to_have_text(title)
            await page.get_by_role("link", name="Skip", exact=True).click()
        await expect(page.locator("h1")).to_have_text("Goodreads")
        await page.select_option("#goodreads", "off")
        await page.get_by_role("button", name="Try and save").click()
        await expect(page.locator("h1")).to_have_text("Guide crawler")
        await page.get_by_role("link", name="Skip", exact=True).click()
        await expect(page.locator("h1")).to_have_text("Folders")
        await page.get_by_role("button", name="Try and save").click()
        await expect(page.locator(".said.good")).to_contain_text("hard links work")

        eyes.allowed = {503}  # the stream ends with the old house
        await page.click("#leave")
        await page.wait_for_url(f"{eyes.base}/")
        await house.hears("leaving the sandbox")

        await expect(page.locator("main")).to_contain_text("You have left the sandbox")
        # The page may still come from the old house, which says so before it forgets.
        await house.shows("select count(*) from books", [(0,)])
        await eyes.go("/system")
        await expect(page.locator("main")).not_to_contain_text("This is the sandbox")
        await page.locator("tr", has_text="Audiobookshelf").get_by_role("button").click()
        await expect(page.locator(".said.good")).to_contain_text("Audiobookshelf: version")
        await eyes.go("/system/tasks")
        await page.click("#run-METADATA_NEW")
        await house.finished("METADATA_NEW")
        assert house.look("select status from tasks where task_name = 'METADATA_NEW'") == [
            ("completed",)
        ]
    eyes.complaints.clear()  # the stream was cut on purpose when the house began anew


async def fill(page, **values):
    """Fill a stop of the guide in and send it."""
    for name, value in values.items():
        await page.fill(f"#{name}", value)
    await page.get_by_role("button", name="Try and save").click()
    await page.wait_for_load_state("load")
