"""Every model that a call answers with."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.contract import Answer, Moment, Page, Percent

ReasonMissing = Literal["series_gap", "author_gap"]
RunStatus = Literal["scheduled", "running", "completed", "failed", "cancelled"]
StepStatus = Literal["ready", "waiting", "retrying", "done", "stopped", "failed", "cancelled"]


class Book(Answer):
    """A book: owned, or wanted."""

    id: int
    title: str
    author: str
    series: str
    abs_id: Annotated[str | None, Field(description="Its item in Audiobookshelf.")]
    isbn: str | None
    asin: str | None
    owned: bool
    metadata_completeness: Percent
    date_added: Moment
    sequence: Annotated[str | None, Field(description="Its place, in a list of a series.")] = None


class MissingBook(Answer):
    """A book that the library lacks."""

    id: int
    book_id: int
    series_id: int | None
    author_id: int | None
    title: str
    author: str
    series: str | None
    position: str | None
    reason_missing: ReasonMissing
    identified_date: Moment
    download_status: str
    released_on: str | None
    reason: Annotated[str | None, Field(description="Why it is where it is, in words.")]


class Author(Answer):
    """An author with what is owned and what is missing; lists are cut at 500."""

    id: int
    name: str
    total_audiobooks_found: int
    audiobooks_owned: int
    audiobooks_missing: int
    last_completion_check: Moment | None
    external_ids: dict[str, Any]
    warning: str | None
    books: list[Book]
    missing_audiobooks: list[MissingBook]


class Series(Answer):
    """A series with what is owned and what is missing; lists are cut at 500."""

    id: int
    name: str
    author: str
    total_books: int
    books_owned: int
    books_missing: int
    completion_status: str
    last_completion_check: Moment | None
    goodreads_id: str | None
    warning: str | None
    owned_books: list[Book]
    missing_books: list[MissingBook]


class ChartEntry(Answer):
    """One place of a chart."""

    rank: int
    title: str
    authors: str
    series: str
    narrator: str
    seeders: int | None
    size_bytes: int
    owned: bool
    decision: str
    reason: str | None
    book_id: int | None


class Chart(Answer):
    """The ten most popular audiobooks of a genre."""

    genre: str
    ranked_by: Literal["snatches", "grabs"]
    fetched_at: Moment
    entries: list[ChartEntry]


class Top10(Answer):
    """The charts of a week; none and no week before the first run."""

    week: Annotated[str | None, Field(description="ISO week, like 2026-W46.")]
    genres: list[Chart]


class FieldCompleteness(Answer):
    """How many books hold a field."""

    field: str
    filled: int
    percent: Percent


class BookCompleteness(Answer):
    """How complete one book's metadata is."""

    id: int
    abs_id: str
    title: str
    author: str
    series: str
    metadata_completeness: Percent
    last_metadata_update: Moment | None
    metadata_source: Annotated[dict[str, str], Field(description="Field to source.")]
    missing_fields: list[str]


class MetadataStatus(Page[BookCompleteness]):
    """All owned books with their completeness, and percent complete per field."""

    fields: list[FieldCompleteness]


class Run(Answer):
    """A run of a workflow."""

    id: int
    workflow: str
    subject: Annotated[str, Field(description="What it is about when not everything.")]
    status: RunStatus
    started_by: Literal["schedule", "event", "request"]
    scheduled_time: Moment
    actual_start: Moment | None
    actual_end: Moment | None
    error_message: str | None
    counts: Annotated[
        dict[str, dict[str, int]], Field(description="Stage to status to number of steps.")
    ]


class Step(Answer):
    """One event of a run at one stage, and what became of it."""

    id: int
    parent_id: int | None
    stage: str
    kind: str
    key: str
    event: dict[str, Any]
    status: StepStatus
    attempts: int
    outcome: str | None
    reason: str | None
    detail: dict[str, Any] | None
    due_at: Moment | None
    topic: str | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class StepPage(Page[Step]):
    """Steps of a run."""


class RunDetail(Run):
    """A run with its stages in order, and a page of its steps."""

    stages: list[str]
    steps: StepPage


class LogLine(Answer):
    """A line of a run's log."""

    id: int
    at: Moment
    level: str
    line: str


class StartedRun(Answer):
    """The run that was asked for; `created` is false when it was under way already."""

    id: int
    workflow: str
    created: bool
    location: Annotated[str, Field(description="Where the run is to be seen.")]


class StartedRuns(Answer):
    """The runs that an event led to."""

    runs: list[StartedRun]


class Decided(Answer):
    """What followed from an answer: a run after a yes, none after a no."""

    run: StartedRun | None


class Download(Answer):
    """A release that was handed to the download client for a book."""

    id: int
    book_id: int
    title: str
    author: str
    source: Literal["MAM", "Google", "Goodreads"]
    magnet_link: str | None
    status: Literal["queued", "downloading", "completed", "failed"]
    retry_count: int
    last_attempt: Moment
    next_retry: Moment | None
    abs_import_status: str
    run_id: int | None
    infohash: str
    release_title: str
    indexer: str
    size_bytes: int
    progress: Annotated[float, Field(description="Share that is downloaded, 0 to 1.")]
    speed: Annotated[int, Field(description="Bytes per second.")]
    eta_seconds: int | None
    state: str
    reason: str | None
    created_at: Moment
    completed_at: Moment | None
    tracker_says: Annotated[
        str | None, Field(description="What its tracker has against it, by the tracker's host.")
    ]


