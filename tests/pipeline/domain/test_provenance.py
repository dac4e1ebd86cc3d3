import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.metadata import FIELDS, Change, changed, is_empty, value
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.domain.provenance import LIBRARY, MANUAL, Proposal, merge, owner
from pipeline.domain.sources import SourceAnswer
from tests.support.books import metadata, values

GOOGLE = Metadata(
    title="Dune",
    subtitle="A Novel",
    authors=("Frank Herbert", "Scott Brick"),
    narrators=("Somebody",),
    series=(SeriesPlace("Dune (Google)", "1"),),
    publisher="Ace",
    published_year="2005-08-02",
    description="A planet of sand.",
    genres=("Fiction / Science Fiction / General",),
    language="en",
    isbn="0441013597",
    asin="B00B7NPRY8",
)
GOODREADS = Metadata(
    title="Dune (Dune, #1)",
    authors=("Frank Herbert", "Brian Herbert"),
    narrators=("Scott Brick", "Simon Vance"),
    series=(SeriesPlace("Dune", "1"),),
    publisher="Macmillan Audio",
    published_year="2007",
    description="Set on the desert planet Arrakis.",
    language="English",
    isbn="9781427201430",
    asin="B002V1OF70",
)
AUDIO = frozenset({"publisher", "published_year", "isbn", "asin", "narrators"})


def answer(about, band="same", audio=frozenset(), score=97.0):
    return SourceAnswer(about, score, band, "titles and authors agree", {}, audio)


def google(**change):
    return {"GoogleBooks": answer(replace(GOOGLE, **change))}


def goodreads(audio=AUDIO, **change):
    return {"Goodreads": answer(replace(GOODREADS, **change), audio=audio)}


def written(book, *fields):
    return {field: value(book, field) for field in fields}


def new_of(merged, field):
    return next((change.new for change in merged.changes if change.field == field), None)


def test_an_empty_book_is_filled_and_says_who_filled_it():
    merged = merge(Metadata(), {}, {}, google() | goodreads())

    assert new_of(merged, "title") == "Dune"
    assert merged.provenance["title"] == "GoogleBooks"
    assert new_of(merged, "narrators") == ("Scott Brick", "Simon Vance")
    assert merged.provenance["narrators"] == "Goodreads"
    assert merged.missing == merged.locked == ()


def test_who_reads_it_no_longer_may_be_its_author():
    book = Metadata(narrators=("Brian Herbert",))
    told = google(authors=("Frank Herbert", "Brian Herbert")) | goodreads(authors=())

    merged = merge(book, {}, {}, told, frozenset({"authors", "narrators"}))

    assert new_of(merged, "narrators") == ("Scott Brick", "Simon Vance")
    assert new_of(merged, "authors") == ("Frank Herbert", "Brian Herbert")


def test_values_are_tidied_before_they_are_written():
    merged = merge(Metadata(), {}, {}, google())

    assert new_of(merged, "isbn") == "9780441013593"
    assert new_of(merged, "published_year") == "2005"
    assert new_of(merged, "genres") == ("Fiction", "Science Fiction")


def test_a_value_that_stood_there_before_us_is_kept():
    current = Metadata(title="Dune, my copy", language="English")

    merged = merge(current, {}, {}, google())

    assert new_of(merged, "title") is None
    assert merged.provenance["title"] == LIBRARY
    assert new_of(merged, "language") is None


def test_a_value_of_the_library_is_replaced_when_the_user_asked_for_it():
    current = Metadata(title="Dune, my copy", subtitle="Mine")

    merged = merge(current, {}, {}, google(), overwrite=["title"])

    assert new_of(merged, "title") == "Dune"
    assert new_of(merged, "subtitle") is None


def test_a_value_that_means_the_same_is_not_rewritten_even_when_asked():
    current = Metadata(title="DUNE", isbn="0-441-01359-7", language="English")

    merged = merge(current, {}, {}, google(), overwrite=["title", "isbn", "language"])

    assert {change.field for change in merged.changes}.isdisjoint({"title", "isbn", "language"})


def test_what_the_user_edited_after_us_is_theirs_for_good():
    current = Metadata(title="Dune, as I like it")
    last = {"title": "Dune"}

    merged = merge(current, {"title": "GoogleBooks"}, last, google(), overwrite=["title"])

    assert new_of(merged, "title") is None
    assert merged.provenance["title"] == MANUAL
    assert merged.locked == ("title",)


def test_what_the_user_emptied_after_us_stays_empty_and_is_not_missing():
    merged = merge(Metadata(), {"subtitle": "GoogleBooks"}, {"subtitle": "A Novel"}, google())

    assert new_of(merged, "subtitle") is None
    assert "subtitle" in merged.locked
    assert "subtitle" not in merged.missing


