"""Tell Goodreads' refusals from its pages: a challenge must never be read as "not found"."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pipeline.errors import Transient, UnexpectedAnswer

CHALLENGES = frozenset({202, 405})
REFUSALS = frozenset({401, 403})
_SMALL = 5_000  # characters; the saved challenge pages have 1,400 and 2,000, real ones 100,000
_MARKS = ("awsWafCookieDomainList", "gokuProps")
_SIGN_IN = re.compile(r"<title>\s*(?:Sign in|Goodreads\s*[|-]\s*Sign in|Sign up)", re.IGNORECASE)


class EmptyPage(Transient):
    """Goodreads' frame came without its content, as it does when a part of it is overloaded."""

    code = "empty_page"


def challenge(status: int, headers: Mapping[str, str], text: str) -> str | None:
    """Say in words how this answer keeps us out; None when it is content.

    Amazon's firewall answers 202 (or 405) with the header `x-amzn-waf-action` and an empty body or
    a page of 1 to 2 KB; a refused address gets 403, a suspected robot a sign-in page.
    """
    if action := headers.get("x-amzn-waf-action"):
        return f"{status} and a firewall's {action}"
    head = text[:_SMALL]
    if any(mark in head for mark in _MARKS):
        return f"{status} and a firewall's challenge page"
    if status in CHALLENGES and len(text) < _SMALL:
        return f"{status} and {len(text)} characters instead of a page"
    if status in REFUSALS:
        return f"{status}"
    return "a sign-in page" if _SIGN_IN.search(head) else None


def load_json(text: str, asked: str) -> Any:
    """Return JSON; raises UnexpectedAnswer naming what was *asked*."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise UnexpectedAnswer(f"Goodreads: {asked}: no JSON ({error})") from error


def unknown_layout(asked: str, missing: str) -> UnexpectedAnswer:
    """Return the error for a page whose structure we do not know."""
    return UnexpectedAnswer(f"Goodreads: {asked}: the layout has changed, {missing}")
