import asyncio

import pytest

from pipeline.clients.audiobookshelf import client as under_test
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.errors import (
    NotConfigured,
    ServiceRefused,
    Transient,
    UnexpectedAnswer,
)
from pipeline.sandbox.audio import write_m4b
from tests.support.bookshelf import bookshelf


@pytest.fixture
async def shelf(tmp_path):
    async with bookshelf(tmp_path) as three_books:
        yield three_books


@pytest.fixture
def ours(shelf):
    _, door, _ = shelf
    return door()


async def test_the_server_says_what_it_is_and_who_we_are(shelf, ours):
    account = await ours.me()

    assert await ours.ping() is True
    assert await ours.server_version() == "2.36.0"
    assert (account.name, account.kind, account.is_admin, account.may_update) == (
        "root",
        "root",
        True,
        True,
    )


async def test_an_api_key_is_exchanged_for_a_token_that_the_socket_takes(shelf, ours):
    standin, _, _ = shelf

    assert await ours.socket_token() == standin.root_token


async def test_without_old_style_tokens_only_polling_is_possible(shelf, ours):
    standin, _, _ = shelf
    standin.faults.no_legacy_token = True

    assert await ours.socket_token() is None


async def test_a_wrong_token_is_refused_and_not_shown(shelf):
    _, door, _ = shelf

    with pytest.raises(ServiceRefused) as refused:
        await door("my-secret-token").libraries()

    assert "audiobookshelf" in str(refused.value)
    assert "my-secret-token" not in str(refused.value)


@pytest.mark.parametrize("asked", ["", "Audiobooks", " audiobooks "])
async def test_a_library_of_books_is_found_by_name_or_by_being_the_first(shelf, ours, asked):
    standin, _, _ = shelf

    found = await ours.book_library(asked)

    assert (found.id, found.folders) == (standin.library_id, (str(standin.shelf.root),))
    assert (await ours.book_library(found.id)).id == found.id


async def test_an_unknown_library_is_refused_with_the_names_that_there_are(ours):
    with pytest.raises(NotConfigured, match="called 'Music': it has Audiobooks"):
        await ours.book_library("Music")


async def test_every_item_is_listed_once_in_pages(shelf, ours, monkeypatch):
    standin, _, ids = shelf
    monkeypatch.setattr(under_test, "PAGE", 2)

    listed = [item async for item in ours.items(standin.library_id)]

    assert [item.id for item in listed] == ids
    assert (listed[2].title, listed[2].duration_seconds, listed[2].isbn) == (
        "Emma",
        57600.0,
        "9780141439587",
    )
    pages = [asked.query for asked in standin.log if asked.path.endswith("/items")]
    assert pages == [f"limit=2&page={page}&sort=addedAt" for page in (0, 1)]


async def test_an_item_that_slips_between_two_pages_is_found_by_another_sweep(
    shelf, ours, monkeypatch
):
    standin, _, ids = shelf
    monkeypatch.setattr(under_test, "PAGE", 2)

    seen = []
    async for item in ours.items(standin.library_id):
        seen.append(item.id)
        if len(seen) == 1:
            await asyncio.sleep(0)
            del standin.shelf.books[ids[0]]  # the third book moves to the page already read

    assert seen == ids


async def test_a_library_that_changes_faster_than_it_is_read_is_no_empty_library(shelf, ours):
    standin, _, _ = shelf
    real = standin.shelf.minified
    standin.shelf.minified = lambda book: real(next(iter(standin.shelf.books.values())))

    with pytest.raises(Transient, match="changes faster than we can read it"):
        _ = [item async for item in ours.items(standin.library_id)]


async def test_the_newest_come_first_and_never_all(shelf, ours):
    standin, _, ids = shelf

    assert [item.id for item in await ours.newest(standin.library_id, 2)] == [ids[2], ids[1]]
    assert [item.id for item in await ours.newest(standin.library_id, 0)] == [ids[2]]


