"""The hard gate: each rule refuses a release for one reason, in words, or lets it pass."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

from collections.abc import Callable

from pipeline.domain import editions
from pipeline.domain.people import MAYBE, OTHER, SAME, agree, people
from pipeline.domain.release_cases import Case

Rule = Callable[[Case], str | None]

# Torznab: 3000 audio, 3030 audiobooks; trackers' own categories start at 100000.
_AUDIO = range(3000, 4000)
_OWN = 100_000
_SMALLEST = 5_000_000
_LONGEST_HOURS = 120
_TRACKER = "https://www.myanonamouse.net/t/"


def not_blocked(case: Case) -> str | None:
    """Refuse what failed for this book before."""
    marks = {case.release.guid, (case.release.infohash or case.release.guid).lower()}
    return "it failed before and is on the blocklist" if marks & case.blocked else None


def obtainable(case: Case) -> str | None:
    """Refuse what offers nothing to fetch."""
    release = case.release
    # The tracker's own answers name no address, which would hold a credential: it is asked by
    # number.
    by_number = release.indexer_id is None and release.guid.startswith(_TRACKER)
    offered = release.download_url or release.magnet_url or by_number
    return None if offered else "it offers neither a torrent nor a magnet link"


def audiobook(case: Case) -> str | None:
    """Refuse what is no audio by its file types, name or category."""
    stated = [kind.lower().lstrip(".") for kind in case.release.filetypes]
    if stated and not any(kind in editions.AUDIO for kind in stated):
        return f"it holds {', '.join(stated)}, no audio"
    if not stated and case.name.format in editions.EBOOK:
        return f"its name says {case.name.format}, no audio"
    standard = [number for number in case.release.categories if number < _OWN]
    if standard and not any(number in _AUDIO for number in standard):
        return f"it is listed under {', '.join(map(str, standard))}, not under audio"
    return None


def same_author(case: Case) -> str | None:
    """Refuse another author: no title is good enough to make up for that."""
    named = case.release.authors or case.name.authors
    if not people(named):
        return "it names no author"
    match = agree(case.offered.people, case.asked.people)
    if match == SAME or (case.is_pack and case.books and case.fills):
        return None
    if match == MAYBE:
        return f"its author {_list(named)} only resembles {_list(case.wanted.authors)}"
    return f"it is by {_list(named)}, not {_list(case.wanted.authors)}" if match == OTHER else None


def same_title(case: Case) -> str | None:
    """Refuse a title, place or kind of book that is not surely the same; packs go by contents."""
    if case.is_pack or case.verdict.band == "auto":
        return None
    if same_author(case) is not None and case.verdict.score == 0:
        return None  # said by the author's rule already
    return f"{case.verdict.reason} ({case.name.title!r}, score {case.verdict.score})"


def whole_book(case: Case) -> str | None:
    """Refuse a part of a volume, unless that part is wanted."""
    if case.is_pack or case.offered.part == case.asked.part:
        return None
    return f"it is only part {case.offered.part}" if case.offered.part else "it is no single part"


def contents_known(case: Case) -> str | None:
    """Refuse a pack whose file list is not known: none is taken by its name."""
    if not case.is_pack or case.release.files:
        return None
    return "it is a pack whose files are not known"


def contents_wanted(case: Case) -> str | None:
    """Refuse a pack that lacks the wanted book or fills only one gap."""
    if not case.is_pack or not case.release.files:
        return None
    if case.wanted.book_id not in case.fills:
        return "the pack does not hold the book, as far as its files tell"
    if len(case.fills) < 2:
        return f"the pack of {len(case.books)} books fills only this one gap"
    return None


def language_wanted(case: Case) -> str | None:
    """Refuse a stated language that is none of the user's."""
    stated = case.release.language or case.name.language
    code = editions.language(stated) if stated else None
    allowed = {*case.preferences.languages, case.wanted.language or case.preferences.languages[0]}
    return f"it is in another language ({stated})" if code and code not in allowed else None


def unabridged(case: Case) -> str | None:
    """Refuse an abridged recording, unless wanted."""
    if case.name.abridged and not case.preferences.abridged:
        return "it is abridged"
    return None


def not_dramatised(case: Case) -> str | None:
    """Refuse a dramatisation, unless wanted."""
    if case.name.dramatised and not case.preferences.dramatised:
        return "it is a dramatised adaptation"
    return None


def narrator_insisted_on(case: Case) -> str | None:
    """Refuse another narrator than the one the user insists on."""
    if not case.preferences.narrator_required:
        return None
    wished = people(case.preferences.narrators or case.wanted.narrators)
    if not wished or agree(case.narrators, wished) == SAME:
        return None
    named = _list(case.release.narrators or case.name.narrators) or "nobody that is named"
    return f"it is read by {named}, not by the narrator that is insisted on"


def plausible_size(case: Case) -> str | None:
    """Refuse bytes per hour outside the user's bounds; coarser when the length is unknown."""
    size, books = case.release.size, max(1, len(case.books))
    if size <= 0:
        return None
    hours = (case.wanted.duration_seconds or 0) / 3600
    low = case.preferences.smallest_per_hour * hours or _SMALLEST
    high = case.preferences.largest_per_hour * (hours or _LONGEST_HOURS) * (books if hours else 1)
    if case.is_pack:
        high = max(high, case.preferences.largest_per_hour * _LONGEST_HOURS * books)
    length = f"{hours:.1f} hours" if hours else "any book"
    if size < low:
        return f"{size / 1e6:.0f} MB is too small for {length}"
    return f"{size / 1e6:.0f} MB is too large for {length}" if size > high else None


def seeded(case: Case) -> str | None:
    """Refuse what too few seed, where the indexer says how many do."""
    seeders, least = case.release.seeders, case.preferences.minimum_seeders
    if seeders is None or seeders >= least:
        return None
    return (
        "nobody seeds it" if not seeders else f"{seeders} seed it, at least {least} are asked for"
    )


def not_snatched(case: Case) -> str | None:
    """Refuse what the account has fetched before."""
    return "the account has fetched it before" if case.release.snatched else None


RULES: tuple[Rule, ...] = (
    not_blocked,
    obtainable,
    audiobook,
    same_author,
    same_title,
    whole_book,
    contents_known,
    contents_wanted,
    language_wanted,
    unabridged,
    not_dramatised,
    narrator_insisted_on,
    plausible_size,
    seeded,
    not_snatched,
)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")
