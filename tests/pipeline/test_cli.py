import argparse
import inspect

import pytest

from pipeline import cli


def commands(parser):
    """Every function that a parser and its subparsers name."""
    if parser.get_default("command"):
        yield parser.get_default("command")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                yield from commands(verb)


@pytest.mark.parametrize("command", sorted(set(commands(cli._parser()))))
def test_every_verb_leads_to_a_function_that_takes_settings_and_arguments(command):
    function = cli.found(command)

    assert inspect.iscoroutinefunction(function)
    assert len(inspect.signature(function).parameters) == 2


def test_the_verbs_are_many():
    assert len(set(commands(cli._parser()))) > 20
