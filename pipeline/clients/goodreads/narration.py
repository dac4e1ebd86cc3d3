"""Choose which audio edition of a work is the one in question, or say that it cannot be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.clients.goodreads.editions import Edition
from pipeline.domain.identifiers import asin_kind
from pipeline.domain.people import SAME, agree, people
from pipeline.domain.sources import BookQuery


@dataclass(frozen=True, slots=True)
class Narration:
    """What is certain about a book's recording; both may be unknown."""

    narrators: tuple[str, ...] = ()
    asin: str | None = None


def narration_of(query: BookQuery, editions: Iterable[Edition]) -> Narration:
    """Return narrators and Audible's identifier as far as they are beyond doubt.

    The edition with the book's own ASIN, or with its narrators, is the one. Otherwise narrators
    are known only when all audio editions in the book's language name the same, and the ASIN only
    when there is a single such edition: a guess would describe somebody else's recording.
    """
    audio = [edition for edition in editions if edition.is_audio and _in_language(query, edition)]
    if query.asin and (own := [e for e in audio if e.asin == query.asin]):
        return Narration(own[0].narrators, query.asin)
    if query.narrators:
        told = people(query.narrators)
        audio = [e for e in audio if agree(told, people(e.narrators)) == SAME]
    return Narration(_common_narrators(audio), _only_asin(audio))


def _in_language(query: BookQuery, edition: Edition) -> bool:
    return not (query.language and edition.language) or query.language == edition.language


def _common_narrators(audio: Sequence[Edition]) -> tuple[str, ...]:
    named = [edition.narrators for edition in audio if edition.narrators]
    told = {frozenset(name.casefold() for name in names) for names in named}
    return named[0] if len(told) == 1 else ()


def _only_asin(audio: Sequence[Edition]) -> str | None:
    found = {edition.asin for edition in audio if asin_kind(edition.asin) == "amazon"}
    return found.pop() if len(found) == 1 else None
