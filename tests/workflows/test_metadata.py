"""METADATA_FULL, METADATA_NEW and IMPORTED on the sandbox; whose a value is; what is taken back."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from pipeline import approvals, rollback, runs
from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.db import Pool
from pipeline.domain.metadata import FIELDS, Change, value
from pipeline.domain.provenance import Proposal
from pipeline.errors import BadInput
from pipeline.events import BookShelved
from pipeline.house import House
from pipeline.sandbox.catalogue import TITLES, TRUTH
from pipeline.working import working
from tests.support.household import finished, household, look, new_database, new_user

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def full(server_url, template, tmp_path_factory):
    """A household in which METADATA_FULL has run once, and what the library showed before."""
    with new_database(server_url, template) as url:
        async with Pool(url, size=16) as pool:
            folder = tmp_path_factory.mktemp("metadata")
            async with household(folder, pool, await new_user(pool)) as house, working(house):
                before = await shown(house)
                run = await ran(house, "METADATA_FULL")
                yield house, run, before


async def ran(house: House, workflow: str, **how: Any) -> int:
    """Run a workflow to its good end; return the run's id."""
    run = await runs.start(house.pool, house.user.user_id, workflow, **how)
    assert await finished(house, run.id) == "completed"
    return run.id


async def shown(house: House) -> dict[str, Any]:
    """Return the metadata of every item, as Audiobookshelf shows it."""
    audiobookshelf = (await house.tools(house.user.user_id))[Audiobookshelf]
    library = (await audiobookshelf.book_library()).id
    ids = [item.id async for item in audiobookshelf.items(library)]
    return {item.id: item.metadata for item in await audiobookshelf.details(ids)}


async def edit(house: House, item: str, **about: Any) -> None:
    """Change an item as its owner does, in Audiobookshelf's own pages."""
    services = house.town.services(house.tools.given)
    headers = {"Authorization": f"Bearer {services.abs_token.get_secret_value()}"}
    async with httpx.AsyncClient(base_url=services.abs_url, headers=headers) as http:
        answer = await http.patch(f"/api/items/{item}/media", json={"metadata": about})
        assert answer.status_code == 200


def corrected(house: House, run: int, field: str) -> tuple[int, str]:
    """Return the id and item of a book of which *run* corrected a field."""
    [found, *_] = look(
        house.pool.url,
        "select b.id, b.abs_id from metadata_corrections c join books b on b.id = c.book_id"
        " where c.run_id = %s and c.field = %s and c.undone_at is null order by b.id",
        run,
        field,
    )
    return found


async def test_a_full_run_fills_what_the_sources_know(full):
    house, _, before = full

    after = await shown(house)

    titles = {title.shelf_title: title for title in TITLES if title.owned}
    assert len(after) == len(TRUTH.owned)
    for item, metadata in after.items():
        known = titles[before[item].title]
        assert metadata.description
        assert metadata.narrators == known.narrators
        assert metadata.published_year == str(known.year)
        for field in FIELDS:
            if value(before[item], field):
                assert value(metadata, field) == value(before[item], field) or field == "series"
    [(described,)] = look(
        house.pool.url, "select count(*) from books where last_metadata_update is not null"
    )
    assert described == len(TRUTH.owned)


async def test_every_value_that_came_names_its_source(full):
    house, run, _ = full

    rows = look(
        house.pool.url,
        "select c.field, c.source, b.metadata_source->>c.field, c.new_value = b.metadata->c.field"
        " from metadata_corrections c join books b on b.id = c.book_id where c.run_id = %s",
        run,
    )

    assert len(rows) > 50
    assert all(source == now and stands for _, source, now, stands in rows)
    assert {source for field, source, *_ in rows if field == "description"} >= {"GoogleBooks"}
    assert {source for field, source, *_ in rows if field == "narrators"} == {"Goodreads"}


async def test_a_second_full_run_changes_nothing(full):
    house, *_ = full
    before = await shown(house)

    again = await ran(house, "METADATA_FULL")

    assert await shown(house) == before
    made = "select count(*) from metadata_corrections where run_id = %s"
    assert look(house.pool.url, made, again) == [(0,)]


async def test_the_users_edit_survives_full_new_and_imported_and_is_shown_as_theirs(full):
    house, run, _ = full
    book, item = corrected(house, run, "description")

    await edit(house, item, description="My own words.")
    for workflow in ("METADATA_FULL", "METADATA_NEW"):
        await ran(house, workflow)
    shelved = BookShelved(abs_id=item, book_id=book)
    await ran(house, "IMPORTED", event=shelved, subject=item)

    assert (await shown(house))[item].description == "My own words."
    [(source,)] = look(
        house.pool.url, "select metadata_source->>'description' from books where id = %s", book
    )
    assert source == "Manual"


async def test_a_field_that_the_user_emptied_stays_empty(full):
    house, run, _ = full
    book, item = corrected(house, run, "genres")

    await edit(house, item, genres=[])
    await ran(house, "METADATA_FULL")

    assert (await shown(house))[item].genres == ()
    owners = look(
        house.pool.url, "select metadata_source->>'genres' from books where id = %s", book
    )
    assert owners == [("Manual",)]


