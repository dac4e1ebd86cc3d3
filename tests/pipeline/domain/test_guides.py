"""A guide's head names it, in the ways in which Markdown may be written."""

from datetime import UTC, datetime

import pytest

from pipeline.domain.guides import Guide, read_head

HEADS = {
    "bold": "# A Title\n\n**URL:** http://x/1\n**Category:** Basics\n**Page Title:** P\n"
    "**Description:** Some: words\n**Crawled:** 2026-11-22T02:00:00\n\n## Content\n",
    "plain": "# A Title\nURL: http://x/1\nCategory: Basics\nPage Title: P\n"
    "Description: Some: words\nCrawled time: 2026-11-22T02:00:00\nAttempts: 1\n## Content\n",
    "list": "# A Title\n\n- **URL**: <http://x/1>\n- **Category**: Basics\n- **Page Title**: P\n"
    "- **Description**: Some: words\n- **Crawled at**: 2026-11-22T02:00:00\n\n## Content\n",
}


@pytest.mark.parametrize("way", HEADS)
def test_a_head_is_read_however_it_is_emphasised(way):
    at = datetime(2026, 11, 22, 2, tzinfo=UTC)

    assert read_head(HEADS[way] + "URL: http://other\n") == Guide(
        "http://x/1", "A Title", "Basics", "Some: words", at
    )


def test_what_stands_in_the_content_is_no_head():
    assert read_head("# T\n\n## Content\n\nURL: http://x/1\n") is None


def test_a_guide_without_title_takes_the_pages():
    assert read_head("URL: http://x/1\nPage Title: P\n").title == "P"


def test_a_time_that_cannot_be_read_is_left_out():
    assert read_head("URL: http://x/1\nCrawled: yesterday\n").crawled_at is None
