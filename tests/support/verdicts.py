"""Put our judgement beside the known answers and count."""

import json
import re
from dataclasses import dataclass, field
from datetime import date

from pipeline.domain import completeness
from pipeline.domain.folding import fold, title_key
from pipeline.domain.keys import author_key, series_key
from pipeline.domain.matching import comparable, compare, of_name
from pipeline.domain.models import OwnedBook, Preferences, SeriesPlace, Work
from pipeline.domain.people import split
from pipeline.domain.positions import parse
from pipeline.domain.titles import read
from tests.support.truth import Tally

KINDS = {
    "indexer_title": "release",
    "release_title": "release",
    "filename": "file",
    "folder_path": "folder",
    "folder": "folder",
    "title_tag": "title",
    "track_title": "track",
}
TODAY = date(2026, 11, 22)
PACKS = {"pack", "discography"}


@dataclass
class Names:
    """What was read from names, by what was asked."""

    title: Tally = field(default_factory=Tally)
    place: Tally = field(default_factory=Tally)
    recording: Tally = field(default_factory=Tally)
    narrator: Tally = field(default_factory=Tally)
    year: Tally = field(default_factory=Tally)
    bitrate: Tally = field(default_factory=Tally)
    negative: Tally = field(default_factory=Tally)
    invented: Tally = field(default_factory=Tally)
    untold: int = 0


def judge_names(rows):
    """Read every name. Rows of a music parser count for author and title only, as their label
    says nothing else. A series place counts where the name prints series and number (labels come
    from the tracker's own fields: "Merchant Crab" is number 1 there, but the name does not say);
    the others are `untold`, and there a place that contradicts the label is `invented`.
    """
    out = Names()
    for row in rows:
        said = read(row["input"], KINDS[row["input_kind"]])
        if row["kind"] == "negative":
            verdict = compare(of_name(said), comparable(row["title"], row["author"].split("|")))
            out.negative.count(row["id"], verdict.band != "auto")
            continue
        out.title.count(row["id"], _same_title(said, row) and _same_authors(said, row))
        if "music parser" in row["origin"]:
            continue
        _judge_place(said, row, out)
        out.recording.count(row["id"], _same_recording(said, row))
        _judge_marks(said, row, out)
    return out


def _same_title(said, row):
    return title_key(said.title) == title_key(row["title"])


def _same_authors(said, row):
    labelled = [a for a in row["author"].split("|") if a and not re.match(r"and \d+ more", a)]
    return _names(said.authors) == _names(labelled)


def _names(names):
    return sorted(author_key(name) or fold(name) for name in names)


def _judge_place(said, row, out):
    printed = f" {title_key(row['input'])} "
    got = {series_key(place.name): place.sequence or "" for place in said.series}
    labelled = _labelled_places(row)
    if not labelled:
        out.place.count(row["id"], not said.series)
        return
    told = [(name, number) for name, number in labelled if _tells(printed, name, number)]
    if told:
        out.place.count(row["id"], all(got.get(name) == number for name, number in told))
        return
    out.untold += 1
    known = dict(labelled)
    clash = any(got[n] and known[n] and got[n] != known[n] for n in got.keys() & known.keys())
    out.invented.count(row["id"], not clash)


def _labelled_places(row):
    """Series and position of each label; one series with several numbers in turn is a range."""
    names, numbers = row["series"].split("|"), row["position"].split("|")
    if len(names) == 1 < len(numbers):
        numbers = [f"{numbers[0]}-{numbers[-1]}"]
    pairs = zip(names, [*numbers, *[""] * 50], strict=False)
    return [(series_key(name), parse(number).printed) for name, number in pairs if name]


def _tells(printed, name, number):
    """Whether a name prints a series and the first number of the place."""
    if not number or f" {name} " not in printed:
        return False
    first = re.escape(number.split("-")[0])
    return re.search(rf"(?<!\d){first}(?!\d)", printed) is not None


def _same_recording(said, row):
    abridged = {True: "abridged", False: "unabridged", None: ""}[said.abridged]
    told = re.search("abridged|unabr|intégral|gekürzt", row["input"], re.IGNORECASE)
    labelled = row["abridged"] if told else ""
    return (
        (said.format or "") == row["format"]
        and abridged == labelled
        and said.is_pack == (row["kind"] in PACKS)
    )


def _judge_marks(said, row, out):
    """Narrator, year and bitrate count where the name prints what the label says."""
    printed = fold(row["input"])
    narrators, authors = row["narrator"].split("|"), row["author"].split("|")
    if narrators[0] and narrators[0] not in authors and fold(narrators[0]) in printed:
        out.narrator.count(row["id"], _names(said.narrators) == _names(narrators))
    if row["year"] and row["year"] in printed:
        out.year.count(row["id"], said.year == row["year"])
    if row["bitrate_kbps"] and row["bitrate_kbps"] in printed:
        out.bitrate.count(row["id"], str(said.bitrate) == row["bitrate_kbps"])


