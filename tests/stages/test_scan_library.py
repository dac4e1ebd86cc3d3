"""A rescan is asked for once, after any other scan has ended."""

from pipeline.events import RunRequested
from pipeline.outcomes import Stop, Wait
from stages import scan_library


class Shelf:
    """An Audiobookshelf that is at so many scans one after another."""

    def __init__(self, busy: int) -> None:
        self.busy, self.asked = busy, []

    async def scan(self, library_id: str) -> bool:
        self.asked.append(library_id)
        self.busy -= 1
        return self.busy < 0


class Shelves:
    def __init__(self, busy: int = 0) -> None:
        self.audiobookshelf = Shelf(busy)

    async def id(self) -> str:
        return "lib_1"


async def test_a_scan_is_started():
    library = Shelves()

    outcome = await scan_library.run(RunRequested(), library)

    assert outcome == Stop("Audiobookshelf scans the library")
    assert library.audiobookshelf.asked == ["lib_1"]


async def test_a_scan_that_is_under_way_is_waited_for():
    library = Shelves(busy=1)

    first, second = [await scan_library.run(RunRequested(), library) for _ in range(2)]

    assert isinstance(first, Wait)
    assert isinstance(second, Stop)
