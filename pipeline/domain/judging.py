"""Whether what a catalogue offers is the book in question: matching, in a source's words."""

from dataclasses import dataclass

from pipeline.domain import matching
from pipeline.domain.models import Work
from pipeline.domain.sources import Band, BookQuery, Judge

_BANDS: dict[str, Band] = {"auto": "same", "review": "doubtful", "reject": "different"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on one candidate."""

    score: float
    band: Band
    reason: str


def judge(query: BookQuery) -> Judge:
    """Return a judge of candidates for *query*; what it needs of the query is worked out once."""
    wanted = matching.of_work(
        Work(
            title=query.title,
            authors=query.authors,
            series=query.series,
            isbns=(query.isbn,) if query.isbn else (),
            asin=query.asin,
            language=query.language,
        )
    )

    def verdict(candidate: Work) -> Judged:
        found = matching.compare(wanted, matching.of_work(candidate))
        return Judged(found.score, _BANDS[found.band], found.reason)

    return verdict
