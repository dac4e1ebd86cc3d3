"""Each way in which a service fails has words of its own, and they say what to do."""

from datetime import timedelta

import pytest

from pipeline import errors
from pipeline.domain.remedies import NAMES, remedy

SOON = timedelta(minutes=1)
FAILURES = (
    errors.ServiceDown("x: GET /: no answer"),
    errors.ServiceRefused("x: GET /: 401"),
    errors.UnexpectedAnswer("x: GET /: not JSON"),
    errors.RateLimited("x: 429"),
    errors.CircuitOpen("x: left alone", after=SOON),
    errors.QuotaSpent("x: spent", after=SOON),
    errors.ServiceBlocked("x: a challenge", after=SOON),
    errors.NotConfigured("x: no key"),
    errors.Unsafe("x: connect: none that we go to"),
    errors.ConfigurationError("x: no key opens what is stored"),
)


@pytest.mark.parametrize("service", [*NAMES, "disks", "crawler"])
def test_every_failure_of_every_service_is_a_whole_sentence(service):
    for failure in FAILURES:
        words = remedy(service, failure)
        assert words[0].isupper() or words.startswith("qBittorrent")
        assert words.endswith((".", "?")), words
        assert "{" not in words


def test_a_service_at_home_and_one_on_the_internet_fail_in_different_ways():
    down = errors.ServiceDown("x: no answer")

    assert "localhost is the container itself" in remedy("prowlarr", down)
    assert "way to the internet" in remedy("google_books", down)


def test_a_spent_budget_is_no_question_of_pace():
    assert "tomorrow" in remedy("google_books", errors.QuotaSpent("x", after=SOON))
    assert "few minutes" in remedy("google_books", errors.RateLimited("x"))


def test_a_refused_password_of_qbittorrent_comes_with_the_warning_of_the_ban():
    assert "five wrong passwords" in remedy("qbittorrent", errors.ServiceRefused("x: Fails."))


def test_a_folder_that_is_not_seen_is_about_folders_and_a_silent_service_about_the_service():
    assert "one file system" in remedy("disks", OSError("no such folder"))
    assert "answers well" in remedy("disks", errors.ServiceDown("x: no answer"))
