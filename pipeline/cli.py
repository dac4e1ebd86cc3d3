"""The command `bookrunner`: one verb, one function."""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from pipeline import log, settings
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
        return asyncio.run(found(arguments.command)(given, arguments))
    except BookrunnerError as error:
        sys.stderr.write(f"bookrunner: {error}\n")
        return BAD
    except KeyboardInterrupt:
        return BAD


def found(command: str) -> Command:
    """Return the function that is named `module.function`; only this verb's modules are loaded."""
    module, _, name = command.partition(".")
    function: Command = getattr(importlib.import_module(f"pipeline.{module}"), name)
    return function


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bookrunner",
        description="Finds the books that a self-hosted audiobook library lacks.",
    )
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    def verb(name: str, command: str, about: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=about, description=about)
        sub.set_defaults(command=command)
        return sub

    verb("up", "commands.up", "start everything: database, worker, listener, pages and API")
    verb("worker", "working.worker", "run steps, until it is told to stop")
    verb("listen", "listening.listen", "hear of new books and watch downloads, until told to stop")
    verb("api", "commands.api", "serve the pages and the API")
    verb("migrate", "commands.migrate", "bring the database to the schema of this version")
    demo = verb("demo", "commands.demo", "run workflows in the sandbox, print what came of them")
    demo.add_argument("--keep", action="store_true", help="keep the demo's data folder")
    run = verb("run", "commands.run", "start a workflow")
    run.add_argument("workflow", choices=sorted(WORKFLOWS), metavar="WORKFLOW")
    run.add_argument("--wait", action="store_true", help="show how the books move, until it ends")
    run.add_argument(
        "--subject",
        default="",
        help="a book's number for REDOWNLOAD and SEARCH, an item's id for IMPORTED",
    )
    yes = verb("approve", "deciding.approve", "answer a question, or list the open ones")
    yes.add_argument("id", nargs="?", type=int, metavar="QUESTION")
    yes.add_argument("--reject", action="store_true", help="say no")
    yes.add_argument("--fields", help="agree to these fields only, separated by commas")
    back = verb("rollback", "deciding.roll_back", "take corrections of metadata back")
    back.add_argument("of", choices=("run", "book", "field"))
    back.add_argument("id", type=int, metavar="NUMBER", help="of the run, or of the book")
    back.add_argument("field", nargs="?", help="name of the field, after `field BOOK`")
    times = verb("schedule", "commands.show_schedule", "when the clock starts which workflow")
    change = times.add_subparsers(metavar="").add_parser("set", help="change when one is started")
    change.set_defaults(command="commands.set_schedule")
    change.add_argument("workflow", metavar="WORKFLOW")
    change.add_argument("cron", metavar="CRON", help='five fields, like "0 3 * * 0"')
    change.add_argument("--zone", help="IANA time zone; without it, the one you live in")
    for name, command, about in (
        ("pause", "commands.pause", "start a workflow by the clock no more"),
        ("resume", "commands.resume", "start a workflow by the clock again"),
    ):
        verb(name, command, about).add_argument("workflow", metavar="WORKFLOW")
    verb(
        "sign-in", "commands.sign_in_address", "print an address that signs a browser in, once"
    ).add_argument("--user", default="", help="whom; without it, the first user")
    _add_users(verbs)
    verb("status", "commands.status", "what runs, what waits, what failed")
    verb("doctor", "commands.doctor", "check every service and path, and say what to do")
    return parser


def _add_users(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs about users and their keys."""

    def family(name: str, about: str) -> Callable[[str, str, str], argparse.ArgumentParser]:
        members = verbs.add_parser(name, help=about, description=about)
        named = members.add_subparsers(required=True, metavar="WHAT")

        def member(name: str, command: str, about: str) -> argparse.ArgumentParser:
            sub = named.add_parser(name, help=about, description=about)
            sub.set_defaults(command=command)
            return sub

        return member

    key = family("key", "API keys: make, list, revoke")
    create = key("create", "housekeys.key_create", "make a key and print it, once")
    create.add_argument("name", help="what you call it")
    create.add_argument("--scopes", default="read,trigger", help="of read, trigger, admin")
    create.add_argument("--days", type=int, help="for how long it is good; without it, for ever")
    listing = key("list", "housekeys.key_list", "list the keys; never the keys themselves")
    revoke = key("revoke", "housekeys.key_revoke", "refuse a key from now on")
    revoke.add_argument("id", metavar="ID", help="the eight characters behind brk_")
    for sub in (create, listing, revoke):
        sub.add_argument("--user", default="", help="whose; without it, the first user's")
    user = family("user", "users: add, list, disable, enable, export, delete")
    add = user("add", "housekeys.user_add", "add a user and print their first key")
    add.add_argument("--admin", action="store_true", help="may manage users and the system")
    add.add_argument("--zone", help="IANA time zone of the user")
    delete = user("delete", "housekeys.user_delete", "delete a user with everything of theirs")
    delete.add_argument("--yes", default="", metavar="NAME", help="the name again, to mean it")
    user("list", "housekeys.user_list", "list who uses this installation")
    members = [add, delete]
    for name, command, about in (
        ("disable", "housekeys.user_disable", "refuse a user's keys and end their runs"),
        ("enable", "housekeys.user_enable", "let a user in again"),
        ("export", "housekeys.user_export", "print everything of a user as JSON, without secrets"),
    ):
        members.append(user(name, command, about))
    for sub in members:
        sub.add_argument("name", metavar="USER")
    secret = family("vault", "stored credentials")
    secret("rotate", "housekeys.rotate", "encrypt them under the newest secret key")


if __name__ == "__main__":
    sys.exit(main())
