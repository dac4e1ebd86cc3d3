"""What an author's works are over several sources, and which of them are missing."""

from datetime import date

import pytest

from pipeline.domain.bibliography import compare, join
from pipeline.domain.models import OwnedBook, Preferences, SeriesPlace, Work

ADA = "Ada Marlow"
TODAY = date(2026, 1, 1)


def work(title, *series, by=ADA, **more):
    places = tuple(SeriesPlace(name, at) for name, at in series)
    return Work(title, (by,), series=places, **more)


def owned(book_id, title, *series):
    return OwnedBook(book_id, title, (ADA,), series=tuple(SeriesPlace(n, at) for n, at in series))


def statuses(listed, books=(), scope="all"):
    compared = compare(listed, books, Preferences(), today=TODAY, scope=scope)
    return {each.entry.work.title: each.entry.status for each in compared}


def at_goodreads(*works):
    return join(ADA, [("Goodreads", works)])


class TestJoin:
    def test_a_work_that_several_list_is_one_and_keeps_what_each_knows(self):
        [listed] = join(
            ADA,
            [
                ("Goodreads", [work("The Salt Road", ("Harbour", "1"), goodreads_work="7")]),
                ("GoogleBooks", [work("The Salt Road", google_id="g", isbns=("9790000000001",))]),
                ("MAM", [work("The Salt Road"), work("The Salt Road")]),
            ],
        )

        assert listed.sources == ("Goodreads", "GoogleBooks", "MAM")
        assert (listed.work.goodreads_work, listed.work.google_id) == ("7", "g")
        assert listed.work.isbns == ("9790000000001",)
        assert listed.work.series == (SeriesPlace("Harbour", "1"),)

    def test_namesakes_and_other_authors_are_left_out(self):
        assert join(ADA, [("MAM", [work("The Salt Road", by="Thomas Reed")])]) == []

    @pytest.mark.parametrize(
        ("sources", "known"),
        [
            (["Goodreads"], True),
            (["GoogleBooks"], False),
            (["MAM"], False),
            (["GoogleBooks", "MAM"], True),
        ],
    )
    def test_a_work_is_believed_by_who_lists_it(self, sources, known):
        [listed] = join(ADA, [(source, [work("The Salt Road")]) for source in sources])

        assert listed.is_known == known
        assert statuses([listed]) == {"The Salt Road": "missing" if known else "ignored"}


class TestCompare:
    def test_first_volumes_of_two_series_are_two_books(self):
        listed = at_goodreads(work("The Salt Road", ("Harbour", "1")), work("Ash", ("Embers", "1")))

        assert set(statuses(listed).values()) == {"missing"}

    def test_an_omnibus_covers_volumes_of_its_own_series_only(self):
        listed = at_goodreads(
            work("The Salt Road", ("Harbour", "1")),
            work("The Tide Road", ("Harbour", "2")),
            work("Ash", ("Embers", "1")),
        )

        found = statuses(listed, [owned(1, "Harbour Omnibus", ("Harbour", "1-2"))])

        assert found == {"The Salt Road": "covered", "The Tide Road": "covered", "Ash": "missing"}

    def test_the_scope_of_owned_series_leaves_the_rest_of_a_catalogue_alone(self):
        listed = at_goodreads(
            work("The Salt Road", ("Harbour", "1")),
            work("The Tide Road", ("Harbour", "2")),
            work("Ash", ("Embers", "1")),
            work("Alone"),
        )
        books = [owned(1, "The Salt Road", ("Harbour", "1"))]

        assert statuses(listed, books, scope="series") == {
            "The Salt Road": "owned",
            "The Tide Road": "missing",
            "Ash": "ignored",
            "Alone": "ignored",
        }

    def test_a_refusal_says_why_in_words(self):
        [compared] = compare(
            at_goodreads(work("Ash", ("Embers", "1"))),
            [],
            Preferences(),
            today=TODAY,
            scope="series",
        )

        assert compared.entry.note == "no book of Embers is owned"
        assert compared.series == "Embers"

    def test_the_order_of_the_first_list_is_kept(self):
        titles = ["Zeal", "Ash", "Moor", "Brine"]
        listed = at_goodreads(*(work(t, ("Embers", str(n % 2))) for n, t in enumerate(titles, 1)))

        assert list(statuses(listed)) == titles
