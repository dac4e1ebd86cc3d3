"""Compare a made-up library of any size with its series; print seconds, peak memory, gaps.

Run as a program with two numbers, books and series, so that the memory measured is its own.
"""

# ruff: noqa: SIM905  lists of words read better as words

import random
import resource
import sys
import time
from datetime import date

from pipeline.domain.completeness import compare
from pipeline.domain.library import Library
from pipeline.domain.models import OwnedBook, Preferences, SeriesPlace, Work

WORDS = (
    "salt road lantern keeper ember crown harbour light ashes vint iron choir brass psalm tin hymn "
    "winter garden silent river broken mirror golden tower hidden city last summer raven queen "
    "glass orchard burning sky shadow wolf stone daughter paper moon crimson tide lost island"
).split()
NAMES = (
    "ada thomas rosa simon jonas clara miles petra oscar lena hugo ivy felix nora arlo edith"
).split()


def author(number):
    """One of many authors; family names differ from their first letters on, as real ones do."""
    family, rest = "", number * 7919 % 10**8
    for _ in range(4):
        rest, at = divmod(rest, 100)
        family += "bcdfghjklmnprstvwxyz"[at % 20] + "aeiou"[at // 20]
    return f"{NAMES[number % 16].title()} {family.title()}"


def title(chance, number):
    """A title of three words, told from all others by its last."""
    two = " ".join(chance.sample(WORDS, 2)).title()
    return f"The {two} of {WORDS[number % len(WORDS)].title()}{number}"


def listings(series):
    """Each series with ten volumes and a novella."""
    chance = random.Random(7)
    for number in range(series):
        name, who = f"Chronicle of {WORDS[number % len(WORDS)].title()} {number}", (author(number),)
        yield (
            name,
            [
                Work(
                    title(chance, number * 11 + place),
                    who,
                    series=(SeriesPlace(name, f"{place + 1}"),),
                )
                for place in range(10)
            ]
            + [Work(title(chance, number * 11 + 10), who, series=(SeriesPlace(name, "2.5"),))],
        )


def owned_books(books, series):
    """Half of all volumes, then books of no series."""
    out = []
    for _, works in listings(series):
        for at, one in enumerate(works[:10:2]):
            place = one.series if at % 2 else ()
            noisy = f"{one.title} (Unabridged)"
            out.append(OwnedBook(len(out) + 1, noisy, one.authors, series=place))
    chance = random.Random(9)
    while len(out) < books:
        number = len(out)
        out.append(OwnedBook(number + 1, title(chance, 10**6 + number), (author(number % 20_000),)))
    return out[:books]


def main():
    """Prepare the library, compare every series, print `seconds cpu-seconds megabytes missing`."""
    books, series = int(sys.argv[1]), int(sys.argv[2])
    owned = owned_books(books, series)
    started, began = time.perf_counter(), time.process_time()
    library = Library(owned)
    missing = 0
    for name, works in listings(series):
        done = compare(works, library, Preferences(), today=date(2026, 11, 22), series=name)
        missing += done.missing
    took, used = time.perf_counter() - started, time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{took:.2f} {used:.2f} {peak:.0f} {missing}\n")


if __name__ == "__main__":
    main()
