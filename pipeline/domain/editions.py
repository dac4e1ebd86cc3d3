"""Know the words of editions and recordings, which are no part of a book's title."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from typing import Literal

from pipeline.domain.folding import fold

Kind = Literal["", "omnibus", "summary", "comic", "part", "excerpt"]

AUDIO = ("m4b", "m4a", "mp3", "flac", "aac", "ogg", "opus", "wma", "wav", "mp4", "aax", "aaxc")
EBOOK = ("epub", "azw3", "azw", "mobi", "pdf", "cbz", "cbr", "djvu", "fb2")
OTHER_FILES = ("zip", "rar", "7z", "nzb", "torrent")

LANGUAGES = {
    "en": "en eng english englisch anglais ingles",
    "de": "de ger deu german deutsch allemand",
    "fr": "fr fre fra french francais franzosisch",
    "es": "es spa esp spanish espanol castellano",
    "it": "it ita italian italiano",
    "nl": "nl dut nld dutch nederlands",
    "pl": "pl pol polish polski",
    "pt": "pt por portuguese portugues",
    "ru": "ru rus russian russkiy",
    "sv": "sv swe swedish svenska",
    "da": "da dan danish dansk",
    "no": "no nor nob norwegian norsk",
    "fi": "fi fin finnish suomi",
    "cs": "cs cze ces czech cesky",
    "hu": "hu hun hungarian magyar",
    "ja": "ja jpn japanese",
    "zh": "zh chi zho chinese",
    "ko": "ko kor korean",
    "tr": "tr tur turkish turkce",
    "uk": "uk ukr ukrainian",
    "el": "el gre ell greek",
    "ar": "ar ara arabic",
    "hi": "hi hin hindi",
    "he": "he heb hebrew",
    "ro": "ro rum ron romanian",
}
_BY_NAME = {name: code for code, names in LANGUAGES.items() for name in names.split()}

_FORMAT = "|".join((*AUDIO, *EBOOK))
FORMAT = re.compile(rf"(?<![^\W_])({_FORMAT})(?![^\W_])", re.IGNORECASE)
BITRATE = re.compile(
    r"(?<!\d)(\d{2,4})(?:\.\d+)?\s*(?:kbps|kb/s|kbit/s|kbit|kbs|kb|k)\b", re.IGNORECASE
)
_AT_RATE = re.compile(r"(?:mp3|m4[ab]|aac)\s?[@-]\s?(\d{2,3})\b", re.IGNORECASE)
EXTENSION = re.compile(rf"\.({_FORMAT}|{'|'.join(OTHER_FILES)})$", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
ASIN = re.compile(r"\bB[0-9A-Z]{9}\b")
UNABRIDGED = re.compile(
    r"\b(?:un-?abridged|un-?abr|ungek\u00fcrzt\w*|complete (?:and|&) unabridged|"
    r"version int\u00e9grale|"
    r"texte int\u00e9gral|onverkort)\b\.?",
    re.IGNORECASE,
)
ABRIDGED = re.compile(
    r"\b(?:abridged|abr|gek\u00fcrzt\w*|abr[e\u00e9]g[e\u00e9]e?|condensed)\b\.?", re.IGNORECASE
)
DRAMATISED = re.compile(
    r"\b(?:dramati[sz]ed(?: adaptation)?|dramati[sz]ation|graphic ?audio|full[- ]cast(?: audio)?"
    r"(?: dram[a-z]*| production| recording)?|audio ?dramas?|radio (?:drama|play)s?|"
    r"h\u00f6rspiel)\b",
    re.IGNORECASE,
)
_STANDING = (
    r"revised|expanded|updated|deluxe|special|limited|collector'?s|illustrated|definitive|complete|"
    r"international|(?:(?:movie|media|film|tv(?:\sseries)?)\s)?tie-?in|kickstarter|amazonclassics|kindle|audible|audio|library|retail|large\s"
    r"print|mass\smarket|paperback|hardcover|hardback|e-?book|first|second|third|\d+(?:st|nd|rd|th)|"
    r"uk|us|american|british|english|german|french|spanish|italian|russian|chinese|polish|dutch|"
    r"signature|anniversary|tenth|twentieth|twenty-fifth|thirtieth|fiftieth|graphicaudio|author'?s"
    r"|preferred|text|extended|uncut|(?:un)?abridged|remastered|full[\s-]cast"
)
_EDITION = rf"(?:the\s+)?(?:(?:{_STANDING})[\s,/&-]+(?:and\s+)?)+edition(?:\s+\d+)?"
NOISE = re.compile(
    rf"""\b(?:{_EDITION}|\d+(?:st|nd|rd|th)[ -]anniversary(?:\s+edition)?
    |(?:now\s+)?(?:newly\s+)?revised\s+and\s+updated(?:\s+for\s+[\w\s]+)?
    |audio\s?books?|h(?:oe|\u00f6)rbuch|livre\s+audio|audiolibro|luisterboek|audio\s?cds?
    |(?:movie|media|film|tv(?:\s+series)?)\s+tie-?in|light\s+novel
    |(?:an\s+)?audible\s+originals?(?:\s+(?:adaptation|drama|novella|production|podcast))?
    |audible(?:\s+(?:audio|exclusive|studios))?|retail|kindle|itunes|e-?book|lossless
    |(?:mass\s+market\s+)?paperback|hardcover|large\s+print|cd\s?rip|vbr|cbr|v0|web-?rip|web-?dl
    |tracks?\s*\+\s*cue|multi\s?file|single\s+file|chapteri[sz]ed|with\s+chapters|read\s*nfo|repack
    |multi-?cast|bbc(?:\s+radio(?:\s+\d\w?)?|\s+audio)(?:\s+(?:full[\s-]cast\s+)?(?:drama(?:ti[sz]ation)?|adaptation|production))?|(?:autoren)?lesung|proper|presented\s+by\s+[\w\s.]+|\d{{2,3}}\s*khz
    |stereo|mono|soundtrack)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# No noise is without one of these; one quick look spares most titles five slow ones.
