"""The right release is chosen, by name of rule, with every reason kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.models import Preferences, Release, SeriesPlace, WantedBook
from pipeline.domain.release_points import POINTS
from pipeline.domain.release_rules import RULES
from pipeline.domain.releases import choose

MB = 1_000_000
WANTED = WantedBook(
    3,
    "The Salt Road",
    ("Ada Marlow",),
    series=(SeriesPlace("Harbour", "3"),),
    narrators=("Simon Archer",),
    language="en",
    duration_seconds=36_000,
)
OTHERS = (
    WantedBook(1, "First Light", ("Ada Marlow",), series=(SeriesPlace("Harbour", "1"),)),
    WantedBook(2, "Keeper", ("Ada Marlow",), series=(SeriesPlace("Harbour", "2"),)),
)
PACK = (
    ("Harbour/01 - First Light.m4b", 300 * MB),
    ("Harbour/02 - Keeper.m4b", 300 * MB),
    ("Harbour/03 - The Salt Road.m4b", 300 * MB),
)


def offer(title="The Salt Road by Ada Marlow [ENG / M4B]", **more):
    fields = {"guid": "g", "size": 300 * MB, "seeders": 5, "download_url": "http://localhost/t"}
    return Release(title=title, indexer="MAM", **{**fields, **more})


def refused(release, preferences=None, **more):
    decision = choose([release], WANTED, preferences or Preferences(), **more)
    return [rule for rule, _ in decision.judged[0].refusals]


def test_what_the_tracker_itself_offers_is_asked_for_by_its_number():
    release = offer(guid="https://www.myanonamouse.net/t/7", download_url=None)

    assert refused(release) == []


def winner(*offers, preferences=None, **more):
    decision = choose(offers, WANTED, preferences or Preferences(), **more)
    return decision.winner and decision.winner.release.guid


def test_a_fit_release_wins():
    assert winner(offer()) == "g"


@pytest.mark.parametrize(
    ("rule", "release"),
    [
        ("obtainable", offer(download_url=None)),
        ("audiobook", offer("The Salt Road by Ada Marlow [ENG / EPUB]")),
        ("audiobook", offer(filetypes=("epub", "pdf"))),
        ("audiobook", offer(categories=(7020,))),
        ("same_author", offer("The Salt Road by Thomas Reed [ENG / M4B]")),
        ("same_author", offer("The Salt Road [M4B]")),
        ("same_title", offer("The Ash Road by Ada Marlow [ENG / M4B]")),
        ("same_title", offer("Harbour 4 by Ada Marlow [ENG / M4B]")),
        ("same_title", offer("The Salt Road: Study Guide by Ada Marlow [ENG / M4B]")),
        ("whole_book", offer("The Salt Road, Part 1 by Ada Marlow [ENG / M4B]")),
        ("whole_book", offer("Ada Marlow - The Salt Road (1 of 2) (Dramatized Adaptation) [M4B]")),
        ("same_title", offer("Ada Marlow - The Salt Road (Book 2) [M4B]")),
        ("contents_known", offer("Harbour Series by Ada Marlow [ENG / M4B]", size=2000 * MB)),
        ("language_wanted", offer("The Salt Road by Ada Marlow [GER / M4B]")),
        ("language_wanted", offer(language="German")),
        ("unabridged", offer("Ada Marlow - The Salt Road (Abridged) [M4B]")),
        ("not_dramatised", offer("Ada Marlow - The Salt Road [Dramatized Adaptation] [M4B]")),
        ("plausible_size", offer(size=3 * MB)),
        ("plausible_size", offer(size=90_000 * MB)),
        ("seeded", offer(seeders=0)),
        ("not_snatched", offer(snatched=True)),
    ],
)
def test_a_release_is_refused_by_name(rule, release):
    assert rule in refused(release)


def test_a_blocked_release_is_refused_by_guid_and_by_infohash():
    assert refused(offer(), blocked={"g"}) == ["not_blocked"]
    assert refused(offer(infohash="AB12"), blocked={"ab12"}) == ["not_blocked"]


def test_a_narrator_is_insisted_on_only_when_the_user_says_so():
    wish = Preferences(narrators=("Rosa Dalton",))
    insist = Preferences(narrators=("Rosa Dalton",), narrator_required=True)
    by_archer = offer(narrators=("Simon Archer",))

    assert refused(by_archer, wish) == []
    assert refused(by_archer, insist) == ["narrator_insisted_on"]
    assert refused(offer(narrators=("Rosa Dalton",)), insist) == []


def test_what_is_wanted_is_not_refused():
    abridged = offer("Ada Marlow - The Salt Road (Abridged) [M4B]")

    assert refused(abridged, Preferences(abridged=True)) == []
    assert refused(offer(language="de"), Preferences(languages=("en", "de"))) == []


def test_unknown_seeders_and_sizes_refuse_nothing():
    assert refused(offer(seeders=None, size=0)) == []


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (offer(guid="b"), offer("The Salt Road by Ada Marlow [ENG / MP3]", guid="w")),
        (offer(guid="b", narrators=("Simon Archer",)), offer(guid="w")),
        (offer(guid="b", freeleech=True), offer(guid="w")),
        (offer(guid="b", vip=True), offer(guid="w")),
        (offer(guid="b", seeders=60), offer(guid="w", seeders=1)),
        (offer(guid="b", series=(SeriesPlace("Harbour", "3"),)), offer(guid="w")),
        (offer(guid="b"), offer(guid="w", size=100 * MB)),
    ],
)
def test_the_better_release_wins(better, worse):
    assert winner(worse, better) == "b"


def test_a_preferred_narrator_outweighs_format_and_freeleech():
    wish = Preferences(narrators=("Rosa Dalton",))
    dear = offer("The Salt Road by Ada Marlow [ENG / MP3]", guid="d", narrators=("Rosa Dalton",))

    assert winner(dear, offer(guid="f", freeleech=True), preferences=wish) == "d"


def test_a_pack_is_known_only_by_its_files():
    pack = offer("Harbour Series by Ada Marlow [ENG / M4B]", size=900 * MB)
    decision = choose([pack], WANTED, Preferences(), other_wanted=OTHERS)

    assert decision.winner is None
    assert decision.to_inspect == (pack,)


def test_a_pack_that_fills_three_gaps_wins_and_names_them():
    pack = offer("Harbour Series by Ada Marlow [ENG / M4B]", size=900 * MB, files=PACK)
    decision = choose([pack], WANTED, Preferences(), other_wanted=OTHERS)

    assert decision.winner is not None
    assert decision.winner.fills == (3, 1, 2)


def test_a_pack_that_fills_one_gap_is_refused():
    pack = offer("Harbour Series by Ada Marlow [ENG / M4B]", size=900 * MB, files=PACK)

    assert refused(pack) == ["contents_wanted"]


def test_a_pack_without_the_book_is_refused():
    pack = offer("Harbour Series by Ada Marlow [ENG / M4B]", size=900 * MB, files=PACK[:2])

    assert refused(pack, other_wanted=OTHERS) == ["contents_wanted"]


def test_ballast_of_a_pack_counts_against_it():
    ballast = tuple((f"Harbour/{n:02} - Extra Tale {n}.m4b", 300 * MB) for n in range(4, 12))
    lean = offer("Harbour Series by Ada Marlow [M4B]", guid="lean", size=900 * MB, files=PACK)
    fat = offer("Harbour Saga by Ada Marlow [M4B]", guid="fat", size=900 * MB, files=PACK + ballast)

    assert winner(fat, lean, other_wanted=OTHERS) == "lean"


def test_the_arithmetic_adds_up_and_says_why():
    judged = choose([offer(freeleech=True)], WANTED, Preferences()).judged[0]

    assert judged.score == sum(points for _, points, _ in judged.ranking)
    assert all(why for _, _, why in judged.ranking)


def test_a_release_found_twice_is_judged_once():
    assert len(choose([offer(), offer()], WANTED, Preferences()).judged) == 1


def test_the_same_offers_in_any_order_have_one_winner():
    twins = [offer(guid="a"), offer(guid="b")]

    assert winner(*twins) == winner(*reversed(twins)) == "a"


OFFERS = st.builds(
    offer,
    title=st.sampled_from(
        [
            "The Salt Road by Ada Marlow [ENG / M4B]",
            "The Salt Road by Thomas Reed [ENG / MP3]",
            "Ada Marlow - The Salt Road (Abridged) [GER]",
            "Harbour Series by Ada Marlow [ENG / M4B]",
        ]
    )
    | st.text(),
    guid=st.text(max_size=3),
    size=st.integers(0, 10**12),
    seeders=st.none() | st.integers(0, 99),
    freeleech=st.booleans(),
    snatched=st.booleans(),
    download_url=st.none() | st.just("http://localhost/t"),
    files=st.just(()) | st.just(PACK),
)


@given(st.lists(OFFERS, max_size=8), st.sets(st.text(max_size=3), max_size=2))
def test_a_release_refused_by_one_rule_is_never_chosen(offers, blocked):
    decision = choose(offers, WANTED, Preferences(), blocked=blocked, other_wanted=OTHERS)

    assert decision.winner is None or not decision.winner.refusals
    assert all(reason for judged in decision.judged for _, reason in judged.refusals)
    assert (decision.winner is None) == all(judged.refusals for judged in decision.judged)


def test_every_rule_and_point_is_described():
    assert all(function.__doc__ for function in (*RULES, *POINTS))
