"""Keep the tracker account safe: say whether one more download may be started now.

MyAnonamouse wants every torrent seeded for 72 hours within 30 days and a ratio of at least 1.0;
an account may have so many torrents not yet satisfied at once (50 as User, 100 as Power User, 150
as VIP, 200 above). Its own numbers are the truth; what they do not say counts as the worst case.
"""

from dataclasses import dataclass
from typing import Literal

from pipeline.domain.models import Release

FreeleechPolicy = Literal["any", "prefer", "only"]

GIB = 1024**3
_LIMITS = {"user": 50, "power user": 100, "vip": 150, "elite vip": 200, "elite": 200}


@dataclass(frozen=True, slots=True)
class Account:
    """The account as the tracker states it; None where it does not say.

    `uploaded` and `downloaded` in bytes. `unsatisfied` counts torrents below their seeding time.
    """

    ratio: float | None = None
    uploaded: int | None = None
    downloaded: int | None = None
    unsatisfied: int | None = None
    unsatisfied_limit: int | None = None
    rank: str = ""
    is_vip: bool = False
    wedges: int | None = None

    @property
    def limit(self) -> int | None:
        """How many unsatisfied torrents are allowed, by statement or else by rank."""
        if self.unsatisfied_limit is not None:
            return self.unsatisfied_limit
        return _LIMITS.get(self.rank.strip().lower())


@dataclass(frozen=True, slots=True)
class GovernorPolicy:
    """The user's limits.

    `slot_buffer` slots stay free for what the user fetches; `free_space` in bytes must be left
    after the download; `daily_cap` 0 means no cap.
    """

    minimum_ratio: float = 1.0
    slot_buffer: int = 10
    freeleech: FreeleechPolicy = "prefer"
    daily_cap: int = 0
    most_active: int = 10
    free_space: int = 5 * GIB
    seeding_hours: float = 72.0
    account_required: bool = True


@dataclass(frozen=True, slots=True)
class Allowed:
    """The download may start."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """The book waits; `topic` names what would have to change: "ratio", "slots", "space", ..."""

    topic: str
    reason: str


def allow(  # noqa: PLR0913  all that the account may forbid
    account: Account | None,
    policy: GovernorPolicy,
    *,
    today_grabs: int,
    active_downloads: int,
    free_bytes: int | None,
    release: Release,
    refused: str | None = None,
) -> Allowed | NotYet:
    """Say whether this release may be fetched now; the first limit that forbids it is named.

    `refused` is what the tracker said that refuses the account at a download under way; one more
    would fare the same. `free_bytes` is None when nobody knows, which forbids nothing. A wedge is
    never spent: a release is free only when it is marked so, or VIP for a VIP.
    """
    for check in (
        NotYet("tracker", f"its tracker refuses your account: {refused}") if refused else None,
        _active(policy, active_downloads),
        _daily(policy, today_grabs),
        _space(policy, free_bytes, release),
        _free_only(policy, account, release),
        _slots(policy, account),
        _ratio(policy, account, release),
    ):
        if check is not None:
            return check
    return Allowed()


def is_free(release: Release, account: Account | None) -> bool:
    """Whether fetching it costs no ratio."""
    return release.freeleech or (release.vip and account is not None and account.is_vip)


def may_be_removed(policy: GovernorPolicy, seeding_seconds: float, margin_hours: float = 4) -> bool:
    """Whether a torrent has met its seeding time, with a margin for the tracker's own count."""
    return seeding_seconds >= (policy.seeding_hours + margin_hours) * 3600


def _active(policy: GovernorPolicy, active: int) -> NotYet | None:
    if active < policy.most_active:
        return None
    return NotYet("active", f"{active} downloads are under way, {policy.most_active} at most")


def _daily(policy: GovernorPolicy, today: int) -> NotYet | None:
    if not policy.daily_cap or today < policy.daily_cap:
        return None
    return NotYet("daily", f"{today} were fetched today, {policy.daily_cap} a day at most")


def _space(policy: GovernorPolicy, free: int | None, release: Release) -> NotYet | None:
    if free is None or free - max(0, release.size) >= policy.free_space:
        return None
    left = max(0, free - max(0, release.size)) / GIB
    return NotYet(
        "space", f"only {left:.1f} GiB would be left, {policy.free_space / GIB:.1f} asked"
    )


def _free_only(policy: GovernorPolicy, account: Account | None, release: Release) -> NotYet | None:
    if policy.freeleech != "only" or is_free(release, account):
        return None
    return NotYet("freeleech", "only freeleech is fetched, and it is not free")


def _slots(policy: GovernorPolicy, account: Account | None) -> NotYet | None:
    if account is None or account.unsatisfied is None or account.limit is None:
        if not policy.account_required:
            return None
        return NotYet("account", "the tracker has not said how many slots are taken")
    left = account.limit - account.unsatisfied - policy.slot_buffer
    if left > 0:
        return None
    return NotYet(
        "slots",
        f"{account.unsatisfied} of {account.limit} torrents are still to be seeded, "
        f"{policy.slot_buffer} slots are kept free",
    )


def _ratio(policy: GovernorPolicy, account: Account | None, release: Release) -> NotYet | None:
    """Look at the ratio as it would be with this release downloaded and nothing uploaded."""
    if is_free(release, account):
        return None
    if account is None or account.ratio is None:
        return (
            NotYet("account", "the tracker has not said the ratio")
            if policy.account_required
            else None
        )
    after = account.ratio
    if account.uploaded is not None and account.downloaded is not None:
        total = account.downloaded + max(0, release.size)
        after = account.uploaded / total if total else account.ratio
    if min(after, account.ratio) >= policy.minimum_ratio:
        return None
    return NotYet(
        "ratio", f"the ratio would be {after:.2f}, {policy.minimum_ratio:.2f} is the least"
    )
