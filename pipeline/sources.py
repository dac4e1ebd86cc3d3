"""The metadata sources, in order of trust. To add one: its client, and a name in `ORDER`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain.judging import judge
from pipeline.domain.models import Field
from pipeline.domain.provenance import NEVER_FROM
from pipeline.domain.sources import BookQuery, MetadataSource, SourceAnswer, SourceName
from pipeline.errors import BookrunnerError, NotConfigured, NotNow, Permanent, Transient
from pipeline.runs import Run

ORDER: tuple[SourceName, ...] = ("GoogleBooks", "Goodreads")
TRIES = 3  # the first asking and two more


@dataclass(slots=True)
class Asked:
    """What the sources said: answers by source, and those that could not answer, with the reason.

    `later` are sources that will answer another day (paused, out of quota); `broken` those that
    were asked often enough. A source that is switched off is in neither.
    """

    answers: dict[str, SourceAnswer] = field(default_factory=dict)
    later: dict[SourceName, NotNow] = field(default_factory=dict)
    broken: dict[str, BookrunnerError] = field(default_factory=dict)


class Sources:
    """Every source of one user."""

    def __init__(self, sources: Mapping[SourceName, MetadataSource]) -> None:
        self._sources = sources

    async def ask(
        self,
        query: BookQuery,
        run: Run,
        lacking: frozenset[Field] | None = None,
        names: Sequence[SourceName] = ORDER,
    ) -> Asked:
        """Ask one source after the other until nothing is lacking that it could know.

        *lacking* are the fields that the book has not; None asks every source. A source that fails
        for the moment makes the whole step try again, twice; after that the others are asked
        without it. A source that cannot answer today never holds up the others.
        """
        asked = Asked()
        for name in names:
            if lacking is not None and not lacking - NEVER_FROM.get(name, frozenset()):
                continue
            answer = await self._one(name, query, run, asked)
            if answer is None:
                continue
            asked.answers[name] = answer
            if lacking is not None and answer.band == "same":
                lacking -= {f for f in lacking if getattr(answer.metadata, f)}
        return asked

    async def _one(
        self, name: SourceName, query: BookQuery, run: Run, asked: Asked
    ) -> SourceAnswer | None:
        try:
            return await self._sources[name].describe(query, judge(query))
        except NotConfigured:
            return None
        except NotNow as error:
            asked.later[name] = error
        except Transient as error:
            if run.attempt < TRIES:
                raise
            asked.broken[name] = error
        except Permanent as error:
            asked.broken[name] = error
        return None
