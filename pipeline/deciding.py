"""What the command line does with questions and corrections; every verb returns the exit code."""

from argparse import Namespace

from rich.console import Console
from rich.table import Table

from pipeline import approvals, redownload, rollback, runs
from pipeline.db import Pool
from pipeline.errors import BadInput
from pipeline.events import BookShelved
from pipeline.house import House, open_house
from pipeline.runs import StartedRun
from pipeline.settings import Settings

GOOD = 0
_out = Console()


async def start(pool: Pool, user_id: int, workflow: str, subject: str) -> StartedRun:
    """Start a workflow that a person named; *subject* is a book's number or an item's id.

    Raises BadInput for a workflow that needs another subject, or starts otherwise.
    """
    if workflow == redownload.WORKFLOW:
        return await redownload.start(pool, user_id, _number(subject, "REDOWNLOAD --subject BOOK"))
    if workflow == redownload.SEARCH:
        return await redownload.search(pool, user_id, _number(subject, "SEARCH --subject BOOK"))
    if workflow == "IMPORTED":
        if not subject:
            raise BadInput("IMPORTED --subject ITEM: which item of Audiobookshelf?")
        event = BookShelved(abs_id=subject)
        return await runs.start(pool, user_id, workflow, event=event, subject=subject)
    return await runs.start(pool, user_id, workflow, subject=subject)


async def approve(settings: Settings, arguments: Namespace) -> int:
    """Answer a question; without its number, list the open ones."""
    async with open_house(settings, lambda _: None, sandbox=False) as house:
        pool, user = house.pool, house.user.user_id
        if arguments.id is None:
            return await _list(house)
        fields = [f.strip() for f in arguments.fields.split(",")] if arguments.fields else None
        run = await approvals.decide(
            pool, user, arguments.id, approve=not arguments.reject, fields=fields
        )
    _out.print("declined" if run is None else f"agreed: run {run.id} does it")
    return GOOD


async def roll_back(settings: Settings, arguments: Namespace) -> int:
    """Take the corrections of a run, a book or a field back."""
    if (arguments.of == "field") != (arguments.field is not None):
        raise BadInput("say: rollback run RUN, rollback book BOOK, or rollback field BOOK FIELD")
    async with open_house(settings, lambda _: None, sandbox=False) as house:
        pool, user = house.pool, house.user.user_id
        if arguments.of == "run":
            run = await rollback.run(pool, user, arguments.id)
        elif arguments.field is None:
            run = await rollback.book(pool, user, arguments.id)
        else:
            run = await rollback.field(pool, user, arguments.id, arguments.field)
    _out.print(f"run {run.id} takes it back; what the user edited since stays")
    return GOOD


async def _list(house: House) -> int:
    table = Table(title="Questions", title_justify="left", box=None)
    for column in ("number", "question", "why it is asked"):
        table.add_column(column)
    for row in await approvals.listed(house.pool, house.user.user_id):
        table.add_row(str(row["id"]), row["title"], row["reason"])
    _out.print(table)
    return GOOD


def _number(subject: str, usage: str) -> int:
    if not subject.isdecimal():
        raise BadInput(f"{usage}: {subject!r} is no number of a book")
    return int(subject)
