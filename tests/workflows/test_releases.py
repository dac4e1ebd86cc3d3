"""Releases that are not what they seem, met by a whole run; each verdict is kept in words."""

from dataclasses import replace

import pytest

from pipeline.sandbox.catalogue import Offer, title_of
from tests.support.household import audio, household, look, series

pytestmark = pytest.mark.slow
THREE = ("The Tin Woodman of Oz", "The Magic of Oz", "Glinda of Oz")


def owned_of_oz():
    return tuple(title_of(t) for t in ("The Wonderful Wizard of Oz", "Ozma of Oz"))


def good_offer(name: str) -> Offer:
    return next(offer for offer in title_of(name).offers if offer.good)


def pack() -> Offer:
    """Three books in one torrent, each in a folder of its own, and one that nobody wants."""
    books = [title_of(name) for name in THREE]
    files = tuple(
        (f"Oz Books 12-14/{at} - {book.title}/{book.title}.m4b", book.minutes * 470_000)
        for at, book in enumerate(books, start=12)
    )
    minutes = sum(book.minutes for book in books)
    size = sum(size for _, size in files)
    return replace(
        good_offer(THREE[0]),
        tid=990_001,
        title="The Oz Books 12-14",
        files=files,
        minutes=minutes,
        size=size,
        seeders=40,
        tags="tin woodman magic glinda",
        pack=THREE,
    )


def titles_with_pack():
    wanted = [replace(title_of(name), offers=()) for name in THREE]
    return (*owned_of_oz(), replace(wanted[0], offers=(pack(),)), *wanted[1:])


def refusals(url: str) -> list[str]:
    """Every reason for which a release was refused, in words."""
    rows = look(url, "select refusals from release_decisions where verdict = 'refused'")
    return [reason for (told,) in rows for _, reason in told]


async def test_a_pack_that_fills_three_gaps_imports_three_books(
    tmp_path, pool, user_id, database_url
):
    async with household(tmp_path, pool, user_id, titles=titles_with_pack()) as house:
        await series(house)

        imported = look(
            database_url, "select title from missing_books where download_status = 'imported'"
        )
        new = {path.parent.name for path in audio(house.town.library) if path.stat().st_nlink > 1}
    assert {title for (title,) in imported} == set(THREE)
    assert len(house.town.qbittorrent.added) == 1
    assert len(new) == len(THREE)


async def test_a_program_among_the_files_is_never_handed_over(
    tmp_path, pool, user_id, database_url
):
    book = title_of("The Lost Princess of Oz")
    async with household(tmp_path, pool, user_id, titles=(*owned_of_oz(), book)) as house:
        await series(house)

    assert any(".exe" in reason for reason in refusals(database_url)), refusals(database_url)
    assert len(house.town.qbittorrent.added) == 1
    assert not list(house.town.root.rglob("*.exe"))


async def test_a_program_that_no_torrent_named_is_refused_after_the_download(
    tmp_path, pool, user_id, database_url
):
    """A file that says .m4b and is a program: seen by its first bytes, quarantined, replaced."""
    book = title_of("The Magic of Oz")
    good = good_offer(book.title)
    files = tuple((f"Other {path}", size) for path, size in good.files)  # another infohash
    disguised = replace(good, tid=990_002, seeders=500, fault="executable", files=files)
    offers = (disguised, good)
    async with household(
        tmp_path, pool, user_id, titles=(*owned_of_oz(), replace(book, offers=offers))
    ) as house:
        await series(house)

        names = [path.name for path in audio(house.town.library)]
    states = look(database_url, "select abs_import_status, reason from downloads order by id")
    assert [state for state, _ in states] == ["refused", "imported"]
    assert "program" in states[0][1]
    assert len(names) == len(set(names))


async def test_two_hours_of_a_longer_book_are_refused_and_the_next_release_is_taken(
    tmp_path, pool, user_id, database_url
):
    titles = [title_of(t) for t in ("The Chessmen of Mars", "The Master Mind of Mars")]
    async with household(tmp_path, pool, user_id, titles=titles) as house:
        await series(house)

    states = look(database_url, "select abs_import_status, reason from downloads order by id")
    assert [state for state, _ in states] == ["refused", "imported"]
    assert "were expected" in states[0][1]


async def test_another_narrator_is_refused_when_the_user_insists_on_one(
    tmp_path, pool, user_id, database_url
):
    book = title_of("The Magic of Oz")
    right = good_offer(book.title)
    wrong = replace(right, tid=990_003, narrators=("Somebody Else",), seeders=500)
    async with household(
        tmp_path, pool, user_id, titles=(*owned_of_oz(), replace(book, offers=(wrong, right)))
    ) as house:
        look(
            database_url,
            "update users set settings = jsonb_build_object('preferences', jsonb_build_object("
            "'narrators', %s::text[], 'narrator_required', true)) returning 1",
            list(right.narrators),
        )
        await series(house)

    assert any("Somebody Else" in reason for reason in refusals(database_url))
    chosen = look(database_url, "select guid from release_decisions where verdict = 'chosen'")
    assert str(right.tid) in chosen[0][0]
