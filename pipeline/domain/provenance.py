"""Whose value is it: merge what sources say into a book without touching what is the user's.

A value is `Manual` when the user edited it after we wrote it, or rolled ours back; `Library` when
it stood there before we ever wrote the field; else it carries the name of the source that gave it.
Nobody but the user changes a Manual value. docs/decisions/0010-whose-value-is-it.md has the why.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, cast

from pipeline.domain.metadata import (
    FIELDS,
    Change,
    Edition,
    Value,
    changed,
    is_empty,
    value,
)
from pipeline.domain.models import Field, Metadata
from pipeline.domain.people import SAME, Person, people, same_person
from pipeline.domain.sources import SourceAnswer
from pipeline.domain.tidying import agree, tidy

GOOGLE_BOOKS: Final = "GoogleBooks"
GOODREADS: Final = "Goodreads"
MANUAL: Final = "Manual"
LIBRARY: Final = "Library"

# The order in which sources are trusted; one that is not named comes after these.
TRUST: Final[Sequence[str]] = (GOOGLE_BOOKS, GOODREADS)
# Fields for which a source comes last, whatever its place above. Google lists narrators and
# illustrators among the authors, has no series but what a title prints, and knows text editions
# only.
LAST_FOR: Final[Mapping[str, frozenset[Field]]] = {
    GOOGLE_BOOKS: frozenset({"authors", "series", "publisher", "published_year", "isbn"}),
}
# Fields that a source never fills: Google tells no narrators apart and has no ASINs.
NEVER_FROM: Final[Mapping[str, frozenset[Field]]] = {
    GOOGLE_BOOKS: frozenset({"narrators", "asin"}),
}
# Sources whose list of authors tells no roles.
WITHOUT_ROLES: Final = frozenset({GOOGLE_BOOKS})
# Fields in which an audiobook differs from the printed book. A value of the text edition fills an
# empty field and is marked as such; it never replaces anything unless the user asked for it.
EDITION_FIELDS: Final[frozenset[Field]] = frozenset({"publisher", "published_year", "isbn", "asin"})

Provenance = Mapping[Field, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a source would change if its doubtful answer were the book; waits for the user."""

    source: str
    score: float
    reason: str
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads back to an equal proposal."""
        return {
            "source": self.source,
            "score": self.score,
            "reason": self.reason,
            "changes": [change.to_json() for change in self.changes],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Proposal":
        """Read a proposal back; raises KeyError when something is not told."""
        changes = tuple(Change.from_json(each) for each in told["changes"])
        return cls(told["source"], told["score"], told["reason"], changes)


@dataclass(frozen=True, slots=True)
class Merge:
    """What to write, and what is known of every field afterwards.

    `provenance` holds every field that is filled or locked, once `changes` are written. `locked`
    are the user's own fields. `missing` are empty and not locked: worth asking another source for.
    """

    changes: tuple[Change, ...]
    provenance: dict[Field, str]
    locked: tuple[Field, ...]
    missing: tuple[Field, ...]
    proposals: tuple[Proposal, ...] = ()


class _Offer(NamedTuple):
    value: Value
    source: str
    edition: Edition | None


def merge(
    current: Metadata,
    provenance: Mapping[Field, str] | Mapping[str, str],
    last_written: Mapping[Field, Value],
    answers: Mapping[str, SourceAnswer],
    overwrite: Collection[Field] = (),
) -> Merge:
    """Decide field by field what the *answers* (source name to answer) change in *current*.

    *current* is what the library shows now, *last_written* what it showed right after our last
    write of a field. An empty field is filled. A filled one is replaced only when the value is ours
    and a more trusted source disagrees, or when it is named in *overwrite* and is not the user's
    edit. Answers that are `doubtful` become proposals; `different` ones are not used.
    """
    owners = {f: owner(f, current, provenance, last_written) for f in FIELDS}
    sure = {name: a for name, a in answers.items() if a.band == "same"}
    changes = _decide(current, owners, sure, overwrite)
    after = changed(current, changes)
    held = {**owners, **{change.field: change.source for change in changes}}
    proposals = [
        Proposal(name, answer.score, answer.reason, doubtful)
        for name, answer in sorted(answers.items(), key=lambda each: _rank("title", each[0]))
        if answer.band == "doubtful"
        and (doubtful := _decide(after, held, {name: answer}, overwrite))
    ]
    locked = tuple(f for f in FIELDS if held[f] == MANUAL)
    missing = tuple(f for f in FIELDS if f not in locked and is_empty(value(after, f)))
    known = {f: name for f, name in held.items() if name is not None}
    return Merge(changes, known, locked, missing, tuple(proposals))


def owner(
    field: Field,
    current: Metadata,
    provenance: Mapping[Field, str] | Mapping[str, str],
    last_written: Mapping[Field, Value],
) -> str | None:
    """Return whose the value of a field is: Manual, Library, a source's name, or None if empty.

    A field that the user emptied after we had written it is Manual too: it stays empty.
    """
    now, told = value(current, field), cast("Provenance", provenance).get(field)
    if told == MANUAL:
        return MANUAL
    if field in last_written:
        if not untouched(now, last_written[field]):
            return MANUAL
        return None if is_empty(now) else told or LIBRARY
    return None if is_empty(now) else LIBRARY


def untouched(now: Value, written: Value) -> bool:
    """Return whether the library still shows what we wrote; its lists may stand in any order."""
    if is_empty(now) and is_empty(written):
        return True
    if isinstance(now, tuple) and isinstance(written, tuple):
        return sorted(map(repr, now)) == sorted(map(repr, written))
    return now == written


def _decide(
    current: Metadata,
    owners: Mapping[Field, str | None],
    answers: Mapping[str, SourceAnswer],
    overwrite: Collection[Field],
) -> tuple[Change, ...]:
    told = {name: tidy(answer.metadata) for name, answer in answers.items()}
    changes = []
    settled = current  # who reads it is settled first: it says who of a list is no author
    for field in sorted(FIELDS, key=lambda field: field != "narrators"):
        if owners[field] == MANUAL:
            continue
        offers = sorted(_offers(field, settled, answers, told), key=lambda o: _order(field, o))
        now = value(current, field)
        best = next(
            (o for o in offers if _may_write(field, o, now, owners[field], overwrite)), None
        )
        if best and not agree(field, now, best.value):
            changes.append(Change(field, now, best.value, best.source, best.edition))
            if field == "narrators":
                settled = replace(current, narrators=cast("tuple[str, ...]", best.value))
    return tuple(sorted(changes, key=lambda change: FIELDS.index(change.field)))


def _offers(
    field: Field,
    current: Metadata,
    answers: Mapping[str, SourceAnswer],
    told: Mapping[str, Metadata],
) -> Iterator[_Offer]:
    for name, metadata in told.items():
        known = value(metadata, field)
        if is_empty(known) or field in NEVER_FROM.get(name, ()):
            continue
        edition = _edition(field, answers[name])
        if field == "asin" and edition != "audio":
            continue  # a paper or Kindle edition's ASIN finds nothing at Audible
        if field == "authors" and name in WITHOUT_ROLES:
            known = _authors(cast("tuple[str, ...]", known), _readers(current, told))
        yield _Offer(known, name, edition)


def _edition(field: Field, answer: SourceAnswer) -> Edition | None:
    if field not in EDITION_FIELDS:
        return None
    return "audio" if field in answer.audio_fields else "text"


def _readers(current: Metadata, told: Mapping[str, Metadata]) -> tuple[Person, ...]:
    """Collect the narrators that the library or a source that knows narrators names."""
    knowing = [m for name, m in told.items() if "narrators" not in NEVER_FROM.get(name, ())]
    return people([name for each in (current, *knowing) for name in each.narrators])


def _authors(names: tuple[str, ...], readers: Collection[Person]) -> tuple[str, ...]:
    """Keep of a list without roles only who is surely an author.

    The first name always is; the others only where the narrators are known and they are none.
    """
    if not readers:
        return names[:1]
    others = (
        name
        for name in names[1:]
        if not any(same_person(one, two) == SAME for one in people([name]) for two in readers)
    )
    return names[:1] + tuple(others)


def _rank(field: Field, source: str) -> tuple[bool, int, str]:
    place = TRUST.index(source) if source in TRUST else len(TRUST)
    return field in LAST_FOR.get(source, ()), place, source


def _order(field: Field, offer: _Offer) -> tuple[bool, tuple[bool, int, str]]:
    return offer.edition == "text", _rank(field, offer.source)


def _may_write(
    field: Field, offer: _Offer, now: Value, held_by: str | None, overwrite: Collection[Field]
) -> bool:
    if is_empty(now):
        return True
    if field in overwrite:
        return held_by == LIBRARY or _rank(field, offer.source) <= _rank(field, held_by or "")
    if held_by in (LIBRARY, None) or offer.edition == "text":
        return False
    return _rank(field, offer.source) < _rank(field, held_by or "")