def test_a_field_once_manual_stays_manual_though_it_equals_our_value():
    current = Metadata(title="Dune")

    assert owner("title", current, {"title": MANUAL}, {"title": "Dune"}) == MANUAL


def test_another_order_of_authors_is_no_edit():
    current = Metadata(authors=("B", "A"))

    assert (
        owner("authors", current, {"authors": "Goodreads"}, {"authors": ("A", "B")}) == "Goodreads"
    )


def test_an_added_author_is_an_edit():
    current = Metadata(authors=("A", "B", "C"))

    assert owner("authors", current, {"authors": "Goodreads"}, {"authors": ("A", "B")}) == MANUAL


def test_our_value_gives_way_to_a_more_trusted_source():
    current = Metadata(description="Set on the desert planet Arrakis.")
    last = written(current, "description")

    merged = merge(current, {"description": "Goodreads"}, last, google())

    assert new_of(merged, "description") == "A planet of sand."


def test_our_value_does_not_give_way_to_a_less_trusted_source():
    current = Metadata(description="A planet of sand.")
    last = written(current, "description")

    merged = merge(current, {"description": "GoogleBooks"}, last, goodreads())

    assert new_of(merged, "description") is None


def test_our_value_does_not_change_when_its_own_source_changed_its_mind():
    current = Metadata(description="An older text.")
    last = written(current, "description")

    merged = merge(current, {"description": "GoogleBooks"}, last, google())

    assert new_of(merged, "description") is None


def test_a_less_trusted_source_does_not_replace_our_value_even_when_asked():
    current = Metadata(description="A planet of sand.")
    last = written(current, "description")

    merged = merge(
        current, {"description": "GoogleBooks"}, last, goodreads(), overwrite=["description"]
    )

    assert new_of(merged, "description") is None


def test_google_never_names_narrators_or_an_asin():
    merged = merge(Metadata(), {}, {}, google())

    assert {"narrators", "asin"} <= set(merged.missing)


def test_of_googles_authors_only_the_first_is_taken_when_nobody_knows_the_narrators():
    merged = merge(Metadata(), {}, {}, google())

    assert new_of(merged, "authors") == ("Frank Herbert",)


def test_googles_further_authors_are_taken_when_they_are_none_of_the_known_narrators():
    about = google(authors=("Frank Herbert", "Scott Brick", "Brian Herbert"))

    merged = merge(Metadata(narrators=("S. Brick",)), {}, {}, about)

    assert new_of(merged, "authors") == ("Frank Herbert", "Brian Herbert")


def test_an_author_who_reads_their_own_book_stays_its_author():
    about = google(authors=("Michelle Obama",))

    merged = merge(Metadata(narrators=("Michelle Obama",)), {}, {}, about)

    assert new_of(merged, "authors") == ("Michelle Obama",)


def test_authors_with_roles_replace_ours_without_roles():
    current = Metadata(authors=("Frank Herbert",))

    merged = merge(current, {"authors": "GoogleBooks"}, written(current, "authors"), goodreads())

    assert new_of(merged, "authors") == ("Frank Herbert", "Brian Herbert")


def test_the_audiobooks_own_publisher_goes_before_the_printed_books():
    merged = merge(Metadata(), {}, {}, google() | goodreads())

    by_field = {change.field: change for change in merged.changes}
    assert by_field["publisher"].new == "Macmillan Audio"
    assert by_field["publisher"].edition == "audio"
    assert by_field["isbn"].new == "9781427201430"


def test_a_value_of_the_printed_book_fills_a_gap_and_is_marked():
    merged = merge(Metadata(), {}, {}, google())

    by_field = {change.field: change for change in merged.changes}
    assert by_field["isbn"].edition == "text"
    assert by_field["publisher"].edition == "text"
    assert by_field["title"].edition is None


def test_the_audiobooks_value_replaces_ours_of_the_printed_book():
    current = Metadata(isbn="9780441013593")

    merged = merge(current, {"isbn": "GoogleBooks"}, written(current, "isbn"), goodreads())

    assert new_of(merged, "isbn") == "9781427201430"


def test_a_printed_books_value_never_replaces_ours():
    current = Metadata(isbn="9781427201430", publisher="Macmillan Audio")
    last = written(current, "isbn", "publisher")
    held = {"isbn": "Goodreads", "publisher": "GoogleBooks"}

    merged = merge(current, held, last, google() | goodreads(audio=frozenset(), publisher="Ace"))

    assert new_of(merged, "isbn") is None
    assert new_of(merged, "publisher") is None


