"""Whether exactly the gaps of a series are found: every row, traps included."""

from tests.support.truth import our_rows, true_rows
from tests.support.verdicts import judge_cases


def test_our_own_libraries_lack_exactly_what_they_lack(figure):
    tally, wrong = judge_cases(
        our_rows("completeness_cases"), our_rows("series"), our_rows("series_books")
    )

    figure(f"series, our own fixtures: rows exact {tally}")
    assert wrong == []


def test_the_true_libraries_lack_exactly_what_they_lack(figure):
    tally, wrong = judge_cases(
        true_rows("completeness_cases"), true_rows("series"), true_rows("series_books")
    )

    figure(f"series, ground truth: rows exact {tally}")
    for line in wrong:
        figure(f"    {line}")
    assert wrong == []
