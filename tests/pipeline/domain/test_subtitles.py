"""A subtitle describes its book, or may name another one: then a person is asked."""

import pytest

from pipeline.domain.subtitles import describes, recast


@pytest.mark.parametrize(
    "subtitle",
    [
        "A Memoir of Loss",
        "An Intimate History",
        "A Vision of the Human Future",
        "The Story of a Shipwreck",
        "The Psychology of Persuasion",
        "How Great Leaders Inspire",
        "Unlocking the Power of Salt",
        "Women, Work, and the Will",
        "Notes on Startups",
        "Adventures of a Curious Lamp",
        "or, the Keeper's Tale",
        "25th Anniversary Edition",
        "Winner of the Lantern Prize",
        "Discover Your Lamps",
        "From the Harbour Lights Archive",
        "Eine kurze Geschichte der Lampe",
        "The Origins of Our Discontents",
        "The Hidden Costs of Lamps",
        "From Wick to Bulb",
        "An Antidote to Darkness",
        "Seven Rules for Keepers",
        "Emotion, Reason, and the Lamp",
        "Navigation and the Illumination of Ports",
        "Transforming Oil Into Light",
        "The Fire That Changed Harbours",
        "Secret Diaries of a Keeper",
        "Lamps in Ancient Rome",
    ],
)
def test_a_description_describes(subtitle):
    assert describes(subtitle)


@pytest.mark.parametrize(
    "subtitle",
    [
        "The Two Harbours",
        "Secret History",
        "A Clash of Lamps",
        "A Spell for Ada",
        "A Court of Salt and Sand",
        "The Case of the Lost Lamp",
        "The Rise of Marlow",
        "The Hunt for Ada",
        "Playing with Fire",
        "From the Ashes",
        "Lost in a Good Lamp",
        "One False Note",
        "The Secret of the Old Clock",
        "The Body in the Library",
        "The Kingdom of Fantasy",
        "A Dangerous Path",
        "Rise of the Keeper",
        "The Screenplay",
        "A Graphic History",
    ],
)
def test_what_may_be_a_title_does_not_describe(subtitle):
    assert not describes(subtitle)


def test_a_subtitle_built_like_the_title_names_another_book():
    assert describes("How to Be a Better Keeper", "The Salt Road")
    assert not describes("How to Be a Better Keeper", "How to Train Your Lamp")
    assert not describes("Ada Marlow and the Very Little Lamp Again", "Ada Marlow")


def test_the_same_matter_may_be_written_anew():
    assert recast("Young Readers Edition")
    assert not recast("Unabridged")
