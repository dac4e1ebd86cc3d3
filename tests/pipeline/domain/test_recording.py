import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.models import Preferences, WantedBook
from pipeline.domain.recording import AudioFile, Recording, Refused, judge, quarantine
from pipeline.domain.release_rules import RULES

HOUR = 3600.0
BOOK = WantedBook(1, "Dune", ("Frank Herbert",), language="en", duration_seconds=20 * HOUR)
INSISTING = Preferences(narrator_required=True, narrators=("Scott Brick",))


def recording(seconds=20 * HOUR, *, refused=(), left=(), **tags):
    audio = AudioFile(PurePosixPath("Dune.m4b"), 500_000_000, seconds, **tags)
    return Recording((audio,), refused=refused, left=left)


def test_a_recording_of_the_expected_length_is_fit():
    verdict = judge(recording(language="eng"), BOOK, Preferences())

    assert verdict.fit
    assert verdict.notes == ()


@pytest.mark.parametrize(
    ("seconds", "expected", "fit"),
    [
        (15.1 * HOUR, 20 * HOUR, True),
        (14.9 * HOUR, 20 * HOUR, False),
        (26.9 * HOUR, 20 * HOUR, True),
        (27.1 * HOUR, 20 * HOUR, False),
        (2 * HOUR, 20 * HOUR, False),
        (11 * 60, 20 * 60, True),
        (9 * 60, 20 * 60, False),
        (30, 8 * 60, False),
    ],
)
def test_the_playing_time_must_be_near_the_expected_one(seconds, expected, fit):
    verdict = judge(recording(seconds), replace(BOOK, duration_seconds=expected), Preferences())

    assert verdict.fit is fit


def test_a_two_hour_file_for_a_twenty_hour_book_is_refused_in_words():
    verdict = judge(recording(2 * HOUR), BOOK, Preferences())

    assert verdict.reasons == ("it plays 2 h 00 min, but 20 h 00 min were expected",)


def test_an_unknown_expected_time_is_noted_not_refused():
    verdict = judge(recording(60.0), replace(BOOK, duration_seconds=None), Preferences())

    assert verdict.fit
    assert "its expected playing time is unknown" in verdict.notes


def test_a_download_without_audio_is_refused():
    verdict = judge(Recording(companions=(PurePosixPath("a.jpg"),)), BOOK, Preferences())

    assert verdict.reasons == ("there is no audio in it",)


def test_one_unreadable_file_refuses_the_recording():
    broken = AudioFile(PurePosixPath("2.mp3"), 9, None, problem="it cannot be read as audio")
    found = Recording((*recording().files, broken))

    verdict = judge(found, BOOK, Preferences())

    assert verdict.reasons == ("2.mp3: it cannot be read as audio",)


def test_a_program_makes_the_download_unsafe():
    danger = Refused(PurePosixPath("setup.exe"), "a program or link (.exe)", dangerous=True)

    verdict = judge(recording(refused=(danger,)), BOOK, Preferences())

    assert verdict.unsafe
    assert verdict.reasons == ("setup.exe: a program or link (.exe)",)


def test_an_archive_is_refused_but_not_unsafe():
    archive = Refused(PurePosixPath("Dune.rar"), "an archive (.rar)")

    verdict = judge(recording(refused=(archive,)), BOOK, Preferences())

    assert not verdict.fit
    assert not verdict.unsafe


@pytest.mark.parametrize(
    ("wanted", "told", "fit"),
    [("en", "eng", True), ("en", "German", False), ("de", "ger", True), ("en", "und", True)],
)
def test_the_language_of_the_tags_must_be_the_wanted_one(wanted, told, fit):
    verdict = judge(recording(language=told), replace(BOOK, language=wanted), Preferences())

    assert verdict.fit is fit


def test_without_a_language_of_its_own_a_book_may_be_in_any_of_the_users():
    book = replace(BOOK, language=None)

    assert judge(recording(language="fr"), book, Preferences(languages=("de", "fr"))).fit
    assert not judge(recording(language="it"), book, Preferences(languages=("de", "fr"))).fit


def test_another_narrator_is_refused_when_the_user_insists():
    verdict = judge(recording(narrators=("Simon Vance",)), BOOK, INSISTING)

    assert verdict.reasons == ("it is read by Simon Vance, wanted is Scott Brick",)


def test_another_narrator_is_fine_when_the_user_does_not_insist():
    assert judge(recording(narrators=("Simon Vance",)), BOOK, Preferences()).fit


