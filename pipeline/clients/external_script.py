"""Ask a script of the user's what it knows of a book: JSON in, JSON out."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from pipeline.domain.metadata import FIELDS, LISTS, is_empty, value
from pipeline.domain.models import Metadata, SeriesPlace, Work
from pipeline.domain.sources import BookQuery, Judge, MetadataSource, SourceAnswer, SourceName
from pipeline.errors import (
    BookrunnerError,
    NotConfigured,
    NotNow,
    ServiceDown,
    Transient,
    UnexpectedAnswer,
)
from pipeline.exclusive import OneAtATime
from pipeline.programs import running

MOST = 1 << 20  # bytes of an answer
GRACE = 2.0
_log = structlog.get_logger()


class ExternalScript:
    """A private script that speaks for a catalogue.

    It gets one JSON object on standard input (`title`, `author`, `isbn`, `asin`; null where
    unknown) and prints one with the fields that it knows, named as ours; `{}` means that it found
    nothing. Exit code 0 within *seconds*, or the answer does not count.
    """

    def __init__(  # noqa: PLR0913  # all by name
        self,
        name: SourceName,
        *,
        script: Path,
        python: str,
        environment: Mapping[str, str],
        seconds: float,
        exclusive: OneAtATime,
    ) -> None:
        self._name, self._script, self._python = name, script, python
        self._environment, self._seconds, self._exclusive = environment, seconds, exclusive

    @property
    def name(self) -> SourceName:
        """The catalogue for which the script speaks."""
        return self._name

    async def describe(self, query: BookQuery, judge: Judge) -> SourceAnswer | None:
        """Return what the script knows; None when it found nothing, or another book.

        An answer that does not say which book it describes (no title) is doubtful at best. Raises
        ServiceDown when the script fails or is too slow, UnexpectedAnswer for no or odd JSON,
        NotNow while another call of it takes long.
        """
        told = await self._ask(query)
        metadata = self._read(told)
        if all(is_empty(value(metadata, field)) for field in FIELDS):
            return None
        if metadata.title is None:
            reason = f"{self._script.name} does not say which book it describes"
            return SourceAnswer(metadata, 0.0, "doubtful", reason)
        verdict = judge(_work(metadata))
        if verdict.band == "different":
            return None
        return SourceAnswer(metadata, verdict.score, verdict.band, verdict.reason)

    async def _ask(self, query: BookQuery) -> dict[str, Any]:
        question = {
            "title": query.title,
            "author": ", ".join(query.authors) or None,
            "isbn": query.isbn,
            "asin": query.asin,
        }
        async with self._exclusive(f"script:{self._script.name}"):
            answer = await self._exchange(json.dumps(question).encode())
        if len(answer) > MOST:
            raise UnexpectedAnswer(f"{self._script.name}: describe: more than {MOST} bytes")
        try:
            told = json.loads(answer)
        except ValueError as error:
            raise UnexpectedAnswer(f"{self._script.name}: describe: no JSON") from error
        if not isinstance(told, dict):
            raise UnexpectedAnswer(f"{self._script.name}: describe: no JSON object")
        return told

    async def _exchange(self, question: bytes) -> bytes:
        async with running(
            (self._python, str(self._script)),
            folder=self._script.parent,
            environment={**self._environment, "PYTHONUTF8": "1"},
            grace=GRACE,
            feed=True,
            errors=False,
        ) as program:
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await program.exchange(question, MOST)
                    code = await program.wait() if len(answer) <= MOST else 0
            except TimeoutError:
                raise ServiceDown(
                    f"{self._script.name}: describe: no answer within {self._seconds:g} s"
                ) from None
        if code:
            raise ServiceDown(f"{self._script.name}: describe: exit code {code}")
        return answer

    def _read(self, told: Mapping[str, Any]) -> Metadata:
        """Read the fields that are named as ours; others are left alone."""
        try:
            return Metadata(**{f: _value(f, told[f]) for f in FIELDS if told.get(f) is not None})
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise UnexpectedAnswer(f"{self._script.name}: describe: odd field: {error}") from error


class Backed:
    """A catalogue with a script of the user's behind it, for what the catalogue cannot say.

    The script is asked when the catalogue is off, does not know the book, or cannot answer now. Its
    failure is told only where the catalogue has not answered either.
    """

    def __init__(self, catalogue: MetadataSource, script: MetadataSource) -> None:
        self._catalogue, self._script = catalogue, script

    @property
    def name(self) -> SourceName:
        """The catalogue."""
        return self._catalogue.name

    async def describe(self, query: BookQuery, judge: Judge) -> SourceAnswer | None:
        """Return what the catalogue knows, else what the script knows.

        A catalogue that cannot answer now is asked again another day, unless the script is sure.
        Raises what the catalogue raises, and what the script does where it stands alone.
        """
        try:
            answer = await self._catalogue.describe(query, judge)
        except NotConfigured:
            return await self._script.describe(query, judge)
        except (NotNow, Transient):
            instead = await self._second_opinion(query, judge)
            if instead is not None and instead.band == "same":
                return instead
            raise
        if answer is not None and answer.band == "same":
            return answer
        if answer is None:
            return await self._script.describe(query, judge)
        return await self._second_opinion(query, judge) or answer

    async def _second_opinion(self, query: BookQuery, judge: Judge) -> SourceAnswer | None:
        """Ask the script where something else is known already; its failure is only logged."""
        try:
            return await self._script.describe(query, judge)
        except BookrunnerError as error:
            _log.warning("script behind a catalogue failed", catalogue=self.name, why=str(error))
            return None


def _value(field: str, told: Any) -> Any:
    """Return a field as we hold it: a text, or a tuple; raises TypeError for anything else."""
    if field == "series":
        places = [told] if isinstance(told, dict | str) else told
        return tuple(_place(each) for each in places)
    if field in LISTS:
        return tuple(_text(each) for each in ([told] if isinstance(told, str) else told))
    return _text(told)


def _place(told: Any) -> SeriesPlace:
    if isinstance(told, str):
        return SeriesPlace(told)
    sequence = told.get("sequence")
    return SeriesPlace(_text(told["name"]), None if sequence is None else _text(sequence))


def _text(told: Any) -> str:
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        raise TypeError(f"{type(told).__name__} is no text")
    return str(told).replace("\x00", "").strip()


def _work(metadata: Metadata) -> Work:
    return Work(
        title=metadata.title or "",
        authors=metadata.authors,
        subtitle=metadata.subtitle,
        series=metadata.series,
        isbns=(metadata.isbn,) if metadata.isbn else (),
        asin=metadata.asin,
        language=metadata.language,
        published=metadata.published_year,
    )
