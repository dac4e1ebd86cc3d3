"""Every page in a real browser, in the sandbox, while workflows run."""

import asyncio
import re

import pytest
import pytest_asyncio
from playwright.async_api import expect
from psycopg.types.json import Jsonb

from api.pages import PAGES
from pipeline.domain.metadata import Change
from pipeline.domain.provenance import Proposal
from tests.support.browsing import WIDTHS, axe, told
from tests.support.texts import HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(600),
]
MOVING = "article.run:not(.resting) ol.chain"
HEAVIEST = 150_000  # bytes
PLAIN = [page.path for page in PAGES if "{" not in page.path and page.scope is not None]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def full(house):
    """The house when SERIES has ended and METADATA_FULL, AUTHOR and TOP10 are under way."""
    await house.finished("SERIES")
    return house


async def everywhere(eyes):
    """All pages: those of the table, and one of each kind that has a number in its address."""
    found = [path for path in PLAIN if path != "/sign-in"]
    for path, pattern in (
        ("/library", r"/books/\d+"),
        ("/wanted", r"/books/\d+"),
        ("/series", r"/series/\d+"),
        ("/authors", r"/authors/\d+"),
        ("/runs", r"/runs/\d+"),
        ("/metadata/approvals", r"/metadata/approvals/\d+"),
        ("/guide", r"/guide/\w+"),
    ):
        await eyes.go(path)
        links = await eyes.page.eval_on_selector_all(
            "main a", "all => all.map(a => a.getAttribute('href'))"
        )
        found += [link for link in links if link and re.fullmatch(pattern, link)][:1]
    return list(dict.fromkeys(found))


async def test_series_started_by_its_button_moves_on_the_home_picture_and_ends(eyes, full):
    await eyes.go("/")
    before = await eyes.page.evaluate("performance.timeOrigin")

    await eyes.page.click("#start-SERIES")
    await eyes.page.wait_for_selector(MOVING)
    started = await eyes.page.evaluate("performance.timeOrigin")
    pictures = set()
    async with asyncio.timeout(120):
        while chain := await eyes.page.query_selector(MOVING):
            pictures.add(await chain.inner_text())
            await asyncio.sleep(0.02)
        await eyes.page.wait_for_selector("#now >> text=Nothing runs just now")

    assert started != before  # the button is a form; it loaded the page
    assert await eyes.page.evaluate("performance.timeOrigin") == started  # and nothing after it
    assert len(pictures) >= 2, pictures  # a second run has little to do, and is soon over
    assert full.look("select status from tasks where task_name = 'SERIES' order by id") == [
        ("completed",),
        ("completed",),
    ]


async def test_every_page_is_whole_at_every_width_while_workflows_run(eyes, full):
    for workflow in ("METADATA_FULL", "TOP10", "AUTHOR", "METADATA_NEW"):
        await eyes.go("/system/tasks")
        await eyes.page.click(f"#run-{workflow}")
    paths = await everywhere(eyes)
    assert len(paths) >= 25, paths
    wrong = []
    for path in paths:
        for width in WIDTHS:
            await eyes.resize(width)
            status = await eyes.go(path)
            wide = await eyes.width()
            headings = await eyes.page.locator("h1").count()
            if status != 200 or wide > width or headings != 1 or eyes.weight > HEAVIEST:
                wrong.append(f"{path} at {width}: {status} {wide=} {headings=} {eyes.weight=}")
            wrong += [f"{path} at {width}: {each}" for each in await eyes.look()]

    assert wrong == [], told(wrong)


async def test_axe_finds_nothing_serious(eyes, full):
    script = axe()
    found = []
    for theme in ("dark", "light"):
        await eyes.context.add_cookies([{"name": "theme", "value": theme, "url": eyes.base}])
        for path in await everywhere(eyes):
            await eyes.go(path)
            found += [f"{theme} {path}: {each}" for each in await eyes.serious(script)]
    async with asyncio.timeout(5):
        await eyes.look()  # axe itself may have tripped over the policy

    assert found == [], told(found)


async def test_everything_can_be_reached_with_the_keyboard(eyes, full):
    await eyes.go("/")
    await eyes.page.keyboard.press("Tab")
    assert await eyes.page.evaluate("document.activeElement.className") == "skip"
    await eyes.page.keyboard.press("Enter")
    assert await eyes.page.evaluate("document.activeElement.id") == "content"

    seen = set()
    for _ in range(60):
        await eyes.page.keyboard.press("Tab")
        seen.add(await eyes.page.evaluate("document.activeElement.id"))

    assert {"start-SERIES", "start-METADATA_FULL"} <= seen


async def test_an_approval_is_applied_shown_as_a_diff_and_rolled_back(eyes, full):
    full.look("update approvals set status = 'expired' where status = 'open'")
    await full.finished("METADATA_FULL")
    book = propose(full, "publisher", "The House of the Test")
    await eyes.go("/metadata/approvals")
    await eyes.page.click("main a[href^='/metadata/approvals/']")
    await expect(eyes.page.locator("main")).to_contain_text("The House of the Test")

    await eyes.page.click("#approve")
    await full.finished("APPROVED")
    await eyes.go(f"/books/{book}")
    await expect(eyes.page.locator("main")).to_contain_text("The House of the Test")
    await eyes.go("/metadata/corrections")
    await expect(eyes.page.locator("main ins").first).to_contain_text("The House of the Test")

    await eyes.go(f"/books/{book}")
    await eyes.page.locator("tr", has_text="Publisher").get_by_role("button").click()
    await full.finished("ROLLBACK")
    await eyes.go(f"/books/{book}")

    row = eyes.page.locator("table tr", has_text="Publisher").first
    await expect(row).not_to_contain_text("The House of the Test")


