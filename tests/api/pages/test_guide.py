"""The guide: each service is tried before it is kept, and the sandbox is left for good."""

import asyncio

import pytest

from pipeline import accounts, leaving, settings
from pipeline.house import open_house
from pipeline.sandbox.town import Town
from pipeline.services import from_settings
from pipeline.settings import Settings
from tests.conftest import add_user
from tests.support.callers import SECRET, VAULT, app
from tests.support.household import look
from tests.support.visitors import browser

NOTHING = "http://127.0.0.1:9"  # discard: nothing answers there


@pytest.fixture
async def admin(pool):
    return (await accounts.first_start(pool, "UTC")).user_id


@pytest.fixture
async def town(tmp_path):
    async with Town.open(tmp_path / "sandbox") as opened:
        yield opened


@pytest.fixture
def anew():
    return asyncio.Event()


@pytest.fixture
async def visiting(pool, admin, tmp_path, anew):
    served = app(pool, tmp_path, {"begin_anew": anew.set})
    async with browser(served, pool, admin) as made:
        yield made


async def stored(pool, admin):
    given = from_settings(Settings(_env_file=None))
    return await accounts.services(pool, VAULT, admin, given)


async def test_the_guide_leads_from_service_to_service_with_one_wrong_password_on_the_way(
    visiting, pool, admin, town, anew
):
    own = town.services(await stored(pool, admin))
    page = await visiting.open("/guide")
    assert "You are in the sandbox" in page.text
    assert "needed before you can leave" in page.text

    await visiting.open("/guide/audiobookshelf")
    page = await visiting.send(
        "/guide/audiobookshelf",
        abs_url=own.abs_url,
        abs_token=own.abs_token.get_secret_value(),
    )
    assert page.path == "/guide/qbittorrent"
    assert "Audiobookshelf: version" in page.text

    password = own.qbittorrent_password.get_secret_value()
    page = await visiting.send(
        "/guide/qbittorrent", qbittorrent_url=own.qbittorrent_url, qbittorrent_password=SECRET
    )
    assert page.status == 422
    assert "refuses the user name or password" in page.text
    assert "five wrong passwords" in page.text
    assert SECRET not in page.raw
    assert (await stored(pool, admin)).qbittorrent_url == ""
    assert page.fields("/guide/qbittorrent")["qbittorrent_url"] == own.qbittorrent_url
    page = await visiting.send(
        "/guide/qbittorrent",
        qbittorrent_username=own.qbittorrent_username,
        qbittorrent_password=password,
    )
    assert page.path == "/guide/prowlarr"

    await visiting.send(
        "/guide/prowlarr",
        prowlarr_url=own.prowlarr_url,
        prowlarr_key=own.prowlarr_key.get_secret_value(),
    )
    await visiting.send("/guide/mam", mam_url=own.mam_url, mam_id=own.mam_id.get_secret_value())
    page = await visiting.send(
        "/guide/google_books",
        google_books_url=own.google_books_url,
        google_books_key=own.google_books_key.get_secret_value(),
    )
    assert page.path == "/guide/goodreads"
    page = await visiting.send("/guide/goodreads", goodreads="on", goodreads_url=own.goodreads_url)
    assert page.path == "/guide/crawler"
    await visiting.open("/guide/disks")
    page = await visiting.send("/guide/disks")
    assert page.path == "/guide", page.text
    assert "hard links work" in page.text

    kept = await stored(pool, admin)
    # The session rotates, and the sandbox's own crawler is nothing that the guide stores.
    names = ("mam_id", "crawler_username", "crawler_password", "crawler_acknowledged")
    same = {name: getattr(own, name) for name in (*names, "crawler_site")}
    assert kept.but(**same) == own
    page = await visiting.send("/guide/leave")

    assert anew.is_set()
    assert "You have left the sandbox" in page.text


@pytest.mark.parametrize(
    ("stop", "values", "words"),
    [
        ("audiobookshelf", {"abs_url": NOTHING, "abs_token": SECRET}, "Is Audiobookshelf running"),
        ("audiobookshelf", {"abs_token": SECRET}, "needs is not filled in yet"),
        ("qbittorrent", {"qbittorrent_url": NOTHING}, "Is qBittorrent running"),
        ("prowlarr", {"prowlarr_url": NOTHING, "prowlarr_key": SECRET}, "Is Prowlarr running"),
        ("mam", {"mam_url": NOTHING, "mam_id": SECRET}, "MyAnonamouse cannot be reached from here"),
        ("mam", {"mam_id": ""}, "needs is not filled in yet"),
    ],
)
async def test_what_is_wrong_is_said_in_plain_words_and_nothing_is_kept(
    visiting, pool, admin, stop, values, words
):
    await visiting.open(f"/guide/{stop}")

    page = await visiting.send(f"/guide/{stop}", **values)

    assert page.status == 422
    assert words in page.text
    assert SECRET not in page.raw
    assert await accounts.stored_credentials(pool, admin) == []