class Decision(Answer):
    """A release that was looked at for a book, and what was decided."""

    id: int
    run_id: int | None
    title: str
    indexer: str
    source: str
    verdict: Literal["chosen", "fit", "refused"]
    by_hand: Annotated[bool, Field(description="Whether a person took it, against its refusals.")]
    refusals: Annotated[list[Any], Field(description="Each rule that refused it, and why.")]
    ranking: Annotated[list[Any], Field(description="The arithmetic of its score.")]
    score: float
    size_bytes: int
    seeders: int | None
    decided_at: Moment
    blocked_as: Annotated[
        int | None,
        Field(description="Its entry of the blocklist; to be allowed before it is taken."),
    ]


class BlockedRelease(Answer):
    """A release that is not to be tried again for a book."""

    id: int
    book_id: int
    book: str
    title: str
    infohash: str | None
    reason: str
    created_at: Moment


class Correction(Answer):
    """A change of one field of one book."""

    id: int
    book_id: int
    book: str
    field: str
    old_value: Any
    new_value: Any
    source: Literal["GoogleBooks", "Goodreads", "Manual"]
    correction_date: Moment
    run_id: int | None
    undoes_id: int | None
    undone_at: Moment | None


class Approval(Answer):
    """What waits for a yes or no."""

    id: int
    kind: Literal["metadata", "top10", "author"]
    subject: str
    book_id: int | None
    run_id: int | None
    title: str
    proposal: Annotated[Any, Field(description="What would be done, field by field.")]
    reason: str
    status: Literal["open", "approved", "rejected", "expired"]
    created_at: Moment
    decided_at: Moment | None


class Schedule(Answer):
    """When the clock starts a workflow."""

    workflow: str
    cron: str
    time_zone: str
    next_run_at: Moment | None
    paused_at: Moment | None
    last_run_id: int | None


class Schedules(Answer):
    """All schedules."""

    records: list[Schedule]


class Failure(Answer):
    """A line of the permanent ledger of failures."""

    id: int
    workflow: str
    stage: str
    item_id: str
    code: str
    reason: str
    first_attempt: Moment
    last_attempt: Moment
    attempt_count: int


class Key(Answer):
    """An API key; the key itself is shown once, when it is made."""

    id: str
    name: str
    scopes: list[str]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    last_used_at: Moment | None
    valid: bool


class Keys(Answer):
    """All keys of the user."""

    records: list[Key]


class NewKey(Answer):
    """A key that was made just now."""

    id: str
    key: Annotated[str, Field(description="The key; nobody can read it again.")]


class ServiceField(Answer):
    """A value of a service; the value itself is never answered."""

    field: str
    updated_at: Moment | None
    stored: bool


class ServiceSetup(Answer):
    """A service, whether it is set up, and which values the user has stored."""

    service: str
    configured: bool
    fields: list[ServiceField]


class ServiceSetups(Answer):
    """All services of the user."""

    records: list[ServiceSetup]


class ServiceHealth(Answer):
    """How a remote service fares."""

    name: str
    status: Annotated[
        Literal["ok", "failing", "left_alone", "unknown", "off"],
        Field(description="left_alone: it failed so often that it is not asked for a while."),
    ]
    failures: Annotated[int, Field(description="Failures in a row.")]
    left_alone_until: Moment | None
    last_error: str | None
    last_failure_at: Moment | None
    last_success_at: Moment | None


class DatabaseHealth(Answer):
    """How the database fares."""

    status: Literal["ok"]
    version: str
    at: Moment


class QueueHealth(Answer):
    """What the workers have before them."""

    ready: int
    waiting: int
    retrying: int
    oldest_ready_seconds: float


class Rate(Answer):
    """How often something failed in the last thirty days."""

    name: str
    total: int
    ended: int
    failed: int
    failure_percent: Percent
    last_end: Moment | None


class ReasonRate(Answer):
    """How often a reason ended something in the last thirty days."""

    code: str
    items: int
    attempts: int
    last_attempt: Moment


class FailureRates(Answer):
    """Failure rates of the last thirty days."""

    by_workflow: list[Rate]
    by_source: list[Rate]
    by_reason: list[ReasonRate]


class HistoryEntry(Answer):
    """One of the newest runs."""

    id: int
    workflow: str
    status: RunStatus
    scheduled_time: Moment
    actual_start: Moment | None
    actual_end: Moment | None
    error_message: str | None


class LibraryCounts(Answer):
    """How much there is."""

    books_owned: int
    books_missing: int
    series: int
    authors: int
    downloads_active: int
    approvals_open: int


class SystemStats(Answer):
    """Health, history of runs and failure rates."""

    version: str
    status: Annotated[
        Literal["ok", "degraded"], Field(description="degraded: a service that is set up fails.")
    ]
    database: DatabaseHealth
    services: list[ServiceHealth]
    queue: QueueHealth
    library: LibraryCounts
    history: list[HistoryEntry]
    failure_rates: FailureRates


class Pong(Answer):
    """The process answers."""

    status: Literal["OK"] = "OK"


class AuthorPage(Page[Author]):
    """Authors."""


class SeriesPage(Page[Series]):
    """Series."""


class BookPage(Page[Book]):
    """Books."""


class MissingPage(Page[MissingBook]):
    """Missing books."""


class RunPage(Page[Run]):
    """Runs."""


class LogPage(Page[LogLine]):
    """Lines of a log."""


class DownloadPage(Page[Download]):
    """Downloads."""


class DecisionPage(Page[Decision]):
    """Decisions about releases."""


class BlocklistPage(Page[BlockedRelease]):
    """Blocked releases."""


class CorrectionPage(Page[Correction]):
    """Corrections."""


class ApprovalPage(Page[Approval]):
    """Approvals."""


class FailurePage(Page[Failure]):
    """Failures."""
