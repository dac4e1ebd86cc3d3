"""The short edition of the walk: one real browser, the pages that everybody opens first."""

import pytest

from tests.support.browsing import told

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("path", ["/", "/wanted", "/system", "/guide/qbittorrent"])
async def test_a_page_opens_without_a_complaint(eyes, path):
    for width in (360, 1440):
        await eyes.resize(width)

        assert await eyes.go(path) == 200
        assert await eyes.width() <= width
        assert eyes.weight < 150_000
        complaints = await eyes.look()
        assert complaints == [], told(complaints)
