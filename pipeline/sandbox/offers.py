"""The sandbox's offers as a table: what the indexers hold, the good and the treacherous.

    = title of the work                                             the offers that follow
    offered title | filetype | seeders | snatched | marks

`marks` are separated by commas: `freeleech`, `vip`; a language other than ENG; a fault (`stalled`,
`dead`, `executable`, `short`); `refuse: why` when a judge must not take it for that work;
`minutes: n` and `by: author` where they differ from the work's; `tags: words` by which a full text
search finds it; `pack: title; title` lists the works inside.
"""

from collections.abc import Iterator

OFFERS = """
= The Return of Sherlock Holmes
The Return of Sherlock Holmes | m4b | 24 | 310 | freeleech
The Return of Sherlock Holmes (Abridged) | mp3 | 90 | 800 | refuse: abridged, minutes: 150
The Return of Sherlock Holmes: Full-Cast Dramatisation | mp3 | 75 | 640 | \
refuse: dramatised, minutes: 330
= The Valley of Fear
The Valley of Fear | m4b | 41 | 420 | stalled, freeleech, vip
The Valley of Fear | mp3 | 12 | 130 |
= Thuvia, Maid of Mars
Thuvia, Maid of Mars | m4b | 9 | 75 |
= The Master Mind of Mars
The Master Mind of Mars | m4b | 33 | 95 | short, freeleech
The Master Mind of Mars | mp3 | 7 | 60 |
= A Fighting Man of Mars
A Fighting Man of Mars | mp3 | 0 | 22 | refuse: nobody seeds it
= Little Wizard Stories of Oz
Little Wizard Stories of Oz | m4b | 6 | 41 |
= The Lost Princess of Oz
The Lost Princess of Oz | m4b | 30 | 160 | executable, freeleech
The Lost Princess of Oz | mp3 | 8 | 90 |
= The Tin Woodman of Oz
The Tin Woodman of Oz | m4b | 14 | 120 |
The Oz Books 12-14 | m4b | 52 | 380 | refuse: a pack of three, minutes: 930, \
pack: The Tin Woodman of Oz; The Magic of Oz; Glinda of Oz
= The Magic of Oz
The Magic of Oz | m4b | 11 | 115 |
= Glinda of Oz
Glinda of Oz | m4b | 13 | 122 | vip
= Rainbow Valley
Rainbow Valley | mp3 | 10 | 88 |
= Rilla of Ingleside
Rilla of Ingleside | m4b | 19 | 140 |
Anne of Ingleside | m4b | 44 | 260 | refuse: another book, minutes: 600, tags: Rilla
= The Blue Cross
The Blue Cross | mp3 | 5 | 33 |
= The Incredulity of Father Brown
The Incredulity of Father Brown | m4b | 12 | 70 |
The Complete Father Brown | m4b | 61 | 510 | refuse: an omnibus, minutes: 2100, tags: incredulity
= Twenty Years After
Twenty Years After | m4b | 16 | 145 | freeleech
Vingt ans après | mp3 | 35 | 90 | FRE, refuse: language, tags: Twenty Years After
= Ten Years Later
Louise de la Valliere | m4b | 28 | 132 | refuse: another book, minutes: 1390, tags: Ten Years Later
= The Man in the Iron Mask
The Man in the Iron Mask | mp3 | 21 | 205 |
= She
She | m4b | 15 | 118 |
She Stoops to Conquer | mp3 | 48 | 300 | refuse: another book, minutes: 150, by: Oliver Goldsmith
= She and Allan
She and Allan | m4b | 9 | 64 |
= Wisdom's Daughter
Die Tochter der Weisheit | mp3 | 17 | 40 | GER, refuse: language, tags: Wisdom's Daughter
= A Thief in the Night
A Thief in the Night | m4b | 8 | 52 |
= Mr. Justice Raffles
Mr. Justice Raffles | m4b | 22 | 80 | dead, freeleech
Mr. Justice Raffles | mp3 | 6 | 45 |
= The Small House at Allington
The Small House at Allington (Abridged) | mp3 | 39 | 210 | refuse: abridged, minutes: 310
= The Last Chronicle of Barset
The Last Chronicle of Barset | m4b | 12 | 99 |
The Last Chronicle of Barset, Part 1 of 2 | m4b | 27 | 150 | refuse: half a book, minutes: 745
= The Hound of the Baskervilles
The Hound of the Baskervilles | m4b | 130 | 2400 | freeleech
= The Wonderful Wizard of Oz
The Wonderful Wizard of Oz | m4b | 88 | 1900 |
= The Chessmen of Mars
The Chessmen of Mars | m4b | 17 | 150 |
= The Count of Monte Cristo
The Count of Monte Cristo | m4b | 140 | 3100 | freeleech, vip
= The Lost World
The Lost World | m4b | 58 | 720 |
= The Land That Time Forgot
The Land That Time Forgot | mp3 | 25 | 240 |
= The Blue Castle
The Blue Castle | m4b | 66 | 910 | freeleech
= Eric Brighteyes
Eric Brighteyes | mp3 | 4 | 19 |
= Stingaree
Stingaree | mp3 | 0 | 6 | refuse: nobody seeds it
"""


def offer_rows() -> Iterator[tuple[str, list[str]]]:
    """Yield (title of the work, the offer's columns) of every offer."""
    of = ""
    for line in filter(None, OFFERS.splitlines()):
        if line.startswith("= "):
            of = line[2:]
        else:
            yield of, [column.strip() for column in line.split("|")]
