"""How moments, lengths, sizes, numbers and values are said."""

from datetime import UTC, datetime, timedelta

import pytest

from api.pages import words

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        (NOW, "UTC", "today 14:00"),
        (NOW, "Pacific/Auckland", "today 03:00"),
        (NOW + timedelta(hours=12), "UTC", "tomorrow 02:00"),
        (NOW - timedelta(hours=15), "UTC", "yesterday 23:00"),
        (NOW - timedelta(hours=15), "America/New_York", "yesterday 18:00"),
        (NOW + timedelta(days=2), "UTC", "24 Nov 14:00"),
        (NOW - timedelta(days=400), "UTC", "18 Oct 2025"),
    ],
)
def test_a_moment_is_said_as_short_as_it_is_clear(moment, zone, said):
    with words.in_zone(zone):
        text = words.when(moment, NOW)

    assert text.striptags() == said
    assert moment.isoformat() in text


def test_no_moment_is_a_dash():
    assert words.when(None) == words.NOTHING


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "under 1 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h"), (90061, "1 d 1 h")],
)
def test_a_duration_is_said_in_two_units_at_most(seconds, said):
    assert words.duration(seconds) == said


def test_an_audiobook_is_measured_in_hours_however_long_it_is():
    assert words.playing(90_061) == "25 h 01 min"
    assert words.playing(120) == "2 min"
    assert words.playing(None) == words.NOTHING


@pytest.mark.parametrize(
    ("count", "said"),
    [(999, "999 B"), (1500, "1.5 kB"), (384_000_000, "384 MB"), (2_000_000_000_000, "2.0 TB")],
)
def test_a_size_is_said_in_decimal_units(count, said):
    assert words.size(count) == said


def test_numbers_are_counted_and_grouped():
    assert words.counted(1, "book") == "1 book"
    assert words.counted(1_234_567, "book") == "1\u202f234\u202f567 books"
    assert words.counted(2, "try", "tries") == "2 tries"


def test_values_of_metadata_are_said_as_a_reader_writes_them():
    places = [{"name": "Oz", "sequence": "1"}, {"name": "Classics", "sequence": None}]

    assert words.told(places) == "Oz #1; Classics"
    assert words.told(["Ada", "Bo"]) == "Ada; Bo"
    assert words.told(None) == ""
    assert words.field("published_year") == "Published year"
    assert words.field("isbn") == "ISBN"
    assert words.stage("no_such_stage") == "No such stage"
