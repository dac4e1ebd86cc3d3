from pipeline.clients.goodreads.editions import Edition
from pipeline.clients.goodreads.narration import Narration, narration_of
from pipeline.domain.sources import BookQuery

QUERY = BookQuery("She", ("H. Rider Haggard",), language="en")


def audio(asin, *narrators, language="en", sold_as="Audible Audio"):
    return Edition(
        "1", "She", ("H. Rider Haggard",), narrators, sold_as, asin=asin, language=language
    )


def test_a_single_recording_is_known():
    told = narration_of(QUERY, [audio("B000000001", "Ada Quill")])

    assert told == Narration(("Ada Quill",), "B000000001")


def test_two_editions_of_one_recording_agree_on_the_narrator_only():
    told = narration_of(QUERY, [audio("B000000001", "Ada Quill"), audio("B000000002", "Ada Quill")])

    assert told == Narration(("Ada Quill",), None)


def test_two_recordings_say_nothing():
    told = narration_of(QUERY, [audio("B000000001", "Ada Quill"), audio("B000000002", "Al Other")])

    assert told == Narration()


def test_our_own_asin_decides():
    query = BookQuery("She", asin="B000000002")
    editions = [audio("B000000001", "Ada Quill"), audio("B000000002", "Al Other")]

    assert narration_of(query, editions) == Narration(("Al Other",), "B000000002")


def test_paper_books_and_other_languages_do_not_count():
    paper = audio("0143131842", sold_as="Paperback")
    german = audio("B000000003", "Karl Beispiel", language="de")

    assert narration_of(QUERY, [paper, german]) == Narration()


def test_an_isbn_in_the_asins_place_is_none_of_audibles():
    told = narration_of(QUERY, [audio("0143131842", "Ada Quill", sold_as="Audio CD")])

    assert told == Narration(("Ada Quill",), None)
