"""All workflows, their chains and times: the only place that knows an order.

A stage is a file in `stages/` of the same name. An event goes to the stage of its run's chain that
takes it; an event that no stage of the chain takes ends there. So the chain reads from left to
right, and a stage that must hand work back (a bad download to the search) passes the event that
the earlier stage takes.
"""

from dataclasses import dataclass

from pipeline.events import (
    ApprovalGiven,
    BookMissing,
    BookShelved,
    Event,
    RollbackRequested,
    RunRequested,
)

DESCRIBE = ("fetch_metadata", "ask_again", "link_series")
IMPORT = ("import_files", *DESCRIBE)
FETCH = ("queue_download", *IMPORT)
ACQUIRE = ("compare_library", *FETCH)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A chain of stages, the event that starts it, and when the clock starts it by default."""

    stages: tuple[str, ...]
    every: str | None = None  # cron, in the user's time zone
    starts_with: type[Event] = RunRequested


WORKFLOWS: dict[str, Workflow] = {
    "MAM": Workflow(("run_crawler",), every="0 2 * * *"),
    "CLEANUP": Workflow(("clean_up",), every="0 1 * * *"),
    "TOP10": Workflow(("discover_top10", *ACQUIRE), every="0 3 * * 0"),
    "METADATA_FULL": Workflow(("discover_library", *DESCRIBE), every="0 4 1 * *"),
    "METADATA_NEW": Workflow(("discover_recent", *DESCRIBE), every="30 4 * * 0"),
    "SERIES": Workflow(("discover_series", *ACQUIRE), every="0 3 2 * *"),
    "AUTHOR": Workflow(("discover_authors", *ACQUIRE), every="0 3 3 * *"),
    "IMPORTED": Workflow(DESCRIBE, starts_with=BookShelved),
    "REDOWNLOAD": Workflow(FETCH, starts_with=BookMissing),
    "SEARCH": Workflow(("search_releases",), starts_with=BookMissing),
    "APPROVED": Workflow(("apply_approval", *FETCH), starts_with=ApprovalGiven),
    "RESCAN": Workflow(("scan_library",)),
    "ROLLBACK": Workflow(("find_corrections", "roll_back"), starts_with=RollbackRequested),
}
