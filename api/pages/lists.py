"""What queries of lists answer, taken apart."""

from typing import Any

Rows = list[dict[str, Any]]


def parted(rows: Rows) -> tuple[int, Rows]:
    """Return how many rows there are in all, and those of this page.

    Such a query tells `total` in each row, and one empty row for a page beyond the end.
    """
    total = int(rows[0]["total"]) if rows else 0
    return total, [row for row in rows if row["id"] is not None]
