from pipeline.domain.linking import Known, changes
from pipeline.domain.models import SeriesPlace


def test_a_book_without_a_series_gets_the_place_that_the_list_gives_it():
    known = [Known("Barsoom", "3", "list")]

    [change] = changes((), known, locked=False)

    assert change.new == (SeriesPlace("Barsoom", "3"),)
    assert change.old == ()


def test_a_series_spelled_otherwise_gets_the_spelling_of_its_other_books():
    known = [Known("The Stormlight Archive", "2", "library")]

    [change] = changes((SeriesPlace("Stormlight Archive", "2"),), known, locked=False)

    assert change.new == (SeriesPlace("The Stormlight Archive", "2"),)


def test_a_sequence_that_the_library_shows_is_kept():
    known = [Known("Oz", "4", "library"), Known("Oz", "5", "list")]

    assert changes((SeriesPlace("Oz", "4"),), known, locked=False) == []


def test_an_empty_sequence_is_filled_from_the_list():
    known = [Known("Oz", None, "library"), Known("Oz", "5", "list")]

    [change] = changes((SeriesPlace("Oz", None),), known, locked=False)

    assert change.new == (SeriesPlace("Oz", "5"),)


def test_a_book_in_two_series_stays_in_both():
    current = (SeriesPlace("Mistborn", "4"), SeriesPlace("Cosmere", "9"))
    known = [Known("Mistborn", "4", "library"), Known("Cosmere", "9", "library")]

    assert changes(current, known, locked=False) == []


def test_a_book_that_stands_somewhere_is_not_moved_by_a_list():
    known = [Known("Chronicles", "1", "library"), Known("Another Saga", "7", "list")]

    assert changes((SeriesPlace("Chronicles", "1"),), known, locked=False) == []


def test_the_users_own_series_list_is_left_alone():
    known = [Known("Barsoom", "3", "list")]

    assert changes((), known, locked=True) == []


def test_a_book_fetched_for_two_series_stands_in_both():
    known = [Known("Ayesha", "3", "gap"), Known("Allan Quatermain", "4", "gap")]

    [change] = changes((SeriesPlace("Allan Quatermain", "4"),), known, locked=False)

    assert change.new == (SeriesPlace("Allan Quatermain", "4"), SeriesPlace("Ayesha", "3"))
