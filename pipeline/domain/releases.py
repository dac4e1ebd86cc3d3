"""Choose the release of a wanted book: a table of rules refuses, a table of points ranks.

Every refusal and every point is kept with its reason, so that the choice can be read later.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.domain.models import Preferences, Release, WantedBook
from pipeline.domain.release_cases import Case
from pipeline.domain.release_points import POINTS
from pipeline.domain.release_rules import RULES


@dataclass(frozen=True, slots=True)
class Judged:
    """One release with all that was said about it.

    `refusals` are (rule, reason), `ranking` (name, points, why); `fills` are the ids of the wanted
    books that it holds, the asked one first.
    """

    release: Release
    refusals: tuple[tuple[str, str], ...]
    ranking: tuple[tuple[str, int, str], ...]
    score: int
    fills: tuple[int, ...] = ()

    @property
    def fit(self) -> bool:
        """Whether no rule refused it."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about all offers. `judged` has the best first, then the refused.

    `to_inspect` are packs refused only because their file list is not known: fetch their
    `.torrent`, put the list into `Release.files` and choose again.
    """

    winner: Judged | None
    judged: tuple[Judged, ...]
    to_inspect: tuple[Release, ...] = ()

    @property
    def fit(self) -> tuple[Judged, ...]:
        """All releases that no rule refused, best first: the winner and who comes next."""
        return tuple(one for one in self.judged if one.fit)


def choose(
    offers: Sequence[Release],
    wanted: WantedBook,
    preferences: Preferences,
    *,
    blocked: Collection[str] = (),
    other_wanted: Sequence[WantedBook] = (),
) -> Decision:
    """Judge every offer by all rules and pick the fit one with the most points.

    `blocked` holds guids and infohashes that failed before; `other_wanted` the other missing
    books, which make a pack worth taking. Equal scores go by seeders, then by guid, so that the
    same offers always give the same winner.
    """
    judged = [
        judge(Case.of(offer, wanted, preferences, frozenset(blocked), tuple(other_wanted)))
        for offer in _once(offers)
    ]
    judged.sort(key=_order)
    fit = [one for one in judged if one.fit]
    unseen = tuple(
        one.release for one in judged if [rule for rule, _ in one.refusals] == ["contents_known"]
    )
    return Decision(fit[0] if fit else None, tuple(judged), unseen)


def judge(case: Case) -> Judged:
    """Ask every rule about one release, then count its points."""
    refusals = tuple(
        (rule.__name__, reason) for rule in RULES if (reason := rule(case)) is not None
    )
    counted = ((point.__name__, point(case)) for point in POINTS)
    ranking = tuple((name, given[0], given[1]) for name, given in counted if given is not None)
    score = sum(points for _, points, _ in ranking)
    return Judged(case.release, refusals, ranking, score, case.fills)


def _order(one: Judged) -> tuple[bool, int, int, str]:
    return (not one.fit, -one.score, -(one.release.seeders or 0), one.release.guid)


def _once(offers: Sequence[Release]) -> list[Release]:
    """Each release once, though several searches found it."""
    return list({offer.guid: offer for offer in offers}.values())
