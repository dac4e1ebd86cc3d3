"""Rows with known answers: our own always, the shared ground truth where it is there.

The shared rows are split by a fixed hash of their ids. Rules were first made looking at the
`tuned` half only; then a third of the other half, the `second look`, and later half of what was
left, the `third look`, were read for what the rules had missed. The rest, `untouched`, is read by
nobody: only its figures are printed.
"""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.shared import SHARED

FIXTURES = Path(__file__).resolve().parents[1] / "judge" / "fixtures"
PORTIONS = ("tuned", "second look", "third look", "untouched")


@dataclass(frozen=True)
class Doubt:
    """A label that we hold to be wrong, or that no name could tell."""

    row: str
    reason: str


def our_rows(name):
    return _read(FIXTURES / f"{name}.csv")


def true_rows(name):
    path = SHARED / "truth" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"shared/truth/{name}.csv is not beside this checkout")
    return _read(path)


def portion(row_id):
    if not _coin("bookrunner", row_id) % 2:
        return "tuned"
    if not _coin("bookrunner second look", row_id) % 3:
        return "second look"
    return "untouched" if _coin("bookrunner third look", row_id) % 2 else "third look"


def _coin(seed, row_id):
    return hashlib.sha256(f"{seed}:{row_id}".encode()).digest()[0]


def doubts():
    return {row["id"]: Doubt(row["id"], row["reason"]) for row in our_rows("doubtful_labels")}


def _read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass
class Tally:
    """Rows that were right out of rows that could be judged, with the wrong ones by id."""

    right: int = 0
    wrong: tuple[str, ...] = ()

    def count(self, row_id, good):
        if good:
            self.right += 1
        else:
            self.wrong = (*self.wrong, row_id)

    @property
    def share(self):
        total = self.right + len(self.wrong)
        return self.right / total if total else 1.0

    def without(self, ids):
        """The same tally with some wrong rows not counted at all."""
        return Tally(self.right, tuple(row for row in self.wrong if row not in ids))

    def __str__(self):
        total = self.right + len(self.wrong)
        return f"{self.share:6.1%} ({self.right} of {total})"
