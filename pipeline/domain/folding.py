"""Make spellings comparable: one form for case, accents, scripts, articles and numbers."""

# ruff: noqa: SIM905  lists of words read better as words
# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from anyascii import anyascii

ARTICLES = frozenset({"the", "a", "an"})
SHORTENED = {
    "versus": "vs",
    "mount": "mt",
    "doctor": "dr",
    "mister": "mr",
    "missus": "mrs",
    "saint": "st",
    "volume": "vol",
    "boxed": "box",
    "grey": "gray",
    "pyjamas": "pajamas",
    "theatre": "theater",
    "centre": "center",
    "defence": "defense",
    "jewellery": "jewelry",
    "judgement": "judgment",
    "faerie": "fairy",
    "faery": "fairy",
    "magick": "magic",
}
# Both spellings of English come out alike; so do a few words that only end alike, on both sides.
_ENDINGS = (
    ("ours", "ors"),
    ("our", "or"),
    ("isation", "ization"),
    ("ise", "ize"),
    ("ised", "ized"),
    ("ising", "izing"),
    ("ogue", "og"),
    ("tre", "ter"),
)
_AE = re.compile("a+e")
_DOUBLED = re.compile("l{2,}(?=(?:ing|ed|er)$)")
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth".split(),
        start=1,
    )
}
_NTH = {value: word for word, value in ORDINALS.items()}
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")
_LETTERS = {"i": 1, "v": 5, "x": 10}
_APOSTROPHES = re.compile(r"['`\u00b4\u2018\u2019\u02bc\u02bb\u2032\uff07]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BREAKS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Lower case, ASCII where the script allows it, words parted by single blanks.

    Falls back to the text's own script when nothing readable is left of it, so that two texts
    never become equal by both becoming empty; only a text without letters and digits is "".
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = _parted(plain)
    if words.isascii():
        return words
    latin = _parted(anyascii(words).casefold())
    return latin or words


def _parted(text: str) -> str:
    bare = _APOSTROPHES.sub("", text).replace("&", " and ")
    return _BREAKS.sub(" ", _THOUSANDS.sub("", bare)).strip()


def roman(word: str) -> int | None:
    """Value of a folded Roman numeral from 1 to 39; None when it is none."""
    if not word or len(word) > 6 or not _ROMAN.fullmatch(word):
        return None
    total = 0
    for here, after in zip(word, [*word[1:], ""], strict=True):
        value = _LETTERS[here]
        total += -value if _LETTERS.get(after, 0) > value else value
    return total


def numeral(word: str) -> int | None:
    """Value of one folded word: digits, a number word, an ordinal or a Roman numeral."""
    if word.isdecimal():
        return int(word)
    if word in WORDS:
        return WORDS[word]
    return ORDINALS.get(word) or roman(word)


def with_digits(words: Sequence[str]) -> list[str]:
    """Write numbers in words and Roman numerals as digits: "nineteen eighty four" -> "1984"."""
    out: list[str] = []
    number: int | None = None
    for word in words:
        number = _grown(number, word, out)
        if number is None:
            out.append(_digits(word))
    if number is not None:
        out.append(str(number))
    return out


def _grown(number: int | None, word: str, out: list[str]) -> int | None:
    """Let a spelled number grow by a word; what cannot grow is put out."""
    value = WORDS.get(word)
    if value is None and word in {"hundred", "thousand"}:
        return (number or 1) * (100 if word == "hundred" else 1000)
    if value is None or number is None:
        if number is not None:
            out.append(str(number))
        return value
    if number >= 20 and number % 10 == 0 and value < 10:
        return number + value
    if number % 100 == 0 and value < 100:
        return number + value
    if 10 < number < 100 and value >= 10:  # years: nineteen eighty(-four)
        return number * 100 + value
    out.append(str(number))
    return value


@lru_cache(maxsize=16384)
def _digits(word: str) -> str:
    if word.isdecimal():
        return str(int(word)) if len(word) < 19 else word
    value = roman(word)
    if value is not None:
        return str(value)
    nth = _ORDINAL.fullmatch(word)  # "5th" is written "fifth"
    return _NTH.get(int(nth[1]), word) if nth else word


def plain_words(words: Iterable[str]) -> list[str]:
    """Drop articles and level out spelling; gives all back when only articles were there."""
    kept = [_levelled(word) for word in words if word not in ARTICLES]
    return kept or list(words)


@lru_cache(maxsize=16384)
def _levelled(word: str) -> str:
    known = SHORTENED.get(word)
    if known is not None:
        return known
    if len(word) < 6:
        return word
    level = _DOUBLED.sub("l", _AE.sub("e", word))
    for british, american in _ENDINGS:
        if level.endswith(british):
            return level.removesuffix(british) + american
    return level


def title_key(text: str) -> str:
    """Key under which spellings of one title are equal: "The Hobbit, Part II" -> "hobbit part 2".

    Knows nothing of subtitles, series notes or edition noise: see `titles` for those.
    """
    words = fold(text).split()
    return " ".join(with_digits(plain_words(words)))