@pytest.mark.parametrize("narrator", ["Scott Brick", "Brick, Scott", "SCOTT BRICK"])
def test_the_narrator_is_known_however_written(narrator):
    assert judge(recording(narrators=(narrator, "Orlagh Cassidy")), BOOK, INSISTING).fit


def test_the_narrator_may_stand_among_the_artists():
    tags = {"narrators": ("Some Composer",), "artists": ("Frank Herbert", "Scott Brick")}

    assert judge(recording(**tags), BOOK, INSISTING).fit


def test_tags_without_a_narrator_cannot_be_checked():
    verdict = judge(recording(), BOOK, INSISTING)

    assert verdict.fit
    assert "its tags name no narrator; wanted is Scott Brick" in verdict.notes


@pytest.mark.parametrize(
    ("album", "fit"),
    [
        ("Dune (Abridged)", False),
        ("Dune (Unabridged)", True),
        ("Dune (un-abridged)", True),
        ("Der W\u00fcstenplanet (gek\u00fcrzte Lesung)", False),
        ("Der W\u00fcstenplanet (ungek\u00fcrzt)", True),
    ],
)
def test_an_abridged_recording_is_refused_unless_wanted(album, fit):
    found = recording(album=album)

    assert judge(found, BOOK, Preferences()).fit is fit
    assert judge(found, BOOK, Preferences(abridged=True)).fit


@pytest.mark.parametrize(
    ("overruled", "found"),
    [
        (["unabridged"], recording(5 * HOUR, album="Book (Abridged)")),
        (["not_dramatised"], recording(5 * HOUR)),
        (["language_wanted"], recording(language="fr")),
        (["narrator_insisted_on"], recording(narrators=("Simon Vance",))),
    ],
)
def test_what_a_person_knew_when_they_took_it_is_noted_not_refused(overruled, found):
    strict, lenient = judge(found, BOOK, INSISTING), judge(found, BOOK, INSISTING, overruled)

    assert not strict.fit
    assert lenient.fit
    assert set(strict.reasons) <= set(lenient.notes)


def test_what_a_person_could_not_know_refuses_what_they_took():
    danger = Refused(PurePosixPath("setup.exe"), "a program", dangerous=True)
    every = [rule.__name__ for rule in RULES]

    program = judge(recording(refused=(danger,)), BOOK, Preferences(), every)
    short = judge(recording(2 * HOUR), BOOK, Preferences(), ["seeded", "plausible_size"])

    assert program.unsafe
    assert not short.fit


def test_what_is_left_behind_is_told():
    verdict = judge(recording(left=(PurePosixPath("info.nfo"),)), BOOK, Preferences())

    assert verdict.fit
    assert "left behind: info.nfo" in verdict.notes


def test_a_quarantine_is_words_that_can_be_stored():
    danger = Refused(PurePosixPath("setup.exe"), "a program or link (.exe)", dangerous=True)
    found = recording(refused=(danger,))
    verdict = judge(found, BOOK, Preferences())

    record = json.loads(json.dumps(quarantine("/downloads/Dune", found, verdict).to_json()))

    assert record["where"] == "/downloads/Dune"
    assert record["files"] == ["setup.exe"]
    assert (record["fit"], record["unsafe"]) == (False, True)
    assert record["reasons"] == ["setup.exe: a program or link (.exe)"]


paths = st.text(min_size=1, max_size=8).filter(lambda t: "/" not in t).map(PurePosixPath)
audio = st.builds(
    AudioFile,
    paths,
    st.integers(0, 10**9),
    st.none() | st.floats(0.1, 10**6),
    language=st.none() | st.text(max_size=5),
    narrators=st.lists(st.text(max_size=10), max_size=2).map(tuple),
    album=st.text(max_size=20),
)
refused = st.builds(Refused, paths, st.just("x"), st.booleans())
arrived = st.builds(
    Recording,
    st.lists(audio, max_size=3).map(tuple),
    refused=st.lists(refused, max_size=2).map(tuple),
)


@given(arrived, st.booleans())
def test_nothing_refused_or_unreadable_is_ever_fit(found, insist):
    verdict = judge(found, BOOK, replace(INSISTING, narrator_required=insist))

    bad = found.refused or not found.files or any(file.seconds is None for file in found.files)
    assert not (bad and verdict.fit)
    assert verdict.unsafe == any(each.dangerous for each in found.refused)
