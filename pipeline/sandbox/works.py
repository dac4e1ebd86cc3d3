"""The sandbox's works as a table: what exists, what is owned, and what every source knows of it.

Titles, authors, years and series are true; editions, identifiers, publishers and narrators are
the sandbox's own, and so is the one announced book. A list of a series holds what is out of
copyright, so some end early. How to read it:

    = series | author | ISBN start | genres          the works that follow belong to it
    position | title | year | minutes | marks        a blank position: listed without a number
        description

`marks` are separated by commas: `owned`, `novella`, `box set`, `part`, `omnibus`, `duplicate`,
`announced`; `as: title` is the title under which the library holds it; `lacks: fields` is what
the library does not know, `google lacks: fields` what Google Books does not; `no google` means
that Google Books does not know the work at all; `also: series #position` is a second series.
"""

from collections.abc import Iterator

WORKS = """
= Sherlock Holmes | Arthur Conan Doyle | 01 | Mystery, Classics
1 | A Study in Scarlet | 1887 | 290 | owned, lacks: description isbn narrators
    An army doctor, home from the wars, shares rooms in Baker Street with a man who reads
    strangers like newspapers, and follows him to an empty house and a word written in blood.
2 | The Sign of Four | 1890 | 275 | owned, as: The Sign of the Four, lacks: publisher genres asin
    Once a year a pearl arrives by post. Then a letter comes, and with it a treasure, a pact of
    four men, and a chase down the Thames at night.
3 | The Adventures of Sherlock Holmes | 1892 | 680 | owned, lacks: narrators published_year
    Twelve cases, from a scandal in Bohemia to the copper beeches.
4 | The Memoirs of Sherlock Holmes | 1893 | 560 | owned, lacks: series description genres
    Eleven further cases, the last of which ends above a waterfall in Switzerland.
5 | The Hound of the Baskervilles | 1902 | 385 | owned
    A baronet lies dead on the moor, and beside him are the footprints of a gigantic hound.
6 | The Return of Sherlock Holmes | 1905 | 690 |
    Three years after the falls, an old bookseller calls upon Doctor Watson.
7 | The Valley of Fear | 1915 | 400 |
    A cipher, a moated house, and a brotherhood that rules a valley of coal by terror.
8 | His Last Bow | 1917 | 400 | owned, lacks: description, google lacks: description
    Eight reminiscences, ending on the eve of the war.
9 | The Case-Book of Sherlock Holmes | 1927 | 490 | owned, lacks: isbn asin publisher
    The last twelve cases; two of them Holmes tells himself.
1-9 | The Complete Sherlock Holmes | 1930 | 4200 | box set
    All four novels and fifty-six stories in one box.

= Barsoom | Edgar Rice Burroughs | 02 | Science Fiction, Adventure
1 | A Princess of Mars | 1912 | 420 |
    A soldier of fortune wakes on a dying world and fights for the daughter of its kings.
2 | The Gods of Mars | 1913 | 500 |
    John Carter returns to Mars, and finds what waits at the end of the river of death.
3 | The Warlord of Mars | 1914 | 370 |
    From pole to pole after a princess stolen out of the temple of the sun.
1-3 | The Martian Tales Trilogy | 2004 | 1290 | owned, omnibus, no google, lacks: description
    A Princess of Mars, The Gods of Mars and The Warlord of Mars in one volume.
4 | Thuvia, Maid of Mars | 1916 | 320 |
    The son of the warlord seeks a princess among phantom bowmen.
5 | The Chessmen of Mars | 1922 | 520 | owned, lacks: genres narrators asin
    A princess falls among heads without bodies, and a city plays chess with living men.
6 | The Master Mind of Mars | 1927 | 380 |
    A surgeon sells new bodies to the old and rich, and his assistant means to undo it.
7 | A Fighting Man of Mars | 1930 | 520 |
    A poor soldier sets out after a kidnapped lady, past spiders and invisible ships.

= Oz | L. Frank Baum | 03 | Fantasy, Children
1 | The Wonderful Wizard of Oz | 1900 | 240 | owned, lacks: publisher isbn
    A cyclone carries a girl and her dog to a land where she must ask a wizard the way home.
2 | The Marvelous Land of Oz | 1904 | 270 | owned, lacks: narrators description
    A boy runs away from a witch with a man of wood and a head of pumpkin.
3 | Ozma of Oz | 1907 | 270 | owned
    Washed ashore in a chicken coop, Dorothy meets a talking hen and a man of clockwork.
4 | Dorothy and the Wizard in Oz | 1908 | 280 | owned, lacks: asin
    The earth opens, and a girl, a kitten and a wizard fall a very long way.
5 | The Road to Oz | 1909 | 250 | owned, lacks: published_year genres
    A walk with a shaggy man, a lost boy and the rainbow's daughter.
6 | The Emerald City of Oz | 1910 | 330 | owned
    While Dorothy's family tours the country, an army digs its way towards it.
6.5 | Little Wizard Stories of Oz | 1913 | 70 | novella
    Six short tales for younger listeners.
7 | The Patchwork Girl of Oz | 1913 | 380 | owned, lacks: isbn description
    A quilted girl and a boy gather odd ingredients to undo a petrifying accident.
8 | Tik-Tok of Oz | 1914 | 340 | owned
    A queen with an army of officers and one private sets out to conquer the world.
9 | The Scarecrow of Oz | 1915 | 340 | owned, lacks: narrators
    Whirled under the sea, a sailor and a girl come up in a country with a cold king.
10 | Rinkitink in Oz | 1916 | 350 | owned, no google, lacks: description publisher
    A prince, a fat merry king, a surly goat and three pearls.
11 | The Lost Princess of Oz | 1917 | 350 |
    Ozma is gone, and with her every magic tool in the country.
12 | The Tin Woodman of Oz | 1918 | 320 |
    A man of tin remembers a sweetheart from before, and goes to look for her.
13 | The Magic of Oz | 1919 | 300 |
    A boy learns a word that changes anything into anything.
14 | Glinda of Oz | 1920 | 310 |
    An island city sinks beneath a lake, and with it those who came to make peace.

= Anne of Green Gables | L.M. Montgomery | 04 | Classics, Young Adult
1 | Anne of Green Gables | 1908 | 610 | owned, lacks: description narrators
    A brother and sister send for an orphan boy; a girl with red hair gets off the train.
2 | Anne of Avonlea | 1909 | 550 | owned
    Half past sixteen, Anne teaches at the school where she learned.
3 | Anne of the Island | 1915 | 490 | owned, lacks: isbn genres
    College, a house called Patty's Place, and several proposals.
4 | Anne of Windy Poplars | 1936 | 560 | owned, as: Anne of Windy Willows, lacks: asin
    Three years as a principal, told in letters to her betrothed.
5 | Anne's House of Dreams | 1917 | 500 | owned, lacks: published_year
    The first home of a young marriage, by a lighthouse.
6 | Anne of Ingleside | 1939 | 600 | owned
    A mother of five, and what the children are up to.
7 | Rainbow Valley | 1919 | 480 |
    The children of the manse run wild, and take their own upbringing in hand.
8 | Rilla of Ingleside | 1921 | 660 |
    The youngest daughter grows up while her brothers are at the front.

= Father Brown | G.K. Chesterton | 05 | Mystery, Short Stories
0.5 | The Blue Cross | 1910 | 55 | novella
    The head of the Paris police follows a thief across London, and a priest who breaks things.
1 | The Innocence of Father Brown | 1911 | 500 | owned, lacks: genres asin
    Twelve crimes, and a small round priest who understands them from within.
2 | The Wisdom of Father Brown | 1914 | 450 | owned
    Twelve further cases.
3 | The Incredulity of Father Brown | 1926 | 460 |
    Eight wonders that everybody believes, except the priest.
4 | The Secret of Father Brown | 1927 | 420 | owned, lacks: description narrators
    How he does it: he has committed every one of the murders himself.
5 | The Scandal of Father Brown | 1935 | 430 |
    Nine last cases.

= The d'Artagnan Romances | Alexandre Dumas | 06 | Historical Fiction, Adventure
1 | The Three Musketeers | 1844 | 1400 | owned, lacks: publisher
    A young Gascon comes to Paris and has three duels on his first day.
1 | Les Trois Mousquetaires | 1844 | 1450 | duplicate
    The same work in French, listed as if it were another.
2 | Twenty Years After | 1845 | 1500 |
    France is ruled by a cardinal, and the four friends stand on two sides.
3 | The Vicomte de Bragelonne | 1847 | 1460 | owned, lacks: isbn
    A king without a throne asks for a million, and d'Artagnan has an idea.
4 | Ten Years Later | 1848 | 1380 |
    The court of the young king, and the musketeer's unruly friends grown old.
5 | Louise de la Vallière | 1849 | 1390 | owned, lacks: description
    A maid of honour, a king in love, and a betrothed who is the last to know.
6 | The Man in the Iron Mask | 1850 | 1300 |
    In the Bastille sits a prisoner with the face of the king.

= Ayesha | H. Rider Haggard | 07 | Fantasy, Adventure
1 | She | 1887 | 690 |
    An heirloom of two thousand years leads a scholar and his ward to a queen who does not die.
2 | Ayesha: The Return of She | 1905 | 740 | owned, lacks: narrators description
    The same two men, older, seek her in the mountains of Asia.
3 | She and Allan | 1921 | 700 | also: Allan Quatermain #11
    A hunter asks whether the dead live on, and is sent to one who should know.
4 | Wisdom's Daughter | 1923 | 650 |
    The queen tells her own story, from Arabia onwards.

= Allan Quatermain | H. Rider Haggard | 08 | Adventure, Classics
1 | King Solomon's Mines | 1885 | 560 | owned, lacks: isbn narrators
    A map drawn in blood, two mountains, and a lost brother.
2 | Allan Quatermain | 1887 | 610 | owned
    The old hunter's journey to a white city beyond the lake.
3 | Allan's Wife | 1889 | 330 | owned, lacks: description published_year
    The hunter's youth, and the woman of whom he never spoke.
4 | Maiwa's Revenge | 1888 | 240 | owned
    A hunt, a chief's cruelty, and a small war.

= A.J. Raffles | E.W. Hornung | 09 | Mystery, Short Stories
1 | The Amateur Cracksman | 1899 | 340 | owned, lacks: narrators asin
    The best slow bowler in England, and the best safe-breaker.
2 | The Black Mask | 1901 | 360 | owned, as: Raffles: Further Adventures of the Amateur Cracksman
    Thought drowned, Raffles comes back in another name.
3 | A Thief in the Night | 1905 | 400 |
    Bunny tells the adventures that he had left out.
4 | Mr. Justice Raffles | 1909 | 390 |
    One novel: the thief against a money-lender.
5 | Raffles and the Unopened Safe | 2031 | 420 | announced
    Announced, not yet published; the sandbox made it up.

= Chronicles of Barsetshire | Anthony Trollope | 10 | Classics, Fiction
1 | The Warden | 1855 | 450 | owned, lacks: description
    A mild clergyman learns from the newspaper that his living is a scandal.
2 | Barchester Towers | 1857 | 1150 | owned, lacks: narrators
    The bishop is dead; the new one brings a wife and a chaplain.
3 | Doctor Thorne | 1858 | 1260 | owned
    A doctor knows whose niece is an heiress, and may not tell.
4 | Framley Parsonage | 1861 | 1140 | owned, lacks: genres isbn
    A young vicar signs a bill for a friend.
5 | The Small House at Allington | 1864 | 1480 |
    A girl loves a man who marries an earl's daughter, and will not unlove him.
6 | The Last Chronicle of Barset | 1867 | 1490 |
    A proud poor curate is accused of stealing a cheque for twenty pounds.
6 part 1/2 | The Last Chronicle of Barset, Volume 1 | 1867 | 745 | part
    The first half.
6 part 2/2 | The Last Chronicle of Barset, Volume 2 | 1867 | 745 | part
    The second half.

= | G.K. Chesterton | 11 | Fiction, Thriller
 | The Man Who Was Thursday | 1908 | 380 | owned, lacks: genres isbn
    A poet of order is elected to the council of anarchists.
= | Alexandre Dumas | 12 | Historical Fiction, Adventure
 | The Count of Monte Cristo | 1844 | 1500 | owned, lacks: description narrators
    Fourteen years in a dungeon, a treasure, and the long patience of revenge.
= | Arthur Conan Doyle | 13 | Adventure
 | The Lost World | 1912 | 500 |
    A professor claims that a plateau in South America never heard that the past is over.
= | Edgar Rice Burroughs | 14 | Adventure
 | The Land That Time Forgot | 1918 | 250 |
    A captured submarine finds an island where evolution runs upstream.
= | L. Frank Baum | 15 | Fantasy, Children
 | The Life and Adventures of Santa Claus | 1902 | 210 |
    A foundling of the forest makes the first toy.
= | L.M. Montgomery | 16 | Classics, Romance
 | The Blue Castle | 1926 | 470 |
    Told that she has a year to live, a timid woman begins to.
= | H. Rider Haggard | 17 | Adventure
 | Eric Brighteyes | 1891 | 640 |
    A saga of Iceland, of two women and one outlaw.
= | E.W. Hornung | 18 | Adventure
 | Stingaree | 1905 | 420 |
    A gentleman bushranger who steals for the sake of music.
= | Anthony Trollope | 19 | Classics, Fiction
 | The Way We Live Now | 1875 | 1500 |
    A great swindler comes to London, and everyone wants shares.
"""


def marks_of(text: str) -> dict[str, str]:
    """Read `owned, as: Title` into {"owned": "", "as": "Title"}."""
    marks = {}
    for mark in filter(None, (part.strip() for part in text.split(", "))):
        name, _, value = mark.partition(": ")
        marks[name.rstrip(",")] = value
    return marks


def work_rows() -> Iterator[tuple[list[str], list[str], str]]:
    """Yield (the series' columns, the work's columns, description) of every work."""
    head: list[str] = []
    work: list[str] = []
    told: list[str] = []
    for line in [*WORKS.splitlines(), "= end"]:
        if line.startswith("    "):
            told.append(line.strip())
            continue
        if work and line:
            yield head, work, " ".join(told)
            work, told = [], []
        if line.startswith("="):
            head = [column.strip() for column in line[1:].split("|")]
        elif line:
            work = [column.strip() for column in line.split("|")]