def propose(house, field, value):
    """Ask for approval of one change of an owned book, as a doubtful match does."""
    [(book, title, old)] = house.look(
        "select id, title, metadata ->> %s from books where abs_id is not null order by id limit 1",
        field,
    )
    change = Change(field, old, value, "Goodreads")
    proposal = Proposal("Goodreads", 0.5, "the match is doubtful", (change,))
    house.look(
        "insert into approvals (user_id, kind, subject, book_id, title, proposal, reason)"
        " values (1, 'metadata', 'test', %s, %s, %s, 'the match is doubtful')",
        book,
        title,
        Jsonb(proposal.to_json()),
    )
    return book


async def test_searching_again_shows_each_release_and_why_it_was_refused(eyes, full):
    [(book,)] = full.look(
        "select m.book_id from missing_books m join release_decisions d"
        " on d.user_id = m.user_id and d.book_id = m.book_id"
        " where m.download_status = 'refused' limit 1"
    )
    await eyes.go(f"/books/{book}")

    await eyes.page.click("#fetch")
    await full.finished("REDOWNLOAD")
    await eyes.go(f"/books/{book}")

    refusals = await eyes.page.locator("main ul.why li").all_inner_texts()
    assert refusals, await eyes.page.inner_text("main")
    await eyes.page.get_by_role("button", name="Block").first.click()
    await eyes.go("/activity/blocklist")
    assert await eyes.page.locator("main form[action$='/allow']").count() >= 1


async def test_a_release_is_searched_for_and_taken_while_one_watches(eyes, full):
    [(book,)] = full.look(
        "select m.book_id from missing_books m join release_decisions d"
        " on d.user_id = m.user_id and d.book_id = m.book_id"
        " where m.download_status = 'refused' and not exists (select from blocklist l"
        " where l.book_id = m.book_id) limit 1"
    )
    await eyes.go(f"/books/{book}")
    await eyes.page.click("#search")
    loaded = await eyes.page.evaluate("performance.timeOrigin")
    await expect(eyes.page.locator("#latest")).to_contain_text("none was taken")
    assert await eyes.page.evaluate("performance.timeOrigin") == loaded

    await eyes.page.get_by_role("button", name="Take this one").first.click()
    await expect(eyes.page.locator(".said")).to_contain_text("Taken")
    await full.finished("REDOWNLOAD")
    await eyes.go(f"/books/{book}")

    said = await eyes.page.inner_text("main")
    assert "chosen by hand" in said, said


async def test_hostile_titles_are_text_everywhere(eyes, full):
    for number, text in enumerate(HOSTILE):
        full.look(
            "insert into books (user_id, abs_id, title, author, series, search_text, match_key)"
            " values (1, %s, %s, %s, %s, %s, %s)",
            f"hostile-{number}",
            text,
            text,
            text,
            "hostile",
            f"hostile {number}",
        )
        full.look(
            "insert into series (user_id, name, author, match_key, search_text)"
            " values (1, %s, %s, %s, 'hostile')",
            text,
            text,
            f"hostile {number}",
        )
        full.look(
            "insert into authors (user_id, name, match_key, search_text)"
            " values (1, %s, %s, 'hostile')",
            text,
            f"hostile {number}",
        )
        full.look(
            "insert into approvals (user_id, kind, subject, title, proposal, reason)"
            " values (1, 'author', %s, %s, '{}', %s)",
            f"hostile {number}",
            text,
            text,
        )
    wrong = []
    places = ["/library?q=hostile", "/series?q=hostile", "/authors?q=hostile"]
    for path in [*places, "/metadata/approvals", "/", *await everywhere(eyes)]:
        for width in (360, 1440):
            await eyes.resize(width)
            assert await eyes.go(path) == 200
            injected = await eyes.page.locator("main img, main script, main iframe").count()
            if injected or await eyes.width() > width:
                wrong.append(f"{path} at {width}: {injected=} width {await eyes.width()}")
            wrong += [f"{path}: {each}" for each in await eyes.look()]
    for text in HOSTILE[:6]:
        await eyes.go("/library?q=hostile&size=200")
        await expect(eyes.page.locator("main")).to_contain_text(text)

    assert wrong == [], told(wrong)


async def test_pages_work_without_scripts(chrome, full):
    context = await chrome.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{full.base}/sign-in")
    await page.fill("input[name=key]", full.key)
    await page.get_by_role("button", name="Sign in").click()
    await page.goto(f"{full.base}/library")

    await page.fill("input[type=search]", "dracula")
    await page.get_by_role("button", name="Search").click()

    assert "q=dracula" in page.url
    await page.goto(f"{full.base}/system/tasks")
    await page.click("#pause-SERIES")
    assert "is paused" in await page.inner_text("main")
    await page.click("#resume-SERIES")
    await context.close()


async def test_the_page_is_live_again_within_five_seconds_of_a_database_restart(eyes, full):
    eyes.allowed = {503, 500}
    await eyes.go("/")
    await expect(eyes.page.locator("#live")).to_have_text("Live")
    loaded = await eyes.page.evaluate("performance.timeOrigin")

    await full.restart_postgres()
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(0.5)
    full.look("update books set title = title where id = 1")
    [(run,)] = full.look(
        "insert into tasks (user_id, task_name, status, actual_start, subject)"
        " values (1, 'RESCAN', 'running', now(), 'after the restart') returning id"
    )
    full.look("select announce(1, %s)", run)
    await eyes.page.wait_for_selector(f"a[href='/runs/{run}']", timeout=5000)
    took = asyncio.get_running_loop().time() - began
    full.look("update tasks set status = 'cancelled', actual_end = now() where id = %s", run)

    assert took < 5
    assert await eyes.page.evaluate("performance.timeOrigin") == loaded
    await expect(eyes.page.locator("#live")).to_have_text("Live")
