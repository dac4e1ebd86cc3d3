"""Search finds what a person types; what is missing, charts and completeness are told truly."""

import itertools

import pytest

from api.library import words_of
from pipeline.accounts import add_key, add_user
from tests.support.callers import calling, json_of, shelve

AUTHORS = {
    "J. R. R. Tolkien": "The Hobbit",
    "Christopher Tolkien": "Maps of Middle-earth",
    "JRR Token": "Coins",
    "Ursula K. Le Guin": "A Wizard of Earthsea",
    "Ödön von Horváth": "Jugend ohne Gott",
    "Stephen King": "It",
    "Лев Толстой": "Война и мир",
    "Brandon Sanderson": "The Final Empire",
}


@pytest.fixture
async def shelves(pool, owner):
    async with pool.user(owner.user_id) as db:
        for author, title in AUTHORS.items():
            await shelve(db, title, (author,), f"{author.split()[-1]} Cycle", "1")


async def names(client, kind, name):
    answer = json_of(await client.get(f"/api/{kind}/search", params={"name": name}))
    return [record["title" if kind == "books" else "name"] for record in answer["records"]]


@pytest.mark.usefixtures("shelves")
async def test_an_author_is_found_however_the_name_is_typed(client):
    for typed, found in {
        "tolkien": "Christopher Tolkien J. R. R. Tolkien",
        "Tolkien J.R.R.": "J. R. R. Tolkien",
        "jrr tolkien": "J. R. R. Tolkien",
        "TOLKIEN, j r r": "J. R. R. Tolkien",
        "guin ursula": "Ursula K. Le Guin",
        "odon horvath": "Ödön von Horváth",
        "HORVÁTH": "Ödön von Horváth",
        "Tolstoy": "Лев Толстой",
        "Толстой": "Лев Толстой",
        "sander": "Brandon Sanderson",
        "sanderson brandon": "Brandon Sanderson",
        "J. R. R. Token": "JRR Token",
    }.items():
        got = await names(client, "author", typed)
        assert got, typed
        assert got[0] in found, typed


@pytest.mark.usefixtures("shelves")
async def test_initials_put_the_right_namesake_first(client):
    assert await names(client, "author", "Tolkien J.R.R.") == [
        "J. R. R. Tolkien",
        "Christopher Tolkien",
    ]


@pytest.mark.usefixtures("shelves")
async def test_books_and_series_are_found_by_author_too(client):
    assert await names(client, "books", "hobbit") == ["The Hobbit"]
    assert await names(client, "books", "the hobbit tolkien") == ["The Hobbit"]
    assert await names(client, "books", "it") == ["It"]
    assert await names(client, "series", "tolkien cycle") == ["Tolkien Cycle"]
    assert (await names(client, "series", "king"))[0] == "King Cycle"


@pytest.mark.usefixtures("shelves")
async def test_what_is_not_there_is_not_found(client):
    for typed in ("zelazny", "tolkien zelazny", "olkien", "!!!", "%", "_", "\\", "'; --"):
        assert await names(client, "author", typed) == [], typed


async def test_what_is_renamed_or_deleted_is_found_as_it_is_now(client, pool, owner):
    async with pool.user(owner.user_id) as db:
        book = await shelve(db, "Dune", ("Frank Herbert",))
        await db.connection.execute(
            "UPDATE books SET title = 'Arrakis', search_text = 'arrakis' WHERE id = %s", [book]
        )
    assert await names(client, "books", "dune") == []
    assert await names(client, "books", "arra") == ["Arrakis"]
    async with pool.user(owner.user_id) as db:
        await db.connection.execute("DELETE FROM books WHERE id = %s", [book])

    assert await names(client, "books", "arrakis") == []
    async with pool.user(owner.user_id) as db:
        left = await db.connection.execute(
            "SELECT count(*) FROM search_words WHERE kind = 'book' AND id = %s", [book]
        )
        assert (await left.fetchone()) == (0,)


def test_articles_and_single_letters_only_rank_beside_words():
    assert words_of("Tolkien J.R.R.") == ("tolkien j r r", ["tolkien"], ["j", "r"])
    assert words_of("The Hobbit") == ("the hobbit", ["hobbit"], ["the"])
    assert words_of("The A") == ("the a", ["the", "a"], [])
    assert words_of("...") == ("", [], [])


async def test_an_author_comes_with_books_and_missing_audiobooks(client, owner):
    (author,) = json_of(await client.get("/api/author/search?name=amber"))["records"]

    assert author["name"] == "J. R. R. Amber"
    assert [book["title"] for book in author["books"]] == ["The Amber Owl"]
    assert [book["title"] for book in author["missingAudiobooks"]] == ["Amber Wanted"]
    assert author["missingAudiobooks"][0]["reasonMissing"] == "author_gap"


