"""`make demo`: all nine workflows to their end, with the numbers that the truth demands."""

import pytest
from rich.console import Console

from pipeline import demonstration
from pipeline.sandbox.catalogue import TITLES, TRUTH, title_of
from pipeline.working import working
from tests.support.household import household, look

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ALONE = [t for t in TITLES if t.kind == "standalone" and not t.owned]
WANTED = {title for titles in TRUTH.missing.values() for title in titles}


async def test_every_workflow_does_what_the_truth_demands(pool, user_id, tmp_path, figure):
    async with household(tmp_path, pool, user_id) as house, working(house):
        console = Console(quiet=True)
        told = {t.workflow: t async for t in demonstration.every_workflow(house, console)}

    for each in told.values():
        figure(f"{each.workflow} {each.status} in {each.seconds:.0f} s: {dict(each.counts)}")
    assert set(told) == {
        "SERIES",
        "AUTHOR",
        "TOP10",
        "REDOWNLOAD",
        "IMPORTED",
        "METADATA_NEW",
        "METADATA_FULL",
        "MAM",
        "CLEANUP",
    }
    assert {t.status for t in told.values()} == {"completed"}
    counts = {name: t.counts for name, t in told.items()}
    assert counts["SERIES"]["wanted"] == len(WANTED)
    assert counts["SERIES"]["imported"] == len(TRUTH.downloadable)

    alone = [t for t in ALONE if any(offer.good for offer in t.offers)]
    assert counts["AUTHOR"]["wanted"] == len(ALONE) + len(TRUTH.refused)
    assert counts["AUTHOR"]["imported"] == len(alone)
    assert counts["AUTHOR"]["compared"] == len({t.authors[0] for t in TITLES if t.owned})
    assert counts["TOP10"]["compared"] == len(demonstration.WISHES["genres"])
    assert counts["REDOWNLOAD"] | {"wanted": 1, "imported": 1} == counts["REDOWNLOAD"]
    assert counts["IMPORTED"]["described"] == 1
    assert counts["IMPORTED"]["corrected"] == 3  # description, narrators, genres

    owned = len(TRUTH.owned) + len(TRUTH.downloadable) + len(alone) + 2
    assert counts["METADATA_FULL"]["described"] == owned
    [(held,)] = look(pool.url, "select count(*) from books where abs_id is not null")
    assert held == owned
    [(bought,)] = look(
        pool.url,
        "select metadata->>'description' from books where title = %s",
        demonstration.BOUGHT,
    )
    assert bought == f"<p>{title_of(demonstration.BOUGHT).description}</p>"
