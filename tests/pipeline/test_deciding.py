"""What a person may start, answer and take back from the command line."""

import pytest

from pipeline import cli, deciding
from pipeline.errors import BadInput


class TestStart:
    @pytest.mark.parametrize(
        ("workflow", "subject", "words"),
        [
            ("REDOWNLOAD", "", "is no number of a book"),
            ("REDOWNLOAD", "Emma", "is no number of a book"),
            ("REDOWNLOAD", "7", "there is no book 7"),
            ("SEARCH", "Emma", "is no number of a book"),
            ("SEARCH", "7", "there is no book 7"),
            ("IMPORTED", "", "which item"),
            ("ROLLBACK", "", "starts with rollback_requested"),
            ("NONE", "", "there is no workflow"),
        ],
    )
    async def test_what_makes_no_sense_is_refused_in_words(
        self, pool, user_id, workflow, subject, words
    ):
        with pytest.raises(BadInput, match=words):
            await deciding.start(pool, user_id, workflow, subject)

    async def test_an_item_is_described_once_however_often_it_is_asked_for(self, pool, user_id):
        first = await deciding.start(pool, user_id, "IMPORTED", "item")
        again = await deciding.start(pool, user_id, "IMPORTED", "item")
        other = await deciding.start(pool, user_id, "IMPORTED", "another")

        assert first.created
        assert not again.created
        assert again.id == first.id != other.id


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("approve", {"id": None, "reject": False}),
        ("approve 7 --reject", {"id": 7, "reject": True}),
        ("approve 7 --fields title,isbn", {"id": 7, "fields": "title,isbn"}),
        ("rollback run 7", {"of": "run", "id": 7, "field": None}),
        ("rollback field 7 isbn", {"of": "field", "id": 7, "field": "isbn"}),
    ],
)
def test_the_verbs_read_what_is_typed(typed, meant):
    arguments = vars(cli._parser().parse_args(typed.split()))

    assert {name: arguments[name] for name in meant} == meant
