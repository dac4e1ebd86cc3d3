"""What a tracker means when it lets a torrent have nothing: the torrent, the account, or the day.

The client shows a refusal at the tracker only; the torrent itself just stalls. BEP 3 leaves the
words of a `failure reason` to each tracker. These are gathered from trackers' software (Gazelle,
UNIT3D, NexusPHP, opentracker) and from what programs that tidy up clients look for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.domain.transfers import Tracker

Kind = Literal["torrent", "account", "other"]
LONGEST = 160  # characters of a tracker's words

# Every torrent of the account would fare the same; asked first, for "user is not registered".
_ACCOUNT = re.compile(
    r"pass ?key|auth ?key|\bpid\b.*(invalid|unknown)"
    r"|\b(user|account|member)\b.*(not|unknown|invalid|disabled|banned|suspended|parked|inactive)"
    r"|\b(unknown|invalid|disabled|banned) (user|account|member)"
    r"|\byou(r ip)?( address)? (are|is|have been) (banned|blocked|disabled)"
    r"|\bip\b.*(banned|blocked|not )"
    r"|unrecogni[sz]ed host"
    r"|\bclient\b.*(not (allowed|supported|accepted|whitelisted)|banned|blacklisted)|banned client"
    r"|\bratio\b|\bslots?\b|unsatisfied|(download|leech)\w* (privilege|right|is disabled|disabled)"
)
_TORRENT = re.compile(
    r"unregistered|not registered|nicht registriert"
    r"|\b(torrent|info ?_?hash)\b.*(not found|not exist|unknown|deleted|removed|banned|disabled)"
    r"|\b(unknown|invalid|deleted|no such) (torrent|info ?_?hash)|torrent (existiert|wurde) nicht"
    r"|torrent nicht gefunden|not (found )?in (the )?database"
    r"|\b(torrent|download)\b.*not authori[sz]ed (for use )?(on|with|by) this tracker"
    r"|\btrumped\b|\btrump:|\bdupe\b|\bretitled\b|\bnuked\b|specifically banned|pack is available"
)
_UNAUTHORISED = re.compile(r"(not |un)authori[sz]ed|access denied|forbidden")
_SECRETS = re.compile(r"\w+://\S+|\b(?=\w*\d)(?=\w*[a-zA-Z])\w{16,}\b")


@dataclass(frozen=True, slots=True)
class Objection:
    """What the trackers of a torrent have against it; `says` holds no secret.

    `torrent`: it is gone there, and another release helps. `account`: every torrent would fare the
    same. `other`: they are out of reach or say what we do not know, and time may help.
    """

    kind: Kind
    says: str


def objection(trackers: Sequence[Tracker]) -> Objection | None:
    """Return what keeps a torrent from its peers; None while any tracker works or is being asked.

    A trouble of the account is one whatever the others say; a torrent is gone only when all of its
    trackers say so.
    """
    if not trackers or not all(tracker.is_failing for tracker in trackers):
        return None
    found = [(_kind(tracker), tracker) for tracker in trackers]
    order: tuple[Kind, ...] = ("account", "other", "torrent")
    kind, tracker = min(found, key=lambda each: order.index(each[0]))
    return Objection(kind, f"{tracker.host}: {_clean(tracker.message)}")


def accepted(trackers: Sequence[Tracker]) -> bool:
    """Whether a tracker lets the torrent have its peers."""
    return any(tracker.is_working for tracker in trackers)


def _kind(tracker: Tracker) -> Kind:
    words = " ".join(tracker.message.lower().split())
    if tracker.is_out_of_reach:
        return "other"
    if _ACCOUNT.search(words):
        return "account"
    if _TORRENT.search(words):
        return "torrent"
    return "account" if _UNAUTHORISED.search(words) else "other"


def _clean(message: str) -> str:
    """Return a tracker's words as one line; it may repeat the announced address or its passkey."""
    line = " ".join(_SECRETS.sub("***", message).split()) or "no reason given"
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
