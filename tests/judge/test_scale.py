"""Comparing is never what a run waits for, and takes twice as long for twice the library."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import large_library

ROOT = Path(__file__).resolve().parents[2]


def measured(books, series):
    """Seconds, seconds of one processor, megabytes and gaps, from a process of its own."""
    command = [sys.executable, large_library.__file__, str(books), str(series)]
    said = subprocess.run(  # noqa: S603  our own program
        command, check=True, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )
    seconds, used, megabytes, missing = said.stdout.split()
    return float(seconds), float(used), float(megabytes), int(missing)


def grows_linearly(figure, sizes):
    """Measure each size, print it; return the largest's seconds of processor and megabytes.

    Other programs on the machine lengthen the time on the clock, not the processor's.
    """
    took = []
    for books, series in sizes:
        seconds, used, megabytes, missing = measured(books, series)
        figure(
            f"{books:>7,} books x {series:>5,} series: {used:5.1f} s of one processor "
            f"({seconds:.1f} s by the clock), {megabytes:4.0f} MB"
        )
        assert missing == series * 6
        took.append(used / books)
    assert max(took) < 2 * min(took)
    return used, megabytes


@pytest.mark.slow
def test_a_library_twice_as_large_takes_twice_as_long(figure):
    grows_linearly(figure, [(2_500, 125), (5_000, 250), (10_000, 500)])


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_a_hundred_thousand_books_are_compared_with_five_thousand_series(figure):
    sizes = [(25_000, 1_250), (50_000, 2_500), (100_000, 5_000)]
    seconds, megabytes = grows_linearly(figure, sizes)

    assert seconds < 60
    assert megabytes < 400
