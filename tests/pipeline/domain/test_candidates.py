from pipeline.domain.candidates import ranked
from pipeline.domain.models import Metadata, Work
from pipeline.domain.sources import BookQuery
from tests.support.judging import plain_judge

QUERY = BookQuery("She", ("H. Rider Haggard",), language="en")


def order(*works):
    judge = plain_judge(QUERY)
    given = [(work, Metadata(publisher=work.published)) for work in works]
    return [c.work.google_id for c in ranked(QUERY, judge, given)]


def test_the_sure_one_stands_before_the_doubtful_one_and_others_are_left_out():
    doubtful = Work("She", ("Somebody",), google_id="doubtful")
    other = Work("She and Allan", ("H. Rider Haggard",), google_id="other")
    same = Work("She", ("H. Rider Haggard",), google_id="same")

    assert order(doubtful, other, same) == ["same", "doubtful"]


def test_among_equals_the_fuller_description_wins_then_the_catalogues_order():
    first = Work("She", QUERY.authors, google_id="first")
    second = Work("She", QUERY.authors, google_id="second")
    fuller = Work("She", QUERY.authors, google_id="fuller", published="1887")

    assert order(first, second, fuller) == ["fuller", "first", "second"]


def test_a_description_in_another_language_is_not_the_books():
    french = Work("She", QUERY.authors, google_id="french", language="fr")
    untold = Work("She", QUERY.authors, google_id="untold")

    assert order(french, untold) == ["untold"]
