"""Keys are equal for spellings of one thing and differ for two."""

from pipeline.domain.keys import author_key, match_key, search_text, series_key


def test_an_author_has_one_key_in_any_writing():
    writings = ["J. K. Marlow", "JK Marlow", "Marlow, J.K.", "j.k. marlow"]

    assert {author_key(name) for name in writings} == {"jkmarlow"}


def test_nobody_has_no_key():
    assert author_key("Various") == ""


def test_a_series_has_one_key_with_and_without_what_it_is_called():
    writings = ["Harbour Lights", "The Harbour Lights Series", "Harbor Lights Saga"]

    assert {series_key(name) for name in writings} == {"harbor lights"}


def test_a_series_that_is_called_saga_keeps_its_name():
    assert series_key("The Saga") == "saga"


def test_a_larger_series_is_another():
    assert series_key("Harry Vint") != series_key("Harry Vint Universe")


def test_a_book_has_one_match_key_in_all_editions():
    writings = [
        ("The Salt Road", ["Ada Marlow"]),
        ("Salt Road, The (Unabridged)", "Marlow, Ada"),
        ("The Salt Road: Harbour Lights, Book 3", "A. Marlow"),
    ]

    assert {match_key(title, authors) for title, authors in writings} == {"salt road|marlow"}


def test_a_search_finds_words_in_any_spelling():
    assert search_text("L'\u00c9t\u00e9", ["Zo\u00eb Marlow", "Marlow"]) == "lete zoe marlow"
