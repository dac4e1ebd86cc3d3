"""What the files in stages/ declare: each stage's function, what it takes, what it answers."""

import importlib
import re
import typing
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.events import Event

FOLDER = Path(__file__).resolve().parents[2] / "stages"
NAMES = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
# A beat's text may go on, indented, on the next line.
_HEADER = re.compile(r"^(Takes|Passes|Waits|Stops) +(.+(?:\n +.+)*)$", re.MULTILINE)


def module(stage: str) -> ModuleType:
    return importlib.import_module(f"stages.{stage}")


def function(stage: str) -> Callable[..., Any]:
    return module(stage).run


def header(stage: str) -> dict[str, str]:
    """Read the stage's own words: Takes, Passes, Waits, Stops."""
    found = _HEADER.findall(module(stage).__doc__ or "")
    return {beat: " ".join(text.split()) for beat, text in found}


def takes(stage: str) -> type[Event]:
    return typing.get_type_hints(function(stage))["event"]


def answers(stage: str) -> set[type]:
    """Every type that the stage's return annotation names, lists and unions opened."""
    return _leaves(typing.get_type_hints(function(stage))["return"])


def passes(stage: str) -> set[type[Event]]:
    return {answer for answer in answers(stage) if issubclass(answer, Event)}


def _leaves(hint: Any) -> set[type]:
    parts = typing.get_args(hint)
    return {leaf for part in parts for leaf in _leaves(part)} if parts else {hint}
