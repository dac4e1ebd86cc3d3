from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.metadata import FIELDS, changed, value
from pipeline.domain.models import Metadata
from pipeline.domain.provenance import MANUAL, merge, untouched
from pipeline.domain.rollback import Correction, rollback
from pipeline.domain.sources import SourceAnswer
from tests.support.books import metadata, values


def test_a_correction_is_taken_back_exactly():
    current = Metadata(title="Dune")
    correction = Correction(7, "title", " dune\t", "Dune", "GoogleBooks")

    done = rollback(current, {"title": "Dune"}, [correction])

    assert done.restored == Metadata(title=" dune\t")
    (undo,) = done.undos
    assert undo.correction_id == 7
    assert (undo.change.old, undo.change.new, undo.change.source) == ("Dune", " dune\t", MANUAL)
    assert done.refused == ()


def test_what_the_user_edited_since_is_not_rolled_back():
    current = Metadata(title="Dune!", subtitle="A Novel")
    corrections = [
        Correction(1, "title", None, "Dune", "GoogleBooks"),
        Correction(2, "subtitle", None, "A Novel", "GoogleBooks"),
    ]

    done = rollback(current, {"title": "Dune", "subtitle": "A Novel"}, corrections)

    assert done.restored == Metadata(title="Dune!")
    (refusal,) = done.refused
    assert refusal.correction_id == 1
    assert refusal.reason == "the title was edited in the library since"


def test_an_edit_of_markup_only_is_an_edit_too():
    current = Metadata(description="<b>Sand.</b>")
    correction = Correction(1, "description", None, "Sand.", "GoogleBooks")

    done = rollback(current, {"description": "Sand."}, [correction])

    assert done.undos == ()


def test_a_value_that_the_library_cleaned_while_taking_it_is_still_ours():
    current = Metadata(description="Sand &amp; spice.")
    correction = Correction(1, "description", "Old.", "Sand & spice.", "GoogleBooks")

    done = rollback(current, {"description": "Sand &amp; spice."}, [correction])

    assert done.restored == Metadata(description="Old.")


def test_an_older_run_is_not_taken_back_under_a_newer_one():
    current = Metadata(title="Newer")
    older = Correction(1, "title", "First", "Older", "Goodreads")

    done = rollback(current, {"title": "Newer"}, [older])

    assert done.undos == ()
    assert done.refused[0].reason == "the title was changed again since"


def test_several_corrections_of_a_field_are_taken_back_newest_first():
    current = Metadata(title="Newer")
    corrections = [
        Correction(1, "title", "First", "Older", "Goodreads"),
        Correction(2, "title", "Older", "Newer", "GoogleBooks"),
    ]

    done = rollback(current, {"title": "Newer"}, corrections)

    assert [undo.correction_id for undo in done.undos] == [2, 1]
    (change,) = done.changes
    assert (change.old, change.new) == ("Newer", "First")


def test_a_correction_is_rolled_back_once():
    correction = Correction(1, "title", "Old", "New", "Goodreads", undone=True)

    done = rollback(Metadata(title="New"), {"title": "New"}, [correction])

    assert done.undos == ()
    assert done.refused[0].reason == "it was rolled back already"


def test_a_rollback_can_be_rolled_back():
    redo = Correction(2, "title", "New", "Old", MANUAL)

    done = rollback(Metadata(title="Old"), {"title": "Old"}, [redo])

    assert done.restored.title == "New"


runs = st.lists(
    st.dictionaries(
        st.sampled_from(["GoogleBooks", "Goodreads"]),
        st.builds(
            SourceAnswer,
            metadata,
            st.just(99.0),
            st.just("same"),
            st.just("because"),
            st.just({}),
            st.frozensets(st.sampled_from(FIELDS)),
        ),
    ),
    max_size=4,
)


def after_runs(book, told, overwrite):
    """Let several runs describe a book; what they leave in the library and in our tables."""
    held, last, corrections = {}, {}, []
    for answers in told:
        merged = merge(book, held, last, answers, overwrite)
        for change in merged.changes:
            row = (change.field, change.old, change.new, change.source)
            corrections.append(Correction(len(corrections), *row))
            last[change.field] = change.new
        book, held = changed(book, merged.changes), merged.provenance
    return book, last, corrections


@given(metadata, runs, st.frozensets(st.sampled_from(FIELDS)))
def test_rolling_everything_back_restores_every_field_byte_for_byte(book, told, overwrite):
    described, last, corrections = after_runs(book, told, overwrite)

    done = rollback(described, last, corrections)

    assert done.restored == book
    assert done.refused == ()
    assert changed(described, done.changes) == book


@given(metadata, runs, st.sampled_from(FIELDS).flatmap(
    lambda f: st.tuples(st.just(f), values(f))
))  # fmt: skip
def test_rolling_back_never_touches_an_edit_of_the_user(book, told, edit):
    field, new = edit
    described, last, corrections = after_runs(book, told, frozenset())
    edited = Metadata(**{f: new if f == field else value(described, f) for f in FIELDS})

    done = rollback(edited, last, corrections)

    if field not in last or not untouched(new, last[field]):
        assert value(done.restored, field) == new
    for other in FIELDS:
        if other != field:
            assert value(done.restored, other) == value(book, other)