_STEMS = re.compile(
    r"\d|abr|gek|gr[a\u00e9]|verkort|conden|audi|h(?:oe|o|\u00f6)r|livre|luister|retail|kindle|itunes|e-?book|"
    r"loss|paper|hard|print|rip|vbr|cbr|web|track|file|chapter|nfo|repack|proper|present|lesung|stereo|"
    r"mono|sound|cast|radio|dram|edition|revised|light|tie",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"\(\W*\)|\[\W*\]")
_EDGES = " -\u2013\u2014,;:.|/+"
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "summary",
        re.compile(
            r"\b(?:summar(?:y|ies) (?:of|and)|book summary|study guides?|work ?books?|analysis of|"
            r"^an? (?:\w+ )?guide to|reader'?s guide|cliffs ?notes|"
            r"spark ?notes|book ?notes|annotated|"
            r"unofficial|conversation starters|quicklet|supersummary|instaread|blinkist|trivia|"
            r"key takeaways|lesson plans?|colou?ring book|cook ?book|official companion)\b"
        ),
    ),
    (
        "comic",
        re.compile(r"\b(?:graphic novels?|manga|comics?|picture book|sheet music)\b"),
    ),
    (
        "omnibus",
        re.compile(
            r"\b(?:box(?:ed)? ?sets?|omnibus|bundle|(?:trilogy|series|saga|quartet|book) "
            r"(?:collection|set|pack|bundle)|books collection|complete (?:series|saga|trilogy|"
            r"collection|novels|works|quartet|cycle|chronicles|stories)|collected works|"
            r"\d ?(?:-|\s)?books? (?:box|set|bundle|collection|in)|\d in 1|"
            r"books \d+ ?(?:-|to|&|and|through) ?\d+|bks? \d+ ?- ?\d+|complete collection|"
            r"discography|gesamtausgabe|sammelband|int[e\u00e9]grale|collection set|novels set)\b"
        ),
    ),
    ("excerpt", re.compile(r"\b(?:excerpts?|sampler?|preview|teaser|chapters? \d+ ?- ?\d+)\b")),
)


def language(text: str) -> str | None:
    """ISO 639-1 code for a language's code or name; None when it is none that we know."""
    return _BY_NAME.get(fold(text))


def kind_of(text: str) -> Kind:
    """Return what a title says it is besides a book of its own; "" for a plain book."""
    plain = text.casefold().replace("\u2019", "'")
    for kind, pattern in _KINDS:
        if pattern.search(plain):
            return kind
    return ""


def file_format(text: str) -> str | None:
    """Return the file format named in a text, audio before any other; None when none is."""
    found: list[str] = [name.lower() for name in FORMAT.findall(text)]
    for name in found:
        if name in AUDIO:
            return name
    return found[0] if found else None


def bitrate(text: str) -> int | None:
    """Kilobits per second as printed ("64kbps", "MP3@64"); None when absent or implausible."""
    for match in (*BITRATE.finditer(text), *_AT_RATE.finditer(text)):
        if 16 <= int(match[1]) <= 1411:
            return int(match[1])
    return None


def abridged(text: str) -> bool | None:
    """Return True, False, or None when the text does not say."""
    if UNABRIDGED.search(text):
        return False
    return True if ABRIDGED.search(text) else None


def without_noise(text: str) -> str:
    """Return the text without edition and recording words; the text itself when nothing is left."""
    return _bare(text) or text.strip()


def only_noise(text: str) -> bool:
    """Whether a text speaks of nothing but an edition or a recording."""
    return not _bare(FORMAT.sub(" ", YEAR.sub(" ", text)))


def _bare(text: str) -> str:
    if _STEMS.search(text) is None:
        return " ".join(text.split()).strip(_EDGES)
    bare = text
    for pattern in (NOISE, UNABRIDGED, ABRIDGED, DRAMATISED, BITRATE):
        bare = pattern.sub(" ", bare)
    bare = _EMPTY.sub(" ", bare)
    return " ".join(bare.split()).strip(_EDGES)
