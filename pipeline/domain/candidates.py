"""Put a catalogue's candidates in the order in which they deserve a closer look."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.domain.metadata import FIELDS, is_empty, value
from pipeline.domain.models import Metadata, Work
from pipeline.domain.sources import BookQuery, Judge, Verdict

_BANDS = {"same": 0, "doubtful": 1}


class Candidate(NamedTuple):
    """A work that may be the book, with what is known of it so far and the judge's verdict."""

    work: Work
    metadata: Metadata
    verdict: Verdict


def ranked(
    query: BookQuery, judge: Judge, found: Iterable[tuple[Work, Metadata]]
) -> list[Candidate]:
    """Return the candidates that may be the book, best first.

    The judge's band and score decide; among equals the fuller description, then the catalogue's
    own order. A candidate in another language than the book's is not the book's description.
    """
    judged = [
        Candidate(work, metadata, judge(work))
        for work, metadata in found
        if not other_language(query, work)
    ]
    fit = [candidate for candidate in judged if candidate.verdict.band in _BANDS]
    return sorted(fit, key=_order)


def other_language(query: BookQuery, work: Work) -> bool:
    """Whether both languages are known and differ."""
    return bool(query.language and work.language and query.language != work.language)


def _order(candidate: Candidate) -> tuple[int, float, int]:
    verdict = candidate.verdict
    filled = sum(not is_empty(value(candidate.metadata, field)) for field in FIELDS)
    return _BANDS[verdict.band], -verdict.score, -filled
