"""What trackers say, in their own words, is a matter of the torrent, of the account, or of time."""

import pytest

from pipeline.domain.tracker_words import LONGEST, accepted, objection
from pipeline.domain.transfers import Tracker

GONE = (
    "Unregistered torrent",
    "unregistered torrent pass",
    "Torrent not registered with this tracker.",
    "This torrent is not registered",
    "torrent not found",
    "Torrent is not found",
    "Torrent has been deleted.",
    "Torrent deleted",
    "Torrent banned",
    "Torrent does not exist",
    "InfoHash not found.",
    "unknown torrent",
    "invalid info_hash",
    "Requested download is not authorized for use with this tracker.",
    "Torrent is not authorized for use on this tracker",
    "Trumped: https://example.org/torrents/7",
    "Torrent existiert nicht",
)
ACCOUNT = (
    "Unrecognized host/PassKey. (192.0.2.7)",
    "passkey not found",
    "Invalid passkey! Re-download the .torrent from https://example.org",
    "Unknown PassKey. Please redownload the torrent file.",
    "User is not registered",
    "Your account is disabled",
    "Unauthorized",
    "You are not authorized",
    "403 Forbidden",
    "Your client is not allowed",
    "Client is not whitelisted: qBittorrent/4.5.2",
    "You are banned",
    "Your IP is not registered with this tracker",
    "You have too many unsatisfied torrents",
    "Download privileges are disabled",
    "Your ratio is too low",
)
TIME = (
    "Connection refused",
    "Internal Server Error",
    "timed out",
    "Host not found (authoritative)",
    "skipping tracker announce (unreachable)",
    "Bad Gateway",
    "Operation canceled",
    "You have reached the client limit for this torrent",
    "a reason that nobody has heard before",
    "",
)


def failing(message, host="t.example", **more):
    return Tracker(host, is_failing=True, message=message, **more)


WORKING = Tracker("t.example", is_failing=False, message="", is_working=True)
ASKED = Tracker("t.example", is_failing=False, message="")


@pytest.mark.parametrize(
    ("message", "kind"),
    [(words, "torrent") for words in GONE]
    + [(words, "account") for words in ACCOUNT]
    + [(words, "other") for words in TIME],
)
@pytest.mark.parametrize("written", [str, str.upper, str.lower])
def test_a_trackers_words_are_understood_however_they_are_written(message, kind, written):
    assert objection([failing(written(message))]).kind == kind


def test_a_tracker_known_to_be_out_of_reach_refuses_nothing():
    found = objection([failing("Unregistered torrent", is_out_of_reach=True)])

    assert found.kind == "other"


def test_while_one_tracker_works_or_is_being_asked_there_is_no_objection():
    assert objection([failing("Unregistered torrent"), WORKING]) is None
    assert objection([failing("Unregistered torrent"), ASKED]) is None
    assert objection([]) is None
    assert accepted([failing("x"), WORKING])
    assert not accepted([failing("x"), ASKED])


def test_a_torrent_is_gone_only_when_every_tracker_says_so():
    both = [failing("Unregistered torrent"), failing("torrent not found")]

    assert objection(both).kind == "torrent"
    assert objection([*both, failing("timed out")]).kind == "other"


def test_a_trouble_of_the_account_is_one_whatever_the_other_trackers_say():
    found = objection([failing("timed out"), failing("passkey not found", "two.example")])

    assert (found.kind, found.says) == ("account", "two.example: passkey not found")


def test_what_is_told_holds_no_secret_and_is_one_short_line():
    passkey = "0123456789abcdef0123456789abcdef"
    found = objection(
        [
            failing(
                f"Invalid passkey {passkey}\nsee https://t.example/{passkey}/announce " + "x " * 99
            )
        ]
    )

    assert passkey not in found.says
    assert "\n" not in found.says
    assert len(found.says) <= len("t.example: ") + LONGEST


def test_a_refusal_without_a_word_says_so():
    assert objection([failing("")]).says == "t.example: no reason given"
