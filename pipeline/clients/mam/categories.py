"""MyAnonamouse's audiobook categories, and the genres that people call them by."""

import re

from pipeline.errors import BadInput

MAIN_AUDIOBOOKS = 13
# The tracker's own numbers and names.
AUDIOBOOKS: dict[int, str] = {
    39: "Action/Adventure",
    40: "Crime/Thriller",
    41: "Fantasy",
    42: "General Fiction",
    43: "Horror",
    44: "Juvenile",
    45: "Literary Classics",
    46: "Romance",
    47: "Science Fiction",
    48: "Western",
    49: "Art",
    50: "Biographical",
    51: "Computer/Internet",
    52: "General Non-Fiction",
    53: "Self-Help",
    54: "History",
    55: "Home/Garden",
    56: "Language",
    57: "Math/Science/Tech",
    58: "Politics/Society/Religion",
    59: "Recreation",
    83: "Business",
    84: "Instructional",
    85: "Medical",
    87: "Mystery",
    88: "Philosophy",
    89: "Travel/Adventure",
    97: "Crafts",
    98: "Historical Fiction",
    99: "Humor",
    100: "True Crime",
    106: "Food",
    108: "Urban Fantasy",
    111: "Young Adult",
    119: "Nature",
}
_ALSO = {
    "adventure": (39,),
    "biographies": (50,),
    "biography": (50,),
    "biography memoir": (50,),
    "children": (44,),
    "classic": (45,),
    "comedy": (99,),
    "cooking": (106,),
    "detective": (40, 87),
    "fiction": (42,),
    "humour": (99,),
    "litrpg": (41,),
    "memoir": (50,),
    "non fiction": (52,),
    "nonfiction": (52,),
    "politics": (58,),
    "religion": (58,),
    "science": (57,),
    "scifi": (47,),
    "sci fi": (47,),
    "sf": (47,),
    "suspense": (40,),
    "teen": (111,),
    "ya": (111,),
}


def _words(name: str) -> str:
    """Return a name in the form in which names are compared."""
    words = re.sub(r"[\W_]+", " ", name.casefold()).split()
    return " ".join(word.removesuffix("s") for word in words if word != "and")


def _known() -> dict[str, tuple[int, ...]]:
    """Return every name by which a category is found: its own, its halves, and others."""
    known: dict[str, tuple[int, ...]] = {}
    for number, name in AUDIOBOOKS.items():
        for part in name.split("/"):
            known[_words(part)] = (*known.get(_words(part), ()), number)
    whole = {_words(name): (number,) for number, name in AUDIOBOOKS.items()}
    return known | {_words(name): numbers for name, numbers in _ALSO.items()} | whole


_NAMES = _known()


def categories_of(genre: str) -> tuple[int, ...]:
    """Return the categories that a genre's name stands for ("Sci-Fi", "Thriller", "Fantasy").

    Raises BadInput for a name that stands for none, listing what there is.
    """
    found = _NAMES.get(_words(genre))
    if found is None:
        listed = ", ".join(sorted(AUDIOBOOKS.values()))
        raise BadInput(f"{genre!r} is no genre of MyAnonamouse; there are: {listed}")
    return found
