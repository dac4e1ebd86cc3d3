"""Crawlers for tests: the stand-in we ship on the sandbox's site, or a few lines of Python."""

import sys
from dataclasses import replace
from datetime import timedelta

from pydantic import SecretStr

from pipeline.crawler import SHIPPED, Crawler, CrawlerSetup

# What the shipped script says of itself, for scripts of a test's own that play it.
HEAD = '"""A stand-in for the sandbox."""\nimport json, os, sys, time\nfrom pathlib import Path\n'
LOGS = "log = open('stealth_crawler.log', 'a', encoding='utf-8')\n"


class Notes:
    """A journal that keeps everything; *wanted* answers are given, then True."""

    def __init__(self, *wanted):
        self.lines, self._wanted = [], list(wanted)

    def add(self, line):
        self.lines.append(line)

    async def turn(self):
        return self._wanted.pop(0) if self._wanted else True

    @property
    def text(self):
        return "\n".join(self.lines)


def setup(folder, site="", **changed):
    """The shipped stand-in with the site's credentials."""
    plain = CrawlerSetup(
        script=SHIPPED,
        python=sys.executable,
        folder=folder,
        username="reader",
        password=SecretStr("sandbox-guides"),
        acknowledged=True,
        limit=timedelta(seconds=30),
        site=site,
        in_sandbox=True,
        environment={"SANDBOX_GUIDES_PAUSE": "0"},
        grace=0.5,
    )
    return replace(plain, **changed)


def scripted(folder, body, **changed):
    """A crawler whose script is *body*."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "script.py"
    script.write_text(HEAD + LOGS + body, encoding="utf-8")
    return Crawler(setup(folder / "work", script=script, site="http://127.0.0.1:9", **changed))
