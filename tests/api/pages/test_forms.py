"""What the forms of the books do: each calls what the API calls, and says so on the next page."""

import pytest
from psycopg.types.json import Jsonb
from selectolax.lexbor import LexborHTMLParser


@pytest.fixture
def look(pool, owner):
    """Ask the database as the owner; the first column of the first row."""

    async def ask(query, *values):
        async with pool.user(owner.user_id) as db:
            cursor = await db.connection.execute(query, values)
            row = await cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    return ask


@pytest.fixture
def send(client):
    """Send a form with the page's token; return what the next page says."""

    async def sent(path, **fields):
        page = LexborHTMLParser((await client.get("/")).text)
        token = page.css_first("input[name=token]").attributes["value"]
        answer = await client.post(path, data={"token": token, **fields})
        assert answer.status_code == 303, answer.text
        client.cookies = answer.cookies
        shown = LexborHTMLParser((await client.get(answer.headers["location"])).text)
        client.cookies = {}
        said = shown.css_first(".said")
        return said.attributes["class"].split()[1], said.text()

    return sent


async def test_a_release_is_blocked_for_its_book_and_allowed_again(send, look, owner):
    await look("DELETE FROM blocklist")
    release = await look("SELECT id FROM release_decisions")

    assert (await send(f"/releases/{release}/block"))[0] == "good"
    blocked = await look("SELECT id FROM blocklist WHERE reason = 'blocked by the user'")
    assert (await send(f"/blocklist/{blocked}/allow"))[0] == "good"
    assert await look("SELECT count(*) FROM blocklist") == 0
    assert (await send(f"/blocklist/{blocked}/allow"))[0] == "bad"


async def test_a_book_is_ignored_and_fetched_all_the_same_when_asked(send, look, owner):
    book = owner.ids["book"]
    await look("UPDATE missing_books SET download_status = 'refused'")

    assert (await send(f"/books/{book}/ignore"))[0] == "good"
    assert await look("SELECT min(download_status) FROM missing_books") == "ignored"
    assert "Searching" in (await send(f"/books/{book}/fetch"))[1]
    assert await look("SELECT count(*) FROM blocklist") == 0
    subject = await look(
        "SELECT subject FROM tasks WHERE task_name = 'REDOWNLOAD' AND subject = %s", str(book)
    )
    assert subject == str(book)


async def test_a_release_is_taken_by_its_button_and_a_blocked_one_only_when_allowed(
    client, send, look, owner
):
    book, release = owner.ids["book"], owner.ids["release"]

    blocked = LexborHTMLParser((await client.get(f"/books/{book}")).text)
    refused = await send(f"/releases/{release}/take")
    await send(f"/blocklist/{owner.ids['blocked']}/allow")
    shown = LexborHTMLParser((await client.get(f"/books/{book}")).text)
    taken, again = [await send(f"/releases/{release}/take") for _ in range(2)]

    assert blocked.css_first(f"#take-{release}") is None
    assert blocked.css_first(f"#allow-{release}") is not None
    assert refused[0] == "bad"
    assert "blocklist" in refused[1]
    assert shown.css_first(f"#take-{release}").text() == "Take this one"
    assert taken[1].startswith("Taken: Amber release")
    assert again[1].startswith("Taken already")
    assert await look("SELECT count(*) FROM tasks WHERE task_name = 'REDOWNLOAD'") == 1


async def test_a_search_shows_on_the_books_page_where_it_stands(client, send, owner):
    book = owner.ids["book"]

    said = await send(f"/books/{book}/search")
    live = {"HX-Request": "true", "HX-Target": "book"}
    shown = (await client.get(f"/books/{book}", headers=live)).text

    assert "nothing is taken" in said[1]
    assert "<html" not in shown
    assert "Search for releases, run" in shown
    focusable = LexborHTMLParser(shown).css("a, button, summary, input:not([type=hidden])")
    assert [node.html for node in focusable if not node.attributes.get("id")] == []


