"""The owned book that is a work is found without looking at all books."""

from pipeline.domain.library import Library
from pipeline.domain.models import OwnedBook, SeriesPlace, Work

MARLOW = ("Ada Marlow",)


def found(library, work):
    match = library.find(work)
    return match and (match.book.book_id, match.verdict.band)


def test_a_book_is_found_by_title_and_author():
    library = Library([OwnedBook(1, "Ash", MARLOW), OwnedBook(2, "The Salt Road", MARLOW)])

    assert found(library, Work("Salt Road, The", ("A. Marlow",))) == (2, "auto")


def test_a_book_is_found_by_an_identifier_alone():
    library = Library([OwnedBook(1, "Le sel", MARLOW, isbn="9780306406157")])

    assert found(library, Work("The Salt Road", MARLOW, isbns=("0306406152",))) == (1, "auto")


def test_a_book_is_found_by_its_work_alone():
    library = Library([OwnedBook(1, "Le sel", MARLOW, goodreads_work="5")])

    assert found(library, Work("The Salt Road", MARLOW, goodreads_work="5")) == (1, "auto")


def test_a_book_under_another_title_is_found_by_its_place_and_doubted():
    place = (SeriesPlace("Harbour", "3"),)
    library = Library([OwnedBook(1, "Le sel", MARLOW, series=place)])

    assert found(library, Work("The Salt Road", MARLOW, series=place)) == (1, "review")


def test_a_title_in_another_spelling_is_found():
    library = Library([OwnedBook(1, "Salt Passengers of Vint", MARLOW)])

    assert found(library, Work("Salt Pasengers of Vint", MARLOW)) == (1, "auto")
    assert found(library, Work("Salt Passangers of Vint", MARLOW)) == (1, "review")


def test_the_same_title_by_somebody_else_is_not_found():
    library = Library([OwnedBook(1, "The Salt Road", ("Thomas Reed",))])

    assert found(library, Work("The Salt Road", MARLOW)) is None


def test_the_surest_of_several_comes_first():
    library = Library(
        [OwnedBook(1, "The Salt Road: Ash", MARLOW), OwnedBook(2, "The Salt Road", MARLOW)]
    )

    assert [m.book.book_id for m in library.matches(Work("The Salt Road", MARLOW))] == [2, 1]
