"""Metadata: how complete it is, what was corrected, and what waits for a yes or no."""

from typing import Any, Literal

from pydantic import Field

from api.errors import Refused
from api.library import parted, percent
from api.pages import words
from api.pages.serving import back
from api.pages.visit import Action, Done, Listing, Page, Query, Shown, Visit
from pipeline import approvals

LEAST = 15
COMPLETE = 100  # percent


class Corrections(Listing):
    """Which corrections."""

    run: int | None = Field(None, ge=1, le=2**63 - 1)


class Questions(Listing):
    """Which questions."""

    status: Literal["open", "approved", "rejected", "expired", "all"] = "open"
    kind: Literal["metadata", "top10", "author"] | None = None


async def completeness(visit: Visit) -> Shown:
    """Show how many books hold each field, how the library spreads, and who lacks most."""
    async with visit.db() as db:
        fields = await db.rows("views.fields_filled")
        spread = {row["tenth"]: row["books"] for row in await db.rows("pages_metadata.spread")}
        least = await db.rows(
            "views.completeness",
            sort="metadataCompleteness",
            descending=False,
            limit=LEAST,
            offset=0,
        )
    names = [row["field"] for row in fields]
    for row in least:
        row["lacks"] = [name for n, name in enumerate(names) if not row["filled"] & 1 << n]
    tenths = [(f"{n * 10} to {n * 10 + 10} percent", spread.get(n, 0)) for n in range(10)]
    return {
        "books": fields[0]["books"] if fields else 0,
        "fields": [row | {"percent": percent(row["filled"], row["books"])} for row in fields],
        "tenths": tenths,
        "least": [row for row in least if row["metadata_completeness"] < COMPLETE],
    }


async def corrections(visit: Visit) -> Shown:
    """Show every change, before and after, with who says so."""
    query: Corrections = visit.query
    async with visit.db() as db:
        total, rows = parted(
            await db.rows(
                "views.corrections", book_id=None, run_id=query.run, descending=True, **query.window
            )
        )
    return {"total": total, "corrections": rows}


async def questions(visit: Visit) -> Shown:
    """Show what waits for the user, or what became of it."""
    query: Questions = visit.query
    status = None if query.status == "all" else query.status
    async with visit.db() as db:
        total, rows = parted(
            await db.rows(
                "views.approvals", status=status, kind=query.kind, descending=True, **query.window
            )
        )
    return {"total": total, "questions": rows}


async def question(visit: Visit) -> Shown:
    """Show one question: field by field what is and what would be."""
    async with visit.db() as db:
        row = await db.row("pages_metadata.approval", id=visit.path["id"])
    if row is None:
        raise Refused(404, "There is no such question.")
    now: dict[str, Any] = row["metadata"] or {}
    changes = [
        change | {"stands": words.told(now.get(change["field"])) == words.told(change["old"])}
        for change in row["proposal"].get("changes", [])
    ]
    books = row["proposal"].get("books", [])
    return {"title": row["title"], "question": row, "changes": changes, "books": books}


async def answer(visit: Visit) -> Done:
    """Take the user's yes, to all or to some fields, or no."""
    number: int = visit.path["id"]
    approve = visit.text("answer") == "yes"
    chosen = visit.form.get("field")
    picked = None if not visit.text("picks") else (chosen or [])
    run = await approvals.decide(
        visit.desk.pool, visit.user_id, number, approve=approve, fields=picked if approve else None
    )
    after = visit.text("next") == "here"
    to = back(visit.request, "/metadata/approvals") if after else "/metadata/approvals"
    said = f"Agreed: run {run.id} does it." if run else "Declined."
    return Done(to, said)


PAGES = (
    Page("/metadata", completeness, "metadata.html", "Metadata", "metadata", Query),
    Page(
        "/metadata/corrections",
        corrections,
        "corrections.html",
        "Corrections",
        "metadata",
        Corrections,
    ),
    Page("/metadata/approvals", questions, "questions.html", "Approvals", "metadata", Questions),
    Page("/metadata/approvals/{id:int}", question, "question.html", "Question", "metadata", Query),
)
ACTIONS = (Action("/metadata/approvals/{id:int}", answer),)