def test_the_asin_of_a_printed_book_or_ebook_is_not_taken():
    merged = merge(Metadata(), {}, {}, goodreads(audio=frozenset()))

    assert "asin" in merged.missing


def test_a_doubtful_answer_is_proposed_not_applied():
    doubtful = {"GoogleBooks": answer(GOOGLE, band="doubtful", score=85.0)}

    merged = merge(Metadata(title="Dune"), {}, {}, doubtful)

    assert merged.changes == ()
    (proposal,) = merged.proposals
    assert (proposal.source, proposal.score) == ("GoogleBooks", 85.0)
    assert Change("language", None, "en", "GoogleBooks") in proposal.changes
    assert "title" not in {change.field for change in proposal.changes}
    assert "language" in merged.missing


def test_a_doubtful_answer_that_adds_nothing_is_not_proposed():
    sure = google() | goodreads()
    filled = changed(Metadata(), merge(Metadata(), {}, {}, sure).changes)

    merged = merge(filled, {}, {}, {"GoogleBooks": answer(GOOGLE, band="doubtful")})

    assert merged.proposals == ()


def test_an_answer_about_another_book_changes_and_proposes_nothing():
    merged = merge(Metadata(), {}, {}, {"GoogleBooks": answer(GOOGLE, band="different")})

    assert merged.changes == merged.proposals == ()
    assert set(merged.missing) == set(FIELDS)


def test_a_proposal_survives_json():
    doubtful = {"Goodreads": answer(GOODREADS, band="doubtful", audio=AUDIO)}
    (proposal,) = merge(Metadata(), {}, {}, doubtful).proposals

    assert Proposal.from_json(json.loads(json.dumps(proposal.to_json()))) == proposal


@pytest.mark.parametrize("field", FIELDS)
def test_two_sources_never_write_one_field_twice(field):
    merged = merge(Metadata(), {}, {}, google() | goodreads())

    assert sum(change.field == field for change in merged.changes) <= 1


bands = st.sampled_from(["same", "doubtful", "different"])
answers = st.dictionaries(
    st.sampled_from(["GoogleBooks", "Goodreads", "Audible"]),
    st.builds(
        SourceAnswer,
        metadata,
        st.just(90.0),
        bands,
        st.just("because"),
        st.just({}),
        st.frozensets(st.sampled_from(FIELDS)),
    ),
)
held_by = st.dictionaries(
    st.sampled_from(FIELDS), st.sampled_from(["GoogleBooks", "Goodreads", LIBRARY, MANUAL])
)
wishes = st.frozensets(st.sampled_from(FIELDS))


@st.composite
def shelves(draw):
    """A book now, whose its fields were, and what we last wrote of some of them."""
    current = draw(metadata)
    last = {}
    for field in draw(wishes):
        last[field] = value(current, field) if draw(st.booleans()) else draw(values(field))
    return current, draw(held_by), last


def user_owned(current, held, last):
    return {f for f in FIELDS if owner(f, current, held, last) == MANUAL}


@given(shelves(), answers, wishes)
def test_what_the_user_edited_never_changes(shelf, told, overwrite):
    theirs = user_owned(*shelf)

    merged = merge(*shelf, told, overwrite)

    proposed = {c.field for p in merged.proposals for c in p.changes}
    assert not theirs & ({c.field for c in merged.changes} | proposed)
    assert theirs == set(merged.locked)


@given(shelves(), answers)
def test_without_asking_nothing_of_the_library_changes(shelf, told):
    current, held, last = shelf

    merged = merge(current, held, last, told)

    for change in merged.changes:
        assert owner(change.field, current, held, last) not in {LIBRARY, MANUAL}
        assert change.old == value(current, change.field)
        assert not is_empty(change.new)


@given(shelves(), answers, wishes)
def test_merging_again_after_writing_changes_nothing(shelf, told, overwrite):
    current, held, last = shelf
    first = merge(current, held, last, told, overwrite)
    after = changed(current, first.changes)
    last_after = {**last, **{change.field: change.new for change in first.changes}}

    second = merge(after, first.provenance, last_after, told, overwrite)

    assert second.changes == ()
    assert second.provenance == first.provenance
    assert second.locked == first.locked
    assert second.missing == first.missing


@given(shelves(), answers, wishes)
def test_every_field_is_filled_locked_or_missing(shelf, told, overwrite):
    merged = merge(*shelf, told, overwrite)
    after = changed(shelf[0], merged.changes)

    for field in FIELDS:
        if is_empty(value(after, field)):
            assert (field in merged.missing) != (field in merged.locked)
        else:
            assert field in merged.provenance
            assert field not in merged.missing
