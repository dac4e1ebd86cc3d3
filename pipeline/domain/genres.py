"""Tell a genre, "A LitRPG Adventure", from the name of a series, "A Harbour Lights Mystery"."""

# ruff: noqa: SIM905  lists of words read better as words

import re

from pipeline.domain.folding import fold

GENRE = re.compile(
    r"""^(?:(?:an?|the|one|ein|eine|un|une|een|en)\s+(?:[\w'\u2019,/-]+\s+){0,5}?|(?:[\w/-]+\s+){0,4}?)
    (?:\w*rpg|gamelit|lit\s?rpg|progression|cultivation|fantasy|romance|roman|novels?|novella|
    memoir|mystery|thriller|krimi|western|story|adventures?|tale|biography|autobiography|novelette|
    saga|romantasy|isekai|erz\u00e4hlung|trilogy|epic|space\sopera|science\sfiction|standalone)
    (?:\s+(?:adventure|novel|romance|story|series|fantasy|thriller|saga|epic|mystery|book|experience)s?)*!?$""",
    re.IGNORECASE | re.VERBOSE,
)
_ARTICLES = {"a", "an", "the", "one", "ein", "eine", "un", "une", "een", "en"}
# Without an article these are no titles.
_PLAIN = re.compile(
    r"\b(?:novels?|novella|roman|krimi|memoir|(?:auto)?biography|\w*rpg|gamelit|thriller|romance|"
    r"fantasy|mystery|series|erz\u00e4hlung)\b",
    re.IGNORECASE,
)
# What a genre is described with. Any other word before "novel" names something.
_DESCRIBING = frozenset(
    """
    a an and of the in with to for litrpg gamelit lit rpg lootrpg progression cultivation
    xianxia wuxia isekai portal dungeon core crafting deck building deckbuilding kingdom base
    town tower system apocalypse apocalyptic post evolution monster girl harem reverse slice
    life academy school fantasy romance romantic romantasy novel novella novelette mystery
    mysteries thriller western story saga adventure epic series book tale memoir biography
    trilogy duology dark urban paranormal supernatural gothic horror ghost vampire werewolf
    shifter dragon fae witch magic magical mythic heroic high low grimdark sword sorcery
    historical history victorian regency medieval wartime war ww2 wwii military naval science
    fiction sci fi scifi space opera cyberpunk steampunk dystopian alternate time travel
    superhero survival emp hard near future psychological suspense crime legal spy espionage
    detective police procedural noir political medical cozy small holiday christmas beach
    culinary cat amateur sleuth contemporary sports hockey mafia billionaire bully enemies
    lovers friends second chance forbidden spicy steamy sweet clean slow burn erotic gay lesbian
    queer mm ff lgbt young adult ya new childrens middle grade literary short long full length
    standalone complete action packed fast paced gripping heart pounding thrilling funny
    humorous hilarious comedic comedy satirical witty delightfully heartwarming unputdownable
    stunning brilliant great debut classic true love family coming age road trip graphic modern
    american british
    """.split()
)


def is_generic(words: str) -> bool:
    """Whether words only describe a genre, "small-town cozy", and name no series."""
    return all(word in _DESCRIBING or word.isdecimal() for word in fold(words).split())


def is_genre(text: str) -> bool:
    """Whether a subtitle is a genre: with an article, or of nothing but words of genres.

    So "Epic Fantasy Adventure" is one; "Ghost Story" and "Cultivation" are titles, too.
    """
    if GENRE.match(text) is None:
        return False
    article = fold(text.partition(" ")[0]) in _ARTICLES
    return article or (is_generic(text) and _PLAIN.search(text) is not None)


def opens_with_a(text: str) -> bool:
    """Whether a text speaks of one of many: "A Cozy Mystery", "An Ember Tale"."""
    return fold(text.partition(" ")[0]) in {"a", "an"}


def is_subtitle(text: str) -> bool:
    """Whether a piece behind a dash is a genre for sure: "A Cozy Mystery", not "Ghost Story"."""
    return opens_with_a(text) and GENRE.match(text) is not None


def only_genre(text: str) -> bool:
    """Whether a bracket holds a genre and nothing else; Joshua Story is a person."""
    return is_subtitle(text) or (is_genre(text) and is_generic(text))