async def test_an_address_of_another_service_is_recognised_as_such(visiting, town):
    prowlarr = town.addresses["prowlarr"]
    await visiting.open("/guide/audiobookshelf")

    page = await visiting.send("/guide/audiobookshelf", abs_url=prowlarr, abs_token=SECRET)

    assert page.status == 422
    assert "Audiobookshelf" in page.all("#wrong b")[0]


@pytest.mark.parametrize(
    "address",
    ["ftp://10.0.0.1", "10.0.0.1:80", "http://169.254.169.254/", "http://a:b@10.0.0.1", "http://"],
)
async def test_an_address_that_is_none_is_refused_before_anything_is_dialled(
    visiting, pool, admin, address
):
    await visiting.open("/guide/prowlarr")

    page = await visiting.send("/guide/prowlarr", prowlarr_url=address, prowlarr_key=SECRET)

    assert page.all(".said.bad") != []
    assert SECRET not in page.raw
    assert await accounts.stored_credentials(pool, admin) == []


async def test_what_cannot_be_tried_just_now_is_kept_untried_and_forgotten_again(
    visiting, pool, admin
):
    await visiting.open("/guide/prowlarr")
    page = await visiting.send(
        "/guide/prowlarr", prowlarr_url=NOTHING, prowlarr_key=SECRET, untried="yes"
    )
    assert "Prowlarr: kept, untried." in page.text
    assert (await stored(pool, admin)).prowlarr_key.get_secret_value() == SECRET

    page = await visiting.open("/guide/prowlarr")
    assert SECRET not in page.raw
    await visiting.send("/guide/prowlarr", prowlarr_url="http://10.9.9.9:1", untried="yes")
    assert (await stored(pool, admin)).prowlarr_key.get_secret_value() == SECRET  # left as it was
    await visiting.open("/guide/prowlarr")
    await visiting.send("/guide/prowlarr/forget")

    assert await accounts.stored_credentials(pool, admin) == []


async def test_nobody_leaves_the_sandbox_before_there_is_somewhere_to_go(
    visiting, pool, admin, anew
):
    await visiting.open("/system/users")
    token = visiting.page.fields("/system/users/keys")["token"]

    await visiting.client.post("/guide/leave", data={"token": token})

    assert not anew.is_set()
    assert not await leaving.left_sandbox(pool, admin)


async def test_a_user_who_is_no_administrator_sets_up_only_what_is_theirs(
    pool, admin, tmp_path, anew
):
    plain = await add_user(pool, "plain")
    async with browser(app(pool, tmp_path, {"begin_anew": anew.set}), pool, plain) as visiting:
        page = await visiting.open("/guide")
        assert "Folders" not in page.all("#stops + ol a")
        assert (await visiting.open("/guide/disks")).status == 403
        page = await visiting.open("/guide/mam")
        assert set(page.fields("/guide/mam")) == {"token", "mam_id"}
        token = page.fields("/guide/mam")["token"]
        answer = await visiting.client.post("/guide/leave", data={"token": token})

    assert answer.status_code == 403
    assert not anew.is_set()


async def test_leaving_forgets_the_sandbox_but_neither_keys_nor_failures_nor_schedules(
    tmp_path, database_url, monkeypatch
):
    monkeypatch.delenv("BOOKRUNNER_ABS_URL", raising=False)
    own = settings.load(data_dir=tmp_path, database_url=database_url, _env_file=None)
    async with open_house(own, lambda _: None) as house:
        assert house.town is not None
        admin, pool = house.user.user_id, house.pool
        async with pool.user(admin) as db:
            execute = db.connection.execute
            await execute("INSERT INTO books (user_id, title) VALUES (app_user(), 'Played')")
            await execute("INSERT INTO tasks (user_id, task_name) VALUES (app_user(), 'SERIES')")
            await execute(
                "INSERT INTO failed_attempts (user_id, task_name, stage, item_id, reason, code)"
                " VALUES (app_user(), 'SERIES', 'import_files', '1', 'r', 'c')"
            )
            await execute(
                "INSERT INTO schedules (user_id, task_name, cron, time_zone)"
                " VALUES (app_user(), 'SERIES', '0 3 2 * *', 'UTC')"
            )
        async with pool.system() as db:
            await db.connection.execute(
                "INSERT INTO circuits (name, failures) VALUES ('prowlarr:1', 3)"
            )
        other = await add_user(pool, "other")
        async with pool.user(other) as db:
            await db.connection.execute(
                "INSERT INTO books (user_id, title) VALUES (app_user(), 'Theirs')"
            )
        await leaving.ask_to_leave(pool)

    async with open_house(own, lambda _: None) as house:
        assert house.town is None
        assert not house.settings.in_sandbox
        assert house.user.key is None

    async with open_house(own, lambda _: None) as house:  # and it stays so
        assert house.town is None
    assert look(database_url, "select title from books") == [("Theirs",)]
    assert look(database_url, "select count(*) from tasks") == [(0,)]
    for kept in ("api_keys", "failed_attempts", "schedules"):
        assert look(database_url, f"select count(*) from {kept}") == [(1,)]  # noqa: S608  # ours
    assert look(database_url, "select count(*) from circuits") == [(0,)]
