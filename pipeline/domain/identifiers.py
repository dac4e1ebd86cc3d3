"""Read the identifiers of editions: both ISBNs as one, an ASIN told from an ISBN in its place."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from typing import Literal

_KEEP = re.compile(r"[^0-9Xx]")
_ASIN = re.compile(r"B0[0-9A-Z]{8}")

AsinKind = Literal["amazon", "isbn", ""]


def isbn13(text: str | None) -> str | None:
    """Return the ISBN as thirteen digits, from either form, hyphens or not; None when wrong.

    Both check digits are verified: ISBN-10 weighs 10..1 modulo 11, ISBN-13 1 and 3 modulo 10.
    """
    bare = _KEEP.sub("", text or "").upper()
    if len(bare) == 10 and _fits_10(bare):
        return _with_check(f"978{bare[:9]}")
    if len(bare) == 13 and bare.isdecimal() and bare[:3] in {"978", "979"}:
        return bare if _with_check(bare[:12]) == bare else None
    return None


def _fits_10(bare: str) -> bool:
    if not bare[:9].isdecimal():
        return False
    digits = [10 if char == "X" else int(char) for char in bare]
    return (
        sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11
        == 0
    )


def _with_check(first_twelve: str) -> str:
    total = sum(int(char) * (3 if at % 2 else 1) for at, char in enumerate(first_twelve))
    return f"{first_twelve}{-total % 10}"


def asin_kind(text: str | None) -> AsinKind:
    """Amazon's own number ("B0..."), an ISBN-10 used as one (print editions), or neither."""
    bare = (text or "").strip().upper()
    if _ASIN.fullmatch(bare):
        return "amazon"
    return "isbn" if len(bare) == 10 and isbn13(bare) else ""


def edition_ids(isbn: str | None, asin: str | None) -> frozenset[str]:
    """All that names one edition, comparable: "isbn:9780...", "asin:B0..."."""
    found = {f"isbn:{number}" for number in (isbn13(isbn),) if number}
    kind = asin_kind(asin)
    if kind == "amazon":
        found.add(f"asin:{(asin or '').strip().upper()}")
    elif kind == "isbn":
        found.add(f"isbn:{isbn13(asin)}")
    return frozenset(found)
