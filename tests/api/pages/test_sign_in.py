"""Getting in and out: one-time addresses, keys, sessions, and forms that are not ours."""

import re

import pytest

from pipeline import accounts, api_keys, sign_in
from tests.support.callers import app, calling
from tests.support.visitors import Browser, browser


@pytest.fixture
def served(pool, tmp_path):
    return app(pool, tmp_path)


@pytest.fixture
async def visiting(served, pool, user_id):
    async with browser(served, pool, user_id) as made:
        yield made


@pytest.fixture
async def anybody(served, pool):
    async with browser(served, pool) as made:
        yield made


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(anybody, pool, user_id):
    answer = await anybody.client.get("/system/events?level=error")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/system/events%3Flevel%3Derror"

    await anybody.open(answer.headers["location"])
    page = await anybody.send("/sign-in", key=await api_keys.add_key(pool, user_id, "mine"))

    assert page.path == "/system/events"
    assert page.status == 200


async def test_a_one_time_address_signs_in_and_leaves_the_address_bar(anybody, pool, user_id):
    token = await sign_in.make_address(pool, user_id)

    answer = await anybody.client.get(f"/sign-in?token={token}")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert token not in cookie
    assert (await anybody.open("/")).status == 200


async def test_a_used_address_says_so_and_opens_nothing(anybody, pool, user_id):
    token = await sign_in.make_address(pool, user_id)
    await sign_in.use_address(pool, token, "", "")

    page = await anybody.open(f"/sign-in?token={token}")

    assert page.status == 401
    assert "used already" in page.text
    assert (await anybody.client.get("/")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=["prerender", "prefetch", "link on another site"],
)
async def test_an_address_that_nobody_opened_by_hand_is_used_up_by_a_button_only(
    anybody, pool, user_id, headers
):
    token = await sign_in.make_address(pool, user_id)

    page = await anybody.open(f"/sign-in?token={token}", **headers)

    assert page.status == 200
    assert anybody.client.cookies.jar._cookies == {}
    page = await anybody.send("/sign-in")
    assert page.path == "/"


async def test_head_does_not_use_an_address_up(anybody, pool, user_id):
    token = await sign_in.make_address(pool, user_id)

    await anybody.client.head(f"/sign-in?token={token}")

    assert await sign_in.use_address(pool, token, "", "") is not None


async def test_a_wrong_key_is_refused_in_words_and_not_repeated(anybody):
    await anybody.open("/sign-in")
    wrong = "brk_abcdefgh_" + "x" * 46

    page = await anybody.send("/sign-in", key=wrong)

    assert page.status == 401
    assert "opens nothing" in page.text
    assert wrong not in page.raw


async def test_whoever_guesses_is_slowed_down(anybody, served):
    statuses = [
        (await anybody.open("/sign-in?token=" + "z" * 43 + str(number))).status
        for number in range(12)
    ]

    assert statuses[0] == 401
    assert statuses[-1] == 429


async def test_a_session_from_a_key_reaches_as_far_as_the_key(anybody, pool, user_id):
    await anybody.open("/sign-in")
    await anybody.send("/sign-in", key=await api_keys.add_key(pool, user_id, "eyes", ["read"]))

    assert (await anybody.open("/system")).status == 200
    assert (await anybody.open("/guide")).status == 403
    page = await anybody.open("/system/tasks")
    assert page.all("main form button") == []


async def test_signing_out_ends_the_session_and_not_only_the_cookie(visiting, served):
    name, value = next(iter(visiting.client.cookies.items()))
    await visiting.open("/")

    page = await visiting.send("/sign-out")

    assert page.path == "/sign-in"
    async with calling(served) as client:
        answer = await client.get("/", headers={"Cookie": f"{name}={value}"})
    assert answer.status_code == 303


async def test_a_disabled_user_is_out_at_the_next_click(visiting, pool, user_id):
    assert (await visiting.open("/")).status == 200
    await accounts.disable_user(pool, user_id)

    assert (await visiting.client.get("/")).status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil",
    ],
)
async def test_nobody_is_led_elsewhere(anybody, pool, user_id, elsewhere):
    token = await sign_in.make_address(pool, user_id)

    answer = await anybody.client.get("/sign-in", params={"token": token, "next": elsewhere})

    assert answer.headers["location"] == "/"


async def test_a_form_without_the_sessions_token_does_nothing(visiting, pool, user_id):
    await visiting.open("/system/users")
    forged = {"name": "loot", "scope": "admin", "days": ""}

    for token in ({}, {"token": ""}, {"token": "0" * 64}, {"token": "\u00e9"}):
        answer = await visiting.client.post("/system/users/keys", data=forged | token)
        assert answer.status_code == 403

    assert await api_keys.list_keys(pool, user_id) == []


async def test_a_form_of_another_session_does_nothing(visiting, served, pool, user_id):
    await visiting.open("/system/users")
    theirs = visiting.page.fields("/system/users/keys")["token"]
    async with browser(served, pool, user_id) as other:
        await other.open("/system/users")
        answer = await other.client.post(
            "/system/users/keys", data={"name": "x", "scope": "read", "token": theirs}
        )

    assert answer.status_code == 403


async def test_a_form_from_another_site_is_refused_before_anything_is_read(anybody):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await anybody.client.post("/sign-in", data={"key": "x"}, headers=headers)
        assert answer.status_code == 403


async def test_every_form_on_every_system_page_carries_the_token(visiting):
    for path in ("/", "/system", "/system/tasks", "/system/users", "/guide/prowlarr"):
        page = await visiting.open(path)
        for form in page.tree.css("form[method=post]"):
            if form.attributes["action"] == "/theme":
                continue
            token = form.css_first("input[name=token]")
            assert token is not None, (path, form.attributes["action"])
            assert re.fullmatch(r"[0-9a-f]{64}", token.attributes["value"])


async def test_pages_are_not_kept_by_anybody_and_allow_no_script_but_ours(visiting: Browser):
    page = await visiting.open("/system")

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", page.raw)


async def test_a_cookie_of_another_port_is_not_ours(served, pool, user_id):
    token = await sign_in.open_session(pool, user_id, browser="", address="")
    async with calling(served) as client:
        answer = await client.get("/", headers={"Cookie": f"bookrunner-9999={token}"})

    assert answer.status_code == 303


async def test_over_https_the_cookie_stays_there(served, pool, user_id):
    token = await sign_in.make_address(pool, user_id)
    async with calling(served) as client:
        answer = await client.get(f"https://bookrunner/sign-in?token={token}")

    assert "Secure" in answer.headers["set-cookie"]
