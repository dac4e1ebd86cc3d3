"""Pictures as inline SVG, made here: plain attributes and classes, so that no policy is widened."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

STANDING = ("ready", "waiting", "retrying")
PAST = ("done", "stopped", "failed", "cancelled")
MOST_DOTS = 10
MOST_CELLS = 60
_CELL, _GAP, _HEIGHT = 12, 5, 14
# What a place of a series shows, in the order of a legend.
PLACES = {
    "owned": "owned",
    "covered": "covered by an omnibus",
    "coming": "on its way",
    "missing": "missing",
    "refused": "nothing fits",
    "unreleased": "not released yet",
    "ignored": "not wanted",
}


def station(name: str, counts: Mapping[str, int], mark: str) -> Markup:
    """Return a stage as a ring: how many books stand there, and what became of those that passed.

    *mark* makes the parts' ids unique, so that a redrawn ring glides to its new state.
    """
    here = sum(counts.get(each, 0) for each in STANDING)
    total = here + sum(counts.get(each, 0) for each in PAST)
    said = escape(_station_words(name, counts))
    parts = [
        f'<svg class="station" viewBox="0 0 84 96" role="img" aria-label="{said}">',
        '<circle class="track" cx="42" cy="38" r="31"/>',
    ]
    start = 0.0
    for state in (*PAST, "ready", "waiting", "retrying"):
        count = counts.get(state, 0)
        share = 100 * count / total if total else 0.0
        parts.append(_arc(f"{mark}-{state}", state, share, start))
        start += share
    if here:
        parts.append(f'<text x="42" y="46">{_short(here)}</text>')
    elif total:
        passed = "M32 39l7 7 13-15" if counts.get("done") else "M33 38h18"
        parts.append(f'<path class="{"tick" if counts.get("done") else "dash"}" d="{passed}"/>')
    parts += _dots(counts, here)
    return Markup("".join(parts) + "</svg>")  # noqa: S704  # made of numbers, classes, escaped words


def places(works: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the positions of a series as cells, each with its state; very long ones as one bar."""
    states = [str(work["state"]) for work in works]
    words = ", ".join(f"{states.count(s)} {PLACES[s]}" for s in PLACES if s in states)
    if len(works) > MOST_CELLS:
        return _bar(states, words)
    width = max(1, len(works)) * (_CELL + _GAP) - _GAP
    cells = [
        f'<rect class="{escape(work["state"])}" x="{n * (_CELL + _GAP)}" y="0" width="{_CELL}"'
        f' height="{_HEIGHT}" rx="2"><title>{escape(_place_words(work))}</title></rect>'
        for n, work in enumerate(works)
    ]
    return _picture("places", width, _HEIGHT, words, cells)


def share(percent: float, label: str) -> Markup:
    """Return a bar that is filled to *percent*."""
    kind = "good" if percent >= 90 else "warm" if percent < 50 else "cool"  # noqa: PLR2004  # thirds
    fill = f'<rect class="{kind}" width="{percent:.1f}" height="8" rx="2"/>'
    return _picture(
        "share", 100, 8, label, ['<rect class="track" width="100" height="8" rx="2"/>', fill]
    )


def columns(values: Sequence[tuple[str, int]], label: str) -> Markup:
    """Return a small column chart: (name, count) each, from left to right."""
    most = max((count for _, count in values), default=0) or 1
    step = 100 / max(1, len(values))
    bars = [
        f'<rect x="{n * step + step * 0.1:.1f}" y="{40 - 38 * count / most:.1f}"'
        f' width="{step * 0.8:.1f}" height="{38 * count / most:.1f}"><title>{escape(name)}:'
        f" {count}</title></rect>"
        for n, (name, count) in enumerate(values)
    ]
    return _picture("columns", 100, 40, label, bars)


def _arc(mark: str, state: str, share: float, start: float) -> str:
    """Return a part of the ring; *share* and *start* are percent of the way from the top."""
    seen = min(share, max(share - 1.5, share / 2))  # a gap between two parts
    return (
        f'<circle id="{escape(mark)}" class="arc {state}" cx="42" cy="38" r="31" pathLength="100"'
        f' stroke-dasharray="{seen:.2f} {100 - seen:.2f}" stroke-dashoffset="{-start:.2f}"'
        ' transform="rotate(-90 42 38)"/>'
    )


def _dots(counts: Mapping[str, int], here: int) -> list[str]:
    """Return a dot for each book that stands there, as many as there is room for."""
    if not here:
        return []
    states = [state for state in STANDING for _ in range(min(counts.get(state, 0), MOST_DOTS))]
    shown = states[:MOST_DOTS]
    left = 42 - (len(shown) - 1) * 4
    return [
        f'<circle class="dot {state}" cx="{left + n * 8}" cy="86" r="3"/>'
        for n, state in enumerate(shown)
    ]


def _bar(states: Sequence[str], words: str) -> Markup:
    width, left, cells = 600.0, 0.0, []
    for state, meaning in PLACES.items():
        part = width * states.count(state) / len(states)
        if part:
            cells.append(
                f'<rect class="{state}" x="{left:.1f}" y="0" width="{part:.1f}" height="{_HEIGHT}">'
                f"<title>{states.count(state)} {meaning}</title></rect>"
            )
        left += part
    return _picture("places long", width, _HEIGHT, words, cells)


def _picture(kind: str, width: float, height: int, label: str, shapes: Sequence[str]) -> Markup:
    edge = 1 if kind == "places" else 0  # half of an outline
    keep = ' preserveAspectRatio="none"' if kind in {"share", "columns", "places long"} else ""
    head = (
        f'<svg class="{kind}" viewBox="{-edge} {-edge} {width + 2 * edge:g} {height + 2 * edge}"'
        f' width="{width + 2 * edge:g}" height="{height + 2 * edge}"'
        f'{keep} role="img" aria-label="{escape(label)}">'
    )
    return Markup(head + "".join(shapes) + "</svg>")  # noqa: S704  # made of numbers and escaped words


def _place_words(work: Mapping[str, Any]) -> str:
    place = f"#{work['position']} " if work.get("position") else ""
    return f"{place}{work['title'][:120]}: {PLACES.get(work['state'], work['state'])}"


def _station_words(name: str, counts: Mapping[str, int]) -> str:
    said = [f"{counts[state]} {state}" for state in (*STANDING, *PAST) if counts.get(state)]
    return f"{name}: {', '.join(said) or 'nothing yet'}"


def _short(count: int) -> str:
    """Return a count in at most four characters."""
    if count < 10_000:  # noqa: PLR2004  # four digits
        return str(count)
    return f"{count // 1000}k"