@dataclass
class Pairs:
    """Verdicts on pairs: by band, right (same work) and wrong, with the rows to look at."""

    bands: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)

    def count(self, row, verdict):
        same = row["label"] == "same"
        self.bands[verdict.band, same] = self.bands.get((verdict.band, same), 0) + 1
        if same == (verdict.band == "reject"):
            self.wrong.append(f"{row['id']} {row['label']}: {verdict.band}, {verdict.reason}")

    def _of(self, same, *bands):
        return sum(self.bands.get((band, same), 0) for band in bands)

    @property
    def same(self):
        return self._of(True, "auto", "review", "reject")

    @property
    def precision(self):
        right, wrong = self._of(True, "auto"), self._of(False, "auto")
        return right / (right + wrong) if right + wrong else 1.0

    @property
    def recall(self):
        return self._of(True, "auto") / self.same if self.same else 1.0

    @property
    def f1(self):
        """Of auto and review together."""
        right = self._of(True, "auto", "review")
        wrong, lost = self._of(False, "auto", "review"), self._of(True, "reject")
        return 2 * right / (2 * right + wrong + lost) if right + wrong + lost else 1.0

    def __str__(self):
        total = sum(self.bands.values())
        return (
            f"auto precision {self.precision:.3f}, auto recall {self.recall:.3f}, "
            f"F1 {self.f1:.3f} ({self.same} same of {total})"
        )


def judge_pairs(rows):
    """Compare all pairs; (those that names can join, those that only identifiers can)."""
    joinable, others = Pairs(), Pairs()
    for row in rows:
        one, two = _side(row, "a"), _side(row, "b")
        (others if renamed(row) else joinable).count(row, compare(one, two))
    return joinable, others


def _side(row, side):
    """A side without an author is a release name that may tell it."""
    title, author = row[f"title_{side}"], row[f"author_{side}"]
    return comparable(title, author) if author else of_name(read(title))


def renamed(row):
    """Whether the `why` of a pair speaks of another title, and the titles bear it out.

    One `why` lumps "edition noise, spelling, retitle, name order": there a pair counts as
    retitled when the two titles do not share a single word of three letters.
    """
    if row["label"] != "same":
        return False
    if row["why"] == "translation" or row["why"].startswith("other title"):
        return True
    words = [set(title_key(row[f"title_{side}"]).split()) for side in "ab"]
    return "retitle" in row["why"] and not any(len(word) > 2 for word in words[0] & words[1])


def judge_cases(cases, series, books):
    """Compare all libraries with their series; a row is right only when every gap is."""
    tally, wrong = Tally(), []
    listings = {}
    for row in books:
        listings.setdefault(row["series_id"], []).append(row)
    printed = {row["series_id"]: row["primary_count"] for row in series}
    for case in cases:
        works = [work_of(row) for row in listings[case["series_id"]]]
        found = completeness.compare(
            works,
            _owned(case),
            Preferences(),
            today=TODAY,
            series=case["series"],
            printed_count=int(printed[case["series_id"]]),
        )
        said = _gaps(found)
        expected = (
            sorted(json.loads(case["expected_missing_primary"])),
            sorted(json.loads(case["expected_missing_novellas"])),
        )
        never = set(json.loads(case["never_missing"]))
        good = said == expected and not never & {gap.work.title for gap in found.gaps}
        tally.count(case["case_id"], good)
        if not good:
            wrong.append(f"{case['case_id']}: missing {said}, expected {expected}")
    return tally, wrong


def work_of(row):
    """A row of a listing as a catalogue gives it.

    What a work is beside the series ("companion", "prequel") is told only where a person wrote
    the listing; on a saved page it was derived from the position, which is our own task.
    """
    told = row["kind"] if row["kind"] in {"companion", "prequel"} else ""
    return Work(
        title=row["title"],
        authors=(row["author"],),
        series=(SeriesPlace(row["series"], row["position"] or None),),
        published=row["year"] or None,
        released=row["released"] == "yes",
        alternative_titles=tuple(filter(None, row["alt_titles"].split("|"))),
        kind=told if row["origin"].startswith("written") else "",
    )


def _owned(case):
    return [
        OwnedBook(
            book_id=number,
            title=book["title"],
            authors=split(book["author"]) or (book["author"],),
            series=(SeriesPlace(case["series"], book["sequence"]),) if book["sequence"] else (),
        )
        for number, book in enumerate(json.loads(case["owned"]), start=1)
    ]


def _gaps(found):
    """Missing volumes, and everything else that is called missing, as the truth writes them."""
    primary = sorted(gap.position for gap in found.gaps if gap.kind == "primary")
    others = sorted(
        f"{gap.position}|{gap.work.title}" for gap in found.gaps if gap.kind != "primary"
    )
    return primary, others
