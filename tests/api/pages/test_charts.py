"""Pictures: what they draw, what they say in words, and that they stay small."""

import re

from selectolax.lexbor import LexborHTMLParser

from api.pages import charts


def picture(markup):
    return LexborHTMLParser(str(markup)).css_first("svg")


def arcs(markup):
    found = {}
    for node in picture(markup).css(".arc"):
        share, rest = node.attributes["stroke-dasharray"].split()
        assert float(share) + float(rest) == 100
        found[node.attributes["class"].split()[1]] = float(share)
    return found


def test_a_station_says_how_many_books_stand_there_and_draws_what_became_of_the_others():
    drawn = charts.station("Search", {"done": 6, "failed": 2, "ready": 1, "waiting": 3}, "r1")

    assert picture(drawn).attributes["role"] == "img"
    assert picture(drawn).attributes["aria-label"] == "Search: 1 ready, 3 waiting, 6 done, 2 failed"
    assert picture(drawn).css_first("text").text() == "4"
    assert len(picture(drawn).css(".dot")) == 4
    assert arcs(drawn)["done"] > arcs(drawn)["waiting"] > arcs(drawn)["failed"] > 0
    assert arcs(drawn)["stopped"] == 0


def test_a_station_nobody_has_reached_is_empty_and_one_that_all_have_passed_is_ticked():
    empty, passed = charts.station("A", {}, "x"), charts.station("A", {"done": 3}, "x")

    assert picture(empty).css_first("text, .tick") is None
    assert picture(empty).attributes["aria-label"] == "A: nothing yet"
    assert picture(passed).css_first(".tick") is not None


def test_a_station_keeps_its_parts_names_so_that_it_glides_to_its_next_state():
    before, after = charts.station("A", {"ready": 3}, "x"), charts.station("A", {"done": 3}, "x")

    assert re.findall(r'id="([^"]+)"', before) == re.findall(r'id="([^"]+)"', after)


def test_a_station_with_a_hundred_thousand_books_is_as_small_as_any():
    drawn = charts.station("A", {"ready": 100_000}, "x")

    assert picture(drawn).css_first("text").text() == "100k"
    assert len(picture(drawn).css(".dot")) == charts.MOST_DOTS


def works(*states):
    return [{"position": str(n), "title": f"<b>{n}", "state": s} for n, s in enumerate(states, 1)]


def test_the_places_of_a_series_are_drawn_in_order_each_with_its_state():
    drawn = charts.places(works("owned", "covered", "missing", "refused", "unreleased"))

    cells = picture(drawn).css("rect")
    assert [cell.attributes["class"] for cell in cells] == [
        "owned",
        "covered",
        "missing",
        "refused",
        "unreleased",
    ]
    assert "1 covered by an omnibus" in picture(drawn).attributes["aria-label"]
    assert "<title>#3 &lt;b&gt;3: missing</title>" in drawn


def test_a_very_long_series_is_one_bar_of_its_states():
    drawn = charts.places(works(*["owned"] * 300, *["missing"] * 100))

    widths = [float(cell.attributes["width"]) for cell in picture(drawn).css("rect")]
    assert widths == [450, 150]
    assert len(drawn) < 1000


def test_a_share_and_a_column_chart_say_in_words_what_they_show():
    share = picture(charts.share(61.0, "ASIN: 61 percent"))
    columns = charts.columns([("0 to 10", 4), ("10 to 20", 0)], "Books by tenth")

    assert share.attributes["aria-label"] == "ASIN: 61 percent"
    assert share.css("rect")[1].attributes["width"] == "61.0"
    assert "<title>0 to 10: 4</title>" in columns
