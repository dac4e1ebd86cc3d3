"""The command `bookrunner`: one verb, one function."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from pipeline import commands, deciding, log, settings
from pipeline.errors import BookrunnerError
from pipeline.settings import Settings
from pipeline.workflows import WORKFLOWS

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]
GOOD, BAD, MISUSED = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 good, 1 failed, 2 misused."""
    arguments = _parser().parse_args(argv)
    try:
        given = settings.load()
        log.configure(given.log_level, given.log_format)
        command: Command = arguments.command
        return asyncio.run(command(given, arguments))
    except BookrunnerError as error:
        sys.stderr.write(f"bookrunner: {error}\n")
        return BAD
    except KeyboardInterrupt:
        return BAD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bookrunner",
        description="Finds the books that a self-hosted audiobook library lacks.",
    )
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    def verb(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=about, description=about)
        sub.set_defaults(command=command)
        return sub

    verb("up", commands.up, "start everything: database, worker, listener, pages and API")
    verb("worker", commands.worker, "run steps, until it is told to stop")
    verb("listen", commands.listen, "hear of new books and watch downloads, until told to stop")
    verb("api", commands.api, "serve the pages and the API")
    verb("migrate", commands.migrate, "bring the database to the schema of this version")
    demo = verb("demo", commands.demo, "run the workflows on the sandbox and print what came of it")
    demo.add_argument("--keep", action="store_true", help="keep the demo's data folder")
    run = verb("run", commands.run, "start a workflow")
    run.add_argument("workflow", choices=sorted(WORKFLOWS), metavar="WORKFLOW")
    run.add_argument("--wait", action="store_true", help="show how the books move, until it ends")
    run.add_argument(
        "--subject", default="", help="a book's number for REDOWNLOAD, an item's id for IMPORTED"
    )
    yes = verb("approve", deciding.approve, "answer a question, or list the open ones")
    yes.add_argument("id", nargs="?", type=int, metavar="QUESTION")
    yes.add_argument("--reject", action="store_true", help="say no")
    yes.add_argument("--fields", help="agree to these fields only, separated by commas")
    back = verb("rollback", deciding.roll_back, "take corrections of metadata back")
    back.add_argument("of", choices=("run", "book", "field"))
    back.add_argument("id", type=int, metavar="NUMBER", help="of the run, or of the book")
    back.add_argument("field", nargs="?", help="name of the field, after `field BOOK`")
    times = verb("schedule", commands.show_schedule, "when the clock starts which workflow")
    change = times.add_subparsers(metavar="").add_parser("set", help="change when one is started")
    change.set_defaults(command=commands.set_schedule)
    change.add_argument("workflow", metavar="WORKFLOW")
    change.add_argument("cron", metavar="CRON", help='five fields, like "0 3 * * 0"')
    change.add_argument("--zone", help="IANA time zone; without it, the one you live in")
    for name, command, about in (
        ("pause", commands.pause, "start a workflow by the clock no more"),
        ("resume", commands.resume, "start a workflow by the clock again"),
    ):
        verb(name, command, about).add_argument("workflow", metavar="WORKFLOW")
    verb(
        "sign-in", commands.sign_in_address, "print an address that signs a browser in, once"
    ).add_argument("--user", default="", help="whom; without it, the first user")
    verb("status", commands.status, "what runs, what waits, what failed")
    verb("doctor", commands.doctor, "check every service and path, and say what to do")
    return parser


if __name__ == "__main__":
    sys.exit(main())
