"""Sandbox titles by the hundred, for tests that need a whole library."""

import random
from collections.abc import Sequence

from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, Title

_FIRST = [
    "Amber",
    "Brass",
    "Cedar",
    "Dust",
    "Ember",
    "Frost",
    "Gale",
    "Heron",
    "Iris",
    "Jade",
    "Kelp",
    "Lark",
    "Moss",
    "Nettle",
    "Opal",
]
_SECOND = [
    "Harbour",
    "Lantern",
    "Orchard",
    "Quarry",
    "Steeple",
    "Thicket",
    "Valley",
    "Windmill",
    "Abbey",
    "Bridge",
]
# Those whom the stand-in of Goodreads has pages of.
_AUTHORS, _SERIES = sorted(AUTHOR_IDS), sorted(SERIES_IDS)
LACKS = ("description", "narrators", "genres", "publisher", "published_year", "isbn", "asin")


def _isbn(number: int) -> str:
    digits = f"979998{number:06d}"
    total = sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def titles(count: int, *, lacks: Sequence[str] | None = None, seed: int = 1) -> tuple[Title, ...]:
    """Return owned books, no two alike; each lacks the fields of *lacks*, or some at random."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        name = f"{_FIRST[number % 15]} {_SECOND[number // 15 % 10]} {number}"
        made.append(
            Title(
                work_id=str(6_000_000 + number),
                goodreads_id=str(2_000_000 + number),
                title=name,
                authors=(_AUTHORS[number % len(_AUTHORS)],),
                year=1950 + number % 70,
                minutes=300,
                series=((_SERIES[number % len(_SERIES)], str(1000 + number)),)
                if chance.random() < 0.3
                else (),
                isbn=_isbn(number),
                asin=f"B9{number:08d}",
                google_id=f"generated{number:05d}",
                publisher="Lantern & Sons",
                description=f"What happened at the {name}, and to whom.",
                genres=("Mystery", "Classics"),
                narrators=("Basil Thorne",),
                owned=True,
                shelf_title=name,
                shelf_lacks=tuple(lacks)
                if lacks is not None
                else tuple(chance.sample(LACKS, chance.randint(0, len(LACKS)))),
            )
        )
    return tuple(made)
