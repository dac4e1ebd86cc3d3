"""The weekly top ten of each genre, and what was decided about every place."""

from datetime import timedelta
from typing import Any

from pydantic import Field

from api.contract import monday
from api.pages.visit import Page, Query, Shown, Visit


class Week(Query):
    """Which week; the newest without it."""

    week: str | None = Field(None, pattern=r"^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$")


async def show(visit: Visit) -> Shown:
    """Show the charts of a week, genre by genre."""
    query: Week = visit.query
    asked = monday(query.week) if query.week else None
    async with visit.db() as db:
        week = await db.value("views.top10_week", week=asked)
        rows = await db.rows("views.top10", week=week) if week else []
        weeks = await db.rows("pages_top10.weeks")
        questions = await db.rows("pages_top10.questions")
    return {
        "week": week,
        "until": week + timedelta(days=6) if week else None,
        "weeks": [(_named(row["week"]), row["week"]) for row in weeks],
        "chosen": _named(week) if week else "",
        "genres": _genres(rows),
        "questions": {row["book_id"]: row["id"] for row in questions},
    }


def _genres(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    genres: dict[str, dict[str, Any]] = {}
    for row in rows:
        head = {name: row[name] for name in ("genre", "ranked_by", "fetched_at")}
        chart = genres.setdefault(row["genre"], {**head, "places": []})
        if row["rank"] is not None:
            chart["places"].append(row)
    return list(genres.values())


def _named(week: Any) -> str:
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02}"


PAGES = (Page("/top10", show, "top10.html", "Top 10", "top10", Week),)
