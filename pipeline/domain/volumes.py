"""Tell when two like titles may be two volumes of one series that is called so."""

from pipeline.domain.comparables import Comparable
from pipeline.domain.positions import Position


def later(one: Comparable, two: Comparable) -> bool:
    """Whether one is "Title (Book 2)", and nothing says that the other is a second volume too."""
    numbers = {place.single for name, place in one.places if name == one.main}
    if not numbers - {None, 1} or not (one.describing and two.describing):
        return False
    return numbers.isdisjoint(place.single for _, place in two.places)


def astray(one: Comparable, two: Comparable) -> bool:
    """Whether "Harbour: Salt, Book 3" may be Salt, volume 3 of Harbour, and the other another."""
    named = {place.single for name, place in two.places if name == one.main}
    told = {place.single for name, place in one.places if name not in {one.main, *two.stated}}
    return bool(named and told) and named.isdisjoint(told)


def later_of(bare: Comparable, with_sub: Comparable) -> bool:
    """Whether one is "Harbour: Salt", the other "Harbour: Salt 3": the series may be all of it."""
    if any(name == with_sub.sub for name, _ in with_sub.places):
        return False
    numbers = {place.single for name, place in bare.places if name == with_sub.sub}
    return bool(numbers - {None, 1})


def places_of_universe(book: Comparable) -> frozenset[tuple[str, Position]]:
    """Return places as "Salt: Marsh: Harbour, Book 1" has them in a series "Marsh: Harbour"."""
    return frozenset((f"{book.sub} {name}", place) for name, place in book.places)
