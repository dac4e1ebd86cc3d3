import pytest

from pipeline.sandbox.audio import write_m4b
from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from pipeline.sandbox.audiobookshelf_folders import named
from tests.support.bookshelf import EMMA, SIGN, STUDY, asking


@pytest.fixture
def standin(tmp_path):
    server = AudiobookshelfStandIn(tmp_path / "library", titles=())
    server.faults.down_seconds = 0.3
    server.ids = [server.add_owned(title) for title in (STUDY, SIGN, EMMA)]
    return server


@pytest.fixture
async def http(standin):
    async with asking(standin) as client:
        yield client


async def test_a_scan_finds_new_renamed_and_vanished_folders(standin, http):
    root = standin.shelf.root
    series = root / "Arthur Conan Doyle" / "Sherlock Holmes"
    write_m4b(
        series / "4 - The Memoirs [B00MEMOIRS]" / "a.m4b",
        seconds=90,
        size=5000,
        tags={"composer": "Ada Quill"},
    )
    (root / "Broken").mkdir()
    (root / "Broken" / "b.mp3").write_bytes(b"no audio")
    (series / "1 - A Study in Scarlet").rename(series / "1 - A Study")
    (root / "Jane Austen").rename(root.parent / "elsewhere")

    await http.post(f"/api/libraries/{standin.library_id}/scan")
    running = (await http.get("/api/tasks")).json()["tasks"]
    await standin.scanner.ended()

    assert [(task["action"], task["isFinished"]) for task in running] == [("library-scan", False)]
    assert (await http.get("/api/tasks")).json() == {"tasks": []}
    [new] = [each for each in standin.shelf.books if each not in standin.ids]
    media = standin.shown(new)["media"]
    about = media["metadata"]
    assert (about["title"], about["asin"], about["seriesName"], about["authorName"]) == (
        "The Memoirs",
        "B00MEMOIRS",
        "Sherlock Holmes #4",
        "Arthur Conan Doyle",
    )
    assert (about["narrators"], media["duration"]) == (["Ada Quill"], 90.0)
    assert standin.shown(standin.ids[0])["relPath"].endswith("1 - A Study")
    assert standin.shown(standin.ids[2])["isMissing"] is True


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("A/S/2.5 - T", {"authors": ["A"], "series": [("S", "2.5")], "title": "T"}),
        ("A/S/Book 1 - T", {"authors": ["A"], "series": [("S", "1")], "title": "T"}),
        ("A/S/01 - T {N}", {"series": [("S", "1")], "title": "T", "narrators": ["N"]}),
        ("A/S/1-3 - T", {"series": [("S", None)], "title": "1-3 - T"}),
        ("A/2 - T", {"authors": ["A"], "title": "2 - T"}),
        ("A & B/T [B002V0QCYU]", {"authors": ["A", "B"], "title": "T", "asin": "B002V0QCYU"}),
        ("A/(1990) - T", {"title": "T", "publishedYear": "1990"}),
        ("A/1984", {"title": "1984"}),
        ("T", {"title": "T"}),
    ],
)
def test_a_folders_name_says_what_the_book_is(path, about):
    assert {key: value for key, value in named(path).items() if key in about} == about