async def test_a_series_comes_with_books_owned_and_missing(client, owner):
    (series,) = json_of(await client.get("/api/series/search?name=saga"))["records"]

    assert [(b["title"], b["sequence"]) for b in series["ownedBooks"]] == [("The Amber Owl", "1")]
    assert [(b["title"], b["position"]) for b in series["missingBooks"]] == [("Amber Wanted", "2")]


async def test_missing_books_of_a_series_and_of_an_author(client, owner):
    for kind in ("series", "author"):
        found = json_of(await client.get(f"/api/books/missing?type={kind}&id={owner.ids[kind]}"))
        everything = json_of(await client.get(f"/api/books/missing?type={kind}"))
        nothing = await client.get(f"/api/books/missing?type={kind}&id=999")

        assert [r["title"] for r in found["records"]] == ["Amber Wanted"]
        assert everything["records"] == found["records"]
        assert nothing.status_code == 404


async def test_missing_books_are_sorted_by_position_as_a_number(client, pool, owner):
    async with pool.user(owner.user_id) as db:
        for position in ("10", "2.5", "1-3", "prologue", None):
            cursor = await db.connection.execute(
                "INSERT INTO books (user_id, title) VALUES (app_user(), %s) RETURNING id",
                [f"at {position}"],
            )
            await db.connection.execute(
                "INSERT INTO missing_books (user_id, book_id, series_id, title, reason_missing,"
                " position) VALUES (app_user(), %s, %s, %s, 'series_gap', %s)",
                [(await cursor.fetchone())[0], owner.ids["series"], f"at {position}", position],
            )
    there = f"/api/books/missing?type=series&id={owner.ids['series']}"

    rising = json_of(await client.get(there))["records"]
    falling = json_of(await client.get(f"{there}&sortDirection=descending"))["records"]

    assert [r["position"] for r in rising][:4] == ["1-3", "2", "2.5", "10"]
    assert [r["position"] for r in falling][:4] == ["10", "2.5", "2", "1-3"]


async def test_charts_of_the_newest_week_and_of_another(client):
    newest = json_of(await client.get("/api/top10/weekly"))

    assert newest["week"] == "2026-W46"
    (chart,) = newest["genres"]
    assert (chart["genre"], chart["rankedBy"]) == ("Amber genre", "grabs")
    assert [(e["rank"], e["title"]) for e in chart["entries"]] == [(1, "Amber hit")]
    assert json_of(await client.get("/api/top10/weekly?week=2026-W46")) == newest
    assert json_of(await client.get("/api/top10/weekly?week=2026-W45"))["genres"] == []
    assert (await client.get("/api/top10/weekly?week=2025-W53")).status_code == 404


@pytest.mark.usefixtures("shelves")
async def test_completeness_is_told_per_book_and_per_field(client):
    found = json_of(await client.get("/api/metadata/status?sortKey=metadataCompleteness"))

    fields = {field["field"]: field for field in found["fields"]}
    assert found["totalRecords"] == len(AUTHORS) + 1 == len(found["records"])
    assert list(fields) == [
        "title",
        "subtitle",
        "authors",
        "narrators",
        "series",
        "publisher",
        "published_year",
        "description",
        "genres",
        "language",
        "isbn",
        "asin",
    ]
    assert (fields["title"]["filled"], fields["title"]["percent"]) == (9, 100.0)
    assert (fields["asin"]["filled"], fields["asin"]["percent"]) == (0, 0.0)
    assert found["records"][0]["missingFields"] == [
        "subtitle",
        "narrators",
        "publisher",
        "published_year",
        "description",
        "genres",
        "isbn",
        "asin",
    ]


@pytest.mark.usefixtures("shelves")
async def test_a_list_comes_in_pages_in_either_direction(client):
    async def titles(**params):
        answer = json_of(await client.get("/api/metadata/status", params=params))
        return [record["title"] for record in answer["records"]]

    rising = await titles()
    pages = [await titles(pageSize=4, page=page) for page in (1, 2, 3, 4)]

    assert list(itertools.chain(*pages)) == rising == sorted(rising)
    assert pages[3] == []
    assert await titles(sortDirection="descending") == rising[::-1]


async def test_a_page_beyond_the_end_still_tells_the_total(client):
    for path in ("runs", "author/search?name=amber", "books/missing?type=series"):
        there = f"/api/{path}{'&' if '?' in path else '?'}page=77"
        found = json_of(await client.get(there))

        assert found["totalRecords"] >= 1
        assert (found["records"], found["page"]) == ([], 77)


async def test_a_library_with_nothing_in_it_is_answered_too(served, pool):
    user = await add_user(pool, "newcomer")
    async with calling(served, await add_key(pool, user, "key")) as client:
        status = json_of(await client.get("/api/metadata/status"))
        charts = json_of(await client.get("/api/top10/weekly"))
        stats = json_of(await client.get("/api/system/stats"))

    assert (status["totalRecords"], len(status["fields"])) == (0, 12)
    assert charts == {"week": None, "genres": []}
    assert stats["failureRates"] == {"byWorkflow": [], "bySource": [], "byReason": []}
