"""A judge of candidates that is plain enough to foresee."""

from dataclasses import dataclass

from pipeline.domain.folding import title_key
from pipeline.domain.models import Work
from pipeline.domain.sources import BookQuery, Judge


@dataclass(frozen=True)
class Judged:
    score: float
    band: str
    reason: str


def plain_judge(query: BookQuery) -> Judge:
    """Same: equal ISBN, or equal title and author; doubtful: equal title; else different."""

    def judge(work: Work) -> Judged:
        if query.isbn and query.isbn in work.isbns:
            return Judged(100, "same", "same ISBN")
        titles = {title_key(title) for title in (work.title, *work.alternative_titles)}
        if title_key(query.title) not in titles:
            return Judged(0, "different", "another title")
        if set(query.authors) & set(work.authors):
            return Judged(98, "same", "same title and author")
        return Judged(85, "doubtful", "same title, author unknown")

    return judge