async def test_new_names_only_what_came_in_the_past_seven_days(full):
    house, *_ = full
    new = max(await shown(house))
    shelf = house.town.audiobookshelf.shelf.books
    for item, book in shelf.items():
        book.added_at -= 0 if item == new else 8 * 86_400_000
        book.updated_at += 1

    run = await ran(house, "METADATA_NEW")

    named = look(
        house.pool.url,
        "select event->>'abs_id' from steps where run_id = %s and stage = 'fetch_metadata'",
        run,
    )
    assert named == [(new,)]


async def test_one_field_is_put_back_and_stays_so(full):
    house, run, before = full
    book, item = corrected(house, run, "narrators")

    undone = await rollback.field(house.pool, house.user.user_id, book, "narrators")
    assert await finished(house, undone.id) == "completed"
    await ran(house, "METADATA_FULL")

    assert (await shown(house))[item].narrators == before[item].narrators == ()
    rows = look(
        house.pool.url,
        "select source, undoes_id is not null, undone_at is not null from metadata_corrections"
        " where book_id = %s and field = 'narrators' order by id",
        book,
    )
    assert rows == [("Goodreads", False, True), ("Manual", True, False)]
    with pytest.raises(BadInput, match="still stands"):
        await rollback.field(house.pool, house.user.user_id, book, "narrators")


async def test_a_run_is_put_back_but_for_what_the_user_edited(full):
    house, run, before = full
    [(edited,)] = look(
        house.pool.url,
        "select abs_id from books where metadata_source->>'description' = 'Manual'",
    )

    undone = await rollback.run(house.pool, house.user.user_id, run)
    assert await finished(house, undone.id) == "completed"

    after = await shown(house)
    differing = {
        (item, field)
        for item in after
        for field in FIELDS
        if value(after[item], field) != value(before[item], field)
    }
    assert differing == {(edited, "description")}
    log = look(house.pool.url, "select log_output from tasks where id = %s", undone.id)[0][0]
    assert log.count("was edited in the library since") == 2  # the description and the genres


async def test_a_rollback_of_what_is_under_way_or_nothing_is_refused_in_words(full):
    house, *_ = full
    user = house.user.user_id
    idle = await ran(house, "METADATA_NEW")

    for numbers, words in (
        (idle, "corrected nothing that still stands"),
        (10**9, "there is no run"),
    ):
        with pytest.raises(BadInput, match=words):
            await rollback.run(house.pool, user, numbers)
    with pytest.raises(BadInput, match="no field"):
        await rollback.field(house.pool, user, 1, "colour")


async def propose(house: House, item: str, **told: str) -> int:
    """Ask the user about fields of a book, as a doubtful answer does; return the question's id."""
    about = (await shown(house))[item]
    changes = tuple(Change(f, value(about, f), new, "Goodreads") for f, new in told.items())
    proposal = Proposal("Goodreads", 84, "the subtitle may name another book", changes)
    async with house.pool.user(house.user.user_id) as db:
        book = await db.row("books.by_item", abs_id=item)
        await db.do(
            "approvals.ask",
            kind="metadata",
            subject=f"{book['id']}:Goodreads",
            book_id=book["id"],
            run_id=None,
            title="2 fields from Goodreads?",
            proposal=proposal.to_json(),
            reason=proposal.reason,
        )
    [asked] = await approvals.listed(house.pool, house.user.user_id)
    return asked["id"]


async def test_what_was_agreed_to_is_written_and_can_be_put_back(full):
    house, *_ = full
    user, item = house.user.user_id, min(await shown(house))
    before = (await shown(house))[item]
    asked = await propose(house, item, subtitle="A Novel", publisher="Somebody Else")

    agreed = await approvals.decide(house.pool, user, asked, approve=True, fields=["subtitle"])
    assert await finished(house, agreed.id) == "completed"

    after = (await shown(house))[item]
    assert (after.subtitle, after.publisher) == ("A Novel", before.publisher)
    assert await approvals.listed(house.pool, user) == []
    undone = await rollback.run(house.pool, user, agreed.id)
    assert await finished(house, undone.id) == "completed"
    assert (await shown(house))[item].subtitle == before.subtitle


async def test_what_changed_since_the_question_stays(full):
    house, *_ = full
    user, item = house.user.user_id, sorted(await shown(house))[1]
    asked = await propose(house, item, subtitle="A Novel")

    await edit(house, item, subtitle="Mine")
    agreed = await approvals.decide(house.pool, user, asked, approve=True)
    assert await finished(house, agreed.id) == "completed"

    assert (await shown(house))[item].subtitle == "Mine"
    log = look(house.pool.url, "select log_output from tasks where id = %s", agreed.id)[0][0]
    assert "subtitle was changed since the question; it stays" in log


async def test_a_no_changes_nothing_and_a_question_is_answered_once(full):
    house, *_ = full
    user, item = house.user.user_id, sorted(await shown(house))[2]
    before = (await shown(house))[item]
    asked = await propose(house, item, subtitle="A Novel")

    with pytest.raises(BadInput, match="it has subtitle"):
        await approvals.decide(house.pool, user, asked, approve=True, fields=["isbn"])
    assert await approvals.decide(house.pool, user, asked, approve=False) is None

    assert (await shown(house))[item] == before
    with pytest.raises(BadInput, match="no open question"):
        await approvals.decide(house.pool, user, asked, approve=True)
