"""What holds for every page: who may see it, its headers, its blocks, its words, its forms."""

import re

import pytest

from api.pages import ACTIONS, PAGES
from pipeline.accounts import add_key
from tests.support.callers import calling

HTML = {"accept": "text/html"}


async def test_a_page_shows_the_frame_with_landmarks_and_the_place_where_one_is(client):
    answer = await client.get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert '<html lang="en" data-theme="dark">' in answer.text
    assert '<main id="content"' in answer.text
    assert '<nav class="menu" aria-label="Main">' in answer.text
    assert re.search(r'href="/" aria-current="page">Home', answer.text)
