"""The oldest PostgreSQL that we promise to work with: a whole run, and a large library."""

import time
from contextlib import asynccontextmanager

import pytest

from pipeline.db import Pool
from pipeline.migrate import migrate
from pipeline.sandbox.catalogue import TRUTH
from tests.conftest import add_user
from tests.support.household import household, look, new_database, new_user, series
from tests.support.many_books import fill
from tests.support.oldest_postgres import oldest_postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
FEW = 5_000


@pytest.fixture(scope="module")
def oldest():
    with oldest_postgres() as url:
        yield url


@asynccontextmanager
async def migrated(oldest):
    """A migrated database of its own, of which nothing has been analysed yet."""
    with new_database(oldest, "template1") as url:
        await migrate(url)
        async with Pool(url, size=16) as pool:
            yield pool


async def test_series_runs_to_its_end(oldest, tmp_path, figure):
    async with migrated(oldest) as pool:
        async with household(tmp_path, pool, await new_user(pool)) as house:
            await series(house)
        [(version,)] = look(pool.url, "show server_version")
        imported = look(
            pool.url, "select title from missing_books where download_status = 'imported'"
        )

    figure(f"SERIES on PostgreSQL {version}: {len(imported)} books imported")
    assert {title for (title,) in imported} == set(TRUTH.downloadable)


async def test_four_times_the_books_come_in_in_four_times_the_time(oldest, figure):
    took = {}
    for books in (FEW, 4 * FEW):
        async with migrated(oldest) as pool:
            began = time.monotonic()
            await fill(pool, await add_user(pool, "librarian"), books, books // 20, books // 5)
            took[books] = time.monotonic() - began

    figure(", ".join(f"{books:,} books in {seconds:.1f} s" for books, seconds in took.items()))
    assert took[4 * FEW] < 8 * took[FEW]
