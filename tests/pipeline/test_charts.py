"""What a user's genres say, and what of a tracker's list becomes a chart."""

from datetime import date

import pytest

from pipeline.charts import DEFAULT, Wish, first_ten, followed, monday, place, work_of
from pipeline.domain.completeness import Entry
from pipeline.domain.models import Release, Work


def release(title, guid="g", **more):
    return Release(guid=guid, title=title, indexer="MyAnonamouse", **more)


class TestFollowed:
    def test_without_a_word_of_the_user_some_genres_are_only_listed(self):
        assert followed({"genres": None}).wishes == followed(None).wishes == DEFAULT
        assert {wish.mode for wish in DEFAULT} == {"list"}

    def test_an_empty_list_follows_nothing(self):
        assert followed({"genres": []}).wishes == ()

    def test_a_genre_is_followed_once_under_its_first_mode(self):
        told = [{"genre": "Fantasy", "mode": "ask"}, {"genre": "fantasy", "mode": "fetch"}]

        assert followed({"genres": told}).wishes == (Wish("Fantasy", "ask"),)

    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"genre": "Clouds"}, "no genre of MyAnonamouse"),
            ({"genre": "Fantasy", "mode": "steal"}, "there are fetch, ask, list"),
            ({"mode": "ask"}, "names no genre"),
            (7, "names no genre"),
        ],
    )
    def test_what_cannot_be_read_is_left_out_and_named(self, told, words):
        read = followed({"genres": [told, "Horror"]})

        assert read.wishes == (Wish("Horror", "list"),)
        assert words in read.troubles[0]


@pytest.mark.parametrize("day", [date(2026, 11, 16), date(2026, 11, 19), date(2026, 11, 22)])
def test_a_week_is_named_by_its_monday(day):
    assert monday(day) == date(2026, 11, 16)


def test_a_release_of_prowlarr_is_read_by_its_name():
    work = work_of(release("The Salt Road by Ada Marlow [ENG / M4B]", indexer_id=24))

    assert (work.title, work.authors) == ("The Salt Road", ("Ada Marlow",))


def test_each_work_has_one_place_and_there_are_ten():
    by = ("Ada Marlow",)
    names = ["Zeal", "Ash", "Moor", "Brine", "Cask", "Dusk", "Elm", "Fog", "Gale", "Heath", "Ivy"]
    releases = [
        release(f"The Road of {name}", f"{name} {kind}", authors=by)
        for name in names
        for kind in ("m4b", "mp3")
    ]

    ten = first_ten(releases)

    assert [work.title for _, work in ten] == [f"The Road of {name}" for name in names[:10]]
    assert [found.guid for found, _ in ten] == [f"{name} m4b" for name in names[:10]]


@pytest.mark.parametrize(
    ("status", "authors", "mode", "decision"),
    [
        ("owned", ("A B",), "fetch", "owned"),
        ("covered", ("A B",), "fetch", "owned"),
        ("missing", ("A B",), "fetch", "fetched"),
        ("missing", ("A B",), "ask", "asked"),
        ("missing", ("A B",), "list", "listed"),
        ("missing", (), "fetch", "refused"),
        ("ignored", ("A B",), "fetch", "refused"),
        ("unreleased", ("A B",), "ask", "refused"),
    ],
)
def test_nothing_doubtful_is_ever_fetched(status, authors, mode, decision):
    work = Work("Ash", authors)
    entry = Entry(work, "", "primary", status, note="why")

    decided = place(release("Ash"), work, entry, mode)

    assert decided.decision == decision
    assert decision != "refused" or decided.reason