async def test_a_library_that_is_gone_is_said_to_be_gone(ours):
    with pytest.raises(NotConfigured, match="the library does not exist any more"):
        await ours.newest("nope")


async def test_details_keep_the_order_asked_for_and_leave_out_what_is_unknown(
    shelf, ours, monkeypatch
):
    standin, _, ids = shelf
    monkeypatch.setattr(under_test, "PAGE", 2)

    found = await ours.details([ids[2], "nope", ids[0], ids[2], ids[1]])
    [file] = standin.shelf.books[ids[0]].files

    assert [item.id for item in found] == [ids[2], ids[0], ids[1]]
    assert found[1].metadata == Metadata(
        title="A Study in Scarlet",
        authors=("Arthur Conan Doyle",),
        series=(SeriesPlace("Sherlock Holmes", "1"),),
        published_year="1887",
        language="English",
    )
    assert found[1].audio_files[0].path.endswith("1 - A Study in Scarlet/A Study in Scarlet.m4b")
    assert found[1].audio_files[0].duration_seconds == 17400.0
    assert found[1].duration_seconds == 17400.0
    assert found[1].size_bytes == file["metadata"]["size"] > 100_000


async def test_no_details_of_nothing_are_asked_for(shelf, ours):
    standin, _, _ = shelf

    assert await ours.details([]) == []
    assert standin.log == []


async def test_an_item_is_read_or_is_none(shelf, ours):
    _, _, ids = shelf

    assert (await ours.item(ids[0])).rel_path.endswith("1 - A Study in Scarlet")
    assert await ours.item("nope") is None


async def test_an_import_is_proved_by_its_path_after_a_scan(shelf, ours):
    standin, _, _ = shelf
    folder = standin.shelf.root / "Jane Austen" / "Persuasion [B000000001]"
    write_m4b(folder / "Persuasion.m4b", seconds=60, size=5000, tags={})
    standin.faults.scan_seconds = 0.5
    before = await ours.find_by_path(standin.library_id, str(folder))

    assert await ours.scan(standin.library_id) is True
    assert await ours.scanning(standin.library_id) is True
    assert await ours.scan(standin.library_id) is False
    await standin.scanner.ended()
    found = await ours.find_by_path(standin.library_id, f"{folder}/")

    assert before is None
    assert await ours.scanning(standin.library_id) is False
    assert (found.metadata.title, found.metadata.asin) == ("Persuasion", "B000000001")
    assert await ours.find_by_path(standin.library_id, "Jane Austen/Persuasion [B000000001]")


async def test_an_older_import_is_found_by_its_title(shelf, ours, monkeypatch):
    standin, _, ids = shelf
    newest = type(ours).newest
    monkeypatch.setattr(type(ours), "newest", lambda self, key: newest(self, key, 1))

    path = "Arthur Conan Doyle/Sherlock Holmes/1 - A Study in Scarlet"
    found = await ours.find_by_path(standin.library_id, path, title="A Study in Scarlet")

    assert found.id == ids[0]
    assert await ours.find_by_path(standin.library_id, path) is None
    assert await ours.find_by_path(standin.library_id, path, title="Emma") is None


async def test_a_reader_who_is_no_administrator_may_not_scan(shelf):
    standin, door, ids = shelf
    reader = door(standin.user_token)

    with pytest.raises(ServiceRefused, match="our account is no administrator"):
        await reader.scan(standin.library_id)
    with pytest.raises(ServiceRefused, match="our account is no administrator"):
        await reader.rescan_item(ids[0])


async def test_one_item_is_read_again(shelf, ours):
    _, _, ids = shelf

    assert await ours.rescan_item(ids[0]) == "uptodate"
    assert await ours.rescan_item("nope") == "removed"


async def test_an_answer_of_another_shape_is_an_error_of_its_own(shelf, ours):
    standin, _, ids = shelf
    standin.shelf.books[ids[0]].about["genres"] = "Mystery, Crime"

    with pytest.raises(UnexpectedAnswer, match="read items"):
        await ours.item(ids[0])