async def test_somebody_elses_release_is_not_taken(send, look, owner, stranger):
    kind, said = await send(f"/releases/{stranger.ids['release']}/take")

    assert (kind, said) == ("bad", "there is no such release any more")


async def test_an_owned_book_is_not_fetched_again_and_the_page_says_why(send, owner):
    kind, said = await send(f"/books/{owner.ids['owned']}/fetch")

    assert kind == "bad"
    assert "the library holds" in said


async def test_a_run_is_started_once_and_cancelled(send, look):
    first = (await send("/runs/start", workflow="METADATA_FULL"))[1]
    second = (await send("/runs/start", workflow="METADATA_FULL"))[1]
    run = await look("SELECT id FROM tasks WHERE task_name = 'METADATA_FULL'")
    cancelled = await send(f"/runs/{run}/cancel")

    assert "has started" in first
    assert "under way already" in second
    assert cancelled[0] == "good"
    assert await look("SELECT status FROM tasks WHERE id = %s", run) == "cancelled"
    assert (await send(f"/runs/{run}/cancel"))[0] == "bad"


@pytest.mark.parametrize("name", ["NONSENSE", "REDOWNLOAD", ""])
async def test_a_workflow_that_nobody_can_start_so_is_refused_in_words(send, name):
    assert (await send("/runs/start", workflow=name))[0] == "bad"


async def questioned(look, book):
    changes = [
        {"field": name, "old": None, "new": "x", "source": "Goodreads", "edition": None}
        for name in ("subtitle", "publisher")
    ]
    return await look(
        "INSERT INTO approvals (user_id, kind, subject, book_id, title, proposal, reason) VALUES"
        " (app_user(), 'metadata', 'new', %s, 'Well?', %s, 'because') RETURNING id",
        book,
        Jsonb({"source": "Goodreads", "score": 0.7, "reason": "r", "changes": changes}),
    )


async def test_of_a_question_only_the_ticked_fields_are_approved(client, send, look, owner):
    question = await questioned(look, owner.ids["owned"])
    shown = LexborHTMLParser((await client.get(f"/metadata/approvals/{question}")).text)

    said = await send(f"/metadata/approvals/{question}", answer="yes", picks="1", field="publisher")

    ticked = [box.attributes["value"] for box in shown.css("input[type=checkbox][checked]")]
    assert ticked == ["subtitle", "publisher"]
    assert said[0] == "good"
    assert await look("SELECT status FROM approvals WHERE id = %s", question) == "approved"
    fields = await look(
        "SELECT event -> 'fields' FROM steps WHERE kind = 'approval_given' ORDER BY id DESC LIMIT 1"
    )
    assert fields == ["publisher"]


async def test_a_yes_to_no_field_is_refused_and_a_no_closes_the_question(send, look, owner):
    question = await questioned(look, owner.ids["owned"])

    nothing = await send(f"/metadata/approvals/{question}", answer="yes", picks="1")
    declined = await send(f"/metadata/approvals/{question}", answer="no")
    again = await send(f"/metadata/approvals/{question}", answer="no")

    assert (nothing[0], declined, again[0]) == ("bad", ("good", "Declined."), "bad")
    assert await look("SELECT status FROM approvals WHERE id = %s", question) == "rejected"


async def test_a_field_a_book_and_a_run_are_rolled_back(send, look, owner):
    await look("UPDATE tasks SET status = 'completed'")

    field = await send(f"/books/{owner.ids['owned']}/rollback", field="title")
    book = await send(f"/books/{owner.ids['owned']}/rollback")
    run = await send(f"/runs/{owner.ids['ended']}/rollback")
    nonsense = await send(f"/books/{owner.ids['owned']}/rollback", field="nonsense")

    assert (field[0], book[0], run[0], nonsense[0]) == ("good", "good", "good", "bad")
    started = await look(
        "SELECT count(*) FROM tasks WHERE task_name = 'ROLLBACK' AND actual_end IS NULL"
    )
    assert started >= 3
