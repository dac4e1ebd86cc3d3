"""The system pages: services, schedules, events, keys, users, settings."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from api.pages.system_users import program
from pipeline import accounts, api_keys, schedule, sign_in
from pipeline.schedule import Clockwork
from tests.conftest import add_user
from tests.support.callers import SECRET, VAULT, app, furnished
from tests.support.household import look
from tests.support.texts import HOSTILE
from tests.support.visitors import browser


@pytest.fixture
def served(pool, tmp_path):
    return app(pool, tmp_path)


@pytest.fixture
async def admin(pool):
    """The first user, who is an administrator."""
    return (await accounts.first_start(pool, "Europe/Vienna")).user_id


@pytest.fixture
async def visiting(served, pool, admin):
    async with browser(served, pool, admin) as made:
        yield made


async def test_status_names_each_service_and_nobody_elses_troubles(visiting, pool, admin):
    async with pool.system() as db:
        execute = db.connection.execute
        await execute("INSERT INTO paces (name, every) VALUES ('goodreads', interval '2 seconds')")
        await execute(
            "INSERT INTO circuits (name, failures, last_error) VALUES ('prowlarr:999999', 9, %s)",
            ["somebody else's trouble"],
        )

    page = await visiting.open("/system")

    assert page.status == 200
    assert "somebody else's trouble" not in page.raw
    rows = dict(zip(page.all("#now table tbody th"), page.all("#now table tbody tr"), strict=True))
    assert set(rows) == {
        "Audiobookshelf",
        "qBittorrent",
        "Prowlarr",
        "MyAnonamouse",
        "Google Books",
        "Goodreads",
        "Disks",
    }
    assert "one every 2 s" in rows["Goodreads"]


async def test_outside_the_sandbox_status_shows_what_the_users_own_services_do(
    pool, admin, tmp_path
):
    vault = VAULT
    values = {"prowlarr_url": "http://10.0.0.9:9696", "prowlarr_key": "k", "google_books_key": "g"}
    await accounts.store_credentials(pool, vault, admin, values)
    async with pool.system() as db:
        await db.connection.execute(
            "INSERT INTO circuits (name, failures, open_until, last_error)"
            " VALUES (%s, 5, now() + interval '10 minutes', 'prowlarr: GET /: 502')",
            [f"prowlarr:{admin}"],
        )
        await db.connection.execute(
            "INSERT INTO quotas (name, day, used) VALUES (%s, current_date, 412)",
            [f"google_books:{admin}"],
        )
    async with browser(app(pool, tmp_path, sandbox="off"), pool, admin) as visiting:
        page = await visiting.open("/system")

    rows = dict(zip(page.all("#now table tbody th"), page.all("#now table tbody tr"), strict=True))
    assert "left alone until" in rows["Prowlarr"]
    assert "502" in rows["Prowlarr"]
    assert "412 of 950 today" in rows["Google Books"]
    assert "not set up" in rows["Audiobookshelf"]


async def test_asking_a_service_that_is_not_there_says_why_in_plain_words(pool, admin, tmp_path):
    served = app(pool, tmp_path, sandbox="off", abs_url="http://127.0.0.1:9", abs_token="t" * 40)
    async with browser(served, pool, admin) as visiting:
        await visiting.open("/system")
        page = await visiting.send("/system/services/audiobookshelf/ask")

    assert page.path == "/system"
    assert "Is Audiobookshelf running, and are address and port right?" in page.text
    assert "t" * 40 not in page.raw


async def test_tasks_are_paused_resumed_changed_and_said_in_plain_words(visiting, pool, admin):
    await Clockwork(pool).prepare()
    page = await visiting.open("/system/tasks")
    assert "At 03:00 on the second day of every month Europe/Vienna" in page.text

    page = await visiting.send("/system/tasks/SERIES/pause")
    assert "is paused" in page.text
    page = await visiting.send("/system/tasks/SERIES/resume")
    assert "started by the clock again" in page.text
    page = await visiting.send("/system/tasks/SERIES/schedule", cron="30 5 * * 1")

    planned = {s.task_name: s for s in await schedule.overview(pool, admin)}
    assert planned["SERIES"].cron == "30 5 * * 1"
    assert "At 05:30 on Monday" in page.text


async def test_a_schedule_that_makes_no_sense_is_refused_with_the_reason(visiting, pool, admin):
    await Clockwork(pool).prepare()
    await visiting.open("/system/tasks")

    page = await visiting.send("/system/tasks/SERIES/schedule", cron="* * * * *")

    assert "more often than every 15 minutes" in page.text
    planned = {s.task_name: s for s in await schedule.overview(pool, admin)}
    assert planned["SERIES"].cron == "0 3 2 * *"


async def test_run_now_starts_a_run_that_stands_in_the_history(visiting):
    await visiting.open("/system/tasks")
    form = next(
        node
        for node in visiting.page.tree.css('form[action="/runs/start"]')
        if node.css_first('input[value="SERIES"]')
    )
    token = form.css_first("input[name=token]").attributes["value"]
    answer = await visiting.client.post("/runs/start", data={"token": token, "workflow": "SERIES"})
    assert answer.status_code == 303

    page = await visiting.open("/system/tasks")

    assert any(row.startswith("Complete series") for row in page.all("#history tbody tr"))


async def test_events_show_the_newest_lines_and_page_back_to_the_oldest(visiting, pool, admin):
    owner = await furnished(pool, admin, "Amber")
    async with pool.user(admin) as db:
        for level, count in (("info", 240), ("error", 3)):
            await db.connection.execute(
                "INSERT INTO task_log (user_id, task_id, level, line)"
                " SELECT app_user(), %s, %s, %s || ' ' || n FROM generate_series(1, %s) AS n",
                [owner.ids["run"], level, level, count],
            )

    page = await visiting.open("/system/events")
    seen = page.all("#list td.reason")
    while older := page.tree.css_first("a[rel=next]"):
        page = await visiting.open(older.attributes["href"])
        seen += page.all("#list td.reason")

    assert seen[:2] == ["error 3", "error 2"]
    assert seen[-1] == "Amber line"
    assert len(seen) == 244 == len(set(seen))
    assert (await visiting.open("/system/events?level=error")).all("#list td.reason") == [
        "error 3",
        "error 2",
        "error 1",
    ]


@pytest.mark.parametrize("query", ["before=0", "before=x", "before=" + "9" * 30, "level=%00"])
async def test_an_address_that_makes_no_sense_shows_the_newest_events(visiting, query):
    assert (await visiting.open(f"/system/events?{query}")).status == 200


async def test_a_stranger_sees_nothing_of_the_owners_system(served, pool, admin):
    await furnished(pool, admin, "Amber")
    stranger = await add_user(pool, "stranger")
    async with browser(served, pool, stranger) as visiting:
        for path in ("/system", "/system/tasks", "/system/events", "/system/users"):
            page = await visiting.open(path)
            assert page.status == 200
            assert "Amber" not in page.raw, path
        page = await visiting.open("/system/settings")

    assert SECRET not in page.raw
    assert "BOOKRUNNER_DATA_DIR" not in page.raw
    assert "BOOKRUNNER_ABS_URL" in page.raw


async def test_a_key_is_shown_once_and_opens_what_it_was_made_for(visiting, pool, admin):
    await visiting.open("/system/users")
    page = await visiting.send(
        "/system/users/keys", name="<b>phone</b>", scope="trigger", days="30"
    )
    key = page.all("#secret")[0]

    caller = await api_keys.recognise(pool, key)
    assert caller is not None
    assert caller.scopes == ("read", "trigger")
    made = (await api_keys.list_keys(pool, admin))[-1]
    assert timedelta(days=29) < made["expires_at"] - datetime.now(UTC) < timedelta(days=31)
    page = await visiting.open("/system/users")
    assert key not in page.raw
    assert "<b>phone</b>" not in page.raw
    assert "<b>phone</b>" in page.text


async def test_a_revoked_key_opens_nothing_and_cannot_be_revoked_by_others(
    visiting, served, pool, admin
):
    key = await api_keys.add_key(pool, admin, "old")
    public = api_keys.key_id(key)
    async with browser(served, pool, await add_user(pool, "stranger")) as other:
        await other.open("/system/users")
        token = other.page.fields("/system/users/keys")["token"]
        answer = await other.client.post(
            f"/system/users/keys/{public}/revoke", data={"token": token}
        )
        assert answer.status_code == 404
    assert await api_keys.recognise(pool, key) is not None

    await visiting.open("/system/users")
    await visiting.send(f"/system/users/keys/{public}/revoke")

    assert await api_keys.recognise(pool, key) is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "x", "scope": "root"}, "choose what the key may do"),
        ({"name": "x", "days": "0"}, "1 to 3650 days"),
        ({"name": "x", "days": "-1"}, "1 to 3650 days"),
        ({"name": "x", "days": "9" * 40}, "1 to 3650 days"),
    ],
)
async def test_a_key_that_makes_no_sense_is_not_made(visiting, pool, admin, changed, words):
    await visiting.open("/system/users")

    page = await visiting.send("/system/users/keys", **changed)

    assert words in page.text
    assert [key["name"] for key in await api_keys.list_keys(pool, admin)] == ["first start"]


async def test_other_browsers_are_signed_out_from_here(visiting, served, pool, admin):
    async with browser(served, pool, admin) as other:
        await visiting.open("/system/users")
        page = await visiting.send("/system/users/sessions/end-others")
        assert "Signed out elsewhere: 1" in page.text
        assert (await other.client.get("/")).status_code == 303

    assert (await visiting.open("/")).status == 200


async def test_an_administrator_adds_a_user_who_then_signs_in_with_the_address(
    visiting, served, pool
):
    await visiting.open("/system/users")
    page = await visiting.send("/system/users/add", name="Ana", admin="")
    address = page.all("#secret")[0]
    assert re.fullmatch(r"http://bookrunner/sign-in\?token=[\w-]{43}", address)

    async with browser(served, pool) as hers:
        await hers.open(address.removeprefix("http://bookrunner"))
        page = await hers.open("/system/users")

    assert "Ana" in page.text
    assert page.all("#users") == []  # she manages nobody


async def test_only_an_administrator_manages_users(served, pool, admin):
    async with browser(served, pool, await add_user(pool, "plain")) as visiting:
        await visiting.open("/system/users")
        token = visiting.page.fields("/system/users/keys")["token"]
        for path in (
            "/system/users/add",
            f"/system/users/{admin}/shut-out",
            f"/system/users/{admin}/invite",
            f"/system/users/{admin}/let-in",
        ):
            answer = await visiting.client.post(path, data={"token": token, "name": "x"})
            assert answer.status_code == 403, path

    assert [row["name"] for row in await accounts.list_users(pool)] == ["admin", "plain"]


async def test_a_user_is_shut_out_and_let_in_but_nobody_shuts_out_themselves(
    visiting, served, pool, admin
):
    plain = await add_user(pool, "plain")
    async with browser(served, pool, plain) as theirs:
        await visiting.open("/system/users")
        await visiting.send(f"/system/users/{plain}/shut-out")
        assert (await theirs.client.get("/")).status_code == 303

    await visiting.send(f"/system/users/{plain}/let-in")
    assert (await sign_in.make_address(pool, plain)) is not None
    token = visiting.page.fields("/system/users/keys")["token"]
    await visiting.client.post(f"/system/users/{admin}/shut-out", data={"token": token})

    assert [row["enabled"] for row in await accounts.list_users(pool)] == [True, True]


async def test_the_time_zone_is_set_and_times_are_shown_in_it(visiting, pool, admin):
    await visiting.open("/system/users")
    page = await visiting.send("/system/users/time-zone", time_zone="Asia/Tokyo")
    assert "Asia/Tokyo" in page.text
    assert " JST" in page.raw

    page = await visiting.send("/system/users/time-zone", time_zone="Mars/Olympus")
    assert "this is no time zone" in page.text


async def test_settings_say_where_each_comes_from_and_show_no_secret(
    pool, admin, tmp_path, monkeypatch
):
    monkeypatch.setenv("BOOKRUNNER_BATCH_SIZE", "7")
    monkeypatch.setenv("BOOKRUNNER_PROWLARR_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{SECRET}@db/x")
    await accounts.store_credentials(pool, VAULT, admin, {"abs_token": SECRET + "2"})
    async with browser(app(pool, tmp_path), pool, admin) as visiting:
        page = await visiting.open("/system/settings")

    assert SECRET not in page.raw
    rows = {row.split(maxsplit=1)[0]: row for row in page.all("tbody tr")}
    assert rows["BOOKRUNNER_BATCH_SIZE"].endswith("7 environment")
    assert rows["BOOKRUNNER_PROWLARR_KEY"].endswith("set environment")
    assert rows["DATABASE_URL"].endswith("set environment")
    assert rows["BOOKRUNNER_ABS_TOKEN"].endswith("set stored here, encrypted")
    assert rows["BOOKRUNNER_PORT"].endswith("8765 default")
    assert rows["BOOKRUNNER_DATA_DIR"].endswith("given at the start")


async def test_hostile_text_is_shown_as_text(visiting, pool, admin, database_url):
    owner = await furnished(pool, admin, "Amber")
    for text in HOSTILE:
        async with pool.user(admin) as db:
            await db.connection.execute(
                "INSERT INTO task_log (user_id, task_id, line) VALUES (app_user(), %s, %s)",
                [owner.ids["run"], text],
            )
        await sign_in.open_session(pool, admin, browser=text, address="127.0.0.1")
        await api_keys.add_key(pool, admin, text)
    look(
        database_url,
        "update circuits set last_error = %s, failures = 9 where name = %s returning 1",
        "".join(HOSTILE),
        f"prowlarr:{admin}",
    )

    for path in ("/system", "/system/events", "/system/users"):
        page = await visiting.open(path)
        assert page.status == 200
        assert page.tree.css("main script, main img, main svg, main iframe, main b") == []
        attributes = {name for node in page.tree.css("main *") for name in node.attributes}
        assert not {name for name in attributes if name.startswith("on")}
    lines = (await visiting.open("/system/events")).all("#list td.reason")
    assert lines[: len(HOSTILE)] == [" ".join(text.split()) for text in reversed(HOSTILE)]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8.5", "curl/8.5"),
        ("", "unknown"),
    ],
)
def test_a_browser_is_called_by_its_name(agent, name):
    assert program(agent) == name
