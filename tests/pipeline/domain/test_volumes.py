"""Like titles may be volumes of one series that is called so: then a person is asked."""

import pytest

from pipeline.domain.matching import comparable, compare
from pipeline.domain.models import SeriesPlace


def band(one, two, series=()):
    return compare(comparable(one, "Ada Marlow"), comparable(two, "Ada Marlow", series=series)).band


def test_two_volumes_of_one_title_are_two_books():
    assert band("Salt (Volume 1)", "Salt (Volume 2)") == "reject"


@pytest.mark.parametrize(
    ("one", "two", "answer"),
    [
        ("Salt Road (Volume 1)", "Salt Road", "auto"),
        ("Salt Road (Volume 2)", "Salt Road", "review"),
        ("Salt Road: A Tale (Volume 2)", "Salt Road", "review"),
        ("Salt Road: Marsh Kings", "Salt Road: Marsh Kings 7", "review"),
    ],
)
def test_a_later_volume_is_not_the_bare_title(one, two, answer):
    assert band(one, two) == answer


def test_a_volume_that_both_sides_number_alike_is_one_book():
    assert band("Salt Road (Book 3)", "Salt Road", [SeriesPlace("Harbour", "3")]) == "auto"
    assert band("Salt Road (Book 2)", "Salt Road", [SeriesPlace("Harbour", "3")]) == "review"


def test_a_title_that_may_be_the_series_goes_by_the_number():
    first, third = [SeriesPlace("Salt Road", "1")], [SeriesPlace("Marsh", "3")]

    assert band("Salt Road: Marsh, Book 3", "Salt Road", first) == "review"
    assert band("Salt Road: Marsh, Book 3", "Salt Road", third) == "auto"
