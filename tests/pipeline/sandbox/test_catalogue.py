from stdnum import isbn

from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES, TRUTH, title_of


def test_the_truth_counts_what_the_demonstration_shows():
    assert len(TITLES) == 84
    assert len(SERIES_IDS) == 10
    assert len(AUTHOR_IDS) == 9
    assert len(TRUTH.owned) == 44
    assert len(set().union(*TRUTH.missing.values())) == 25
    assert len(TRUTH.downloadable) == 20
    assert len(TRUTH.refused) == 5


def test_every_listed_work_is_owned_missing_or_explained_exactly_once():
    for series in SERIES_IDS:
        listed = [title.title for title in TITLES if series in dict(title.series)]
        owned, missing = set(TRUTH.owned_in_series[series]), set(TRUTH.missing[series])
        explained = {name for name in listed if name in TRUTH.listed}

        assert owned.isdisjoint(missing)
        assert (owned | missing).isdisjoint(explained)
        assert owned | missing | explained == set(listed)


def test_each_series_has_an_owned_book_so_that_it_is_looked_at():
    assert all(TRUTH.owned_in_series[series] for series in SERIES_IDS)


def test_an_owned_omnibus_covers_its_parts():
    assert TRUTH.missing["Barsoom"][0] == "Thuvia, Maid of Mars"
    assert TRUTH.listed["A Princess of Mars"] == "covered by The Martian Tales Trilogy"


def test_a_book_in_two_series_is_missing_in_both_and_fetched_once():
    assert "She and Allan" in TRUTH.missing["Ayesha"]
    assert "She and Allan" in TRUTH.missing["Allan Quatermain"]
    assert TRUTH.downloadable.count("She and Allan") == 1


def test_every_trap_of_the_indexers_is_laid():
    offers = [offer for title in TITLES for offer in title.offers]

    assert {offer.fault for offer in offers} == {"", "stalled", "dead", "executable", "short"}
    assert {offer.refuse for offer in offers} >= {
        "abridged",
        "dramatised",
        "language",
        "another book",
        "nobody seeds it",
        "a pack of three",
        "half a book",
    }
    assert set(TRUTH.second_choice.values()) == {"stalled", "dead", "executable", "short"}
    assert not title_of("The Scandal of Father Brown").offers
    assert next(offer for offer in offers if offer.pack).pack == (
        "The Tin Woodman of Oz",
        "The Magic of Oz",
        "Glinda of Oz",
    )


def test_a_failing_offer_looks_better_than_the_good_one_behind_it():
    for name in TRUTH.second_choice:
        bad, good = title_of(name).offers

        assert bad.fault
        assert good.good
        assert bad.seeders > good.seeders


def test_an_offer_holds_what_its_size_says():
    for offer in (offer for title in TITLES for offer in title.offers):
        audio = sum(size for path, size in offer.files if path.endswith((".m4b", ".mp3")))

        assert abs(audio - offer.size) < 100
        assert ("exe" in {path[-3:] for path, _ in offer.files}) == (offer.fault == "executable")


def test_identifiers_are_well_formed_and_unique():
    isbns = [title.isbn for title in TITLES if title.isbn]
    tids = [offer.tid for title in TITLES for offer in title.offers]

    assert all(isbn.is_valid(number) for number in isbns)
    assert len(set(isbns)) == len(isbns)
    assert len(set(tids)) == len(tids)
    assert len({title.goodreads_id for title in TITLES}) == len(TITLES)
    assert all(len(title.asin) == 10 for title in TITLES if title.asin)


def test_owned_books_are_incomplete_on_purpose():
    lacking = [title for title in TITLES if title.owned and title.shelf_lacks]

    assert len(lacking) >= 25
    assert title_of("The Black Mask").shelf_title.startswith("Raffles: Further")
