#!/usr/bin/env python3
"""A stand-in for the sandbox: put your own stealth_mam_crawler.py in the place of this file.

It keeps the contract of the script that it stands for (legacy_scripts/README.md), so that the
workflow MAM can be seen and tested. It reads guides from the sandbox's own site on this machine and
refuses any other host. Only the standard library is needed.
"""

import html
import ipaddress
import json
import logging
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from http.cookiejar import CookieJar
from pathlib import Path

OUTPUT = Path("guides_output")
STATE = Path("crawler_state.json")
NAME = "http://guides.sandbox"  # what guides are known by: the sandbox's port changes with each start
LINK = re.compile(r'<a class="guide" href="([^"]+)">([^<]*)</a>')
FIELD = re.compile(r'<(h1|meta name="category"|meta name="description"|article)([^>]*)>(?:(.*?)</\1>)?', re.S)


def load_dotenv():
    """Read .env from the working directory; variables that are set already win."""
    try:
        lines = Path(".env").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        name, sign, value = line.partition("=")
        if sign and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


load_dotenv()
logging.basicConfig(
    level=logging.INFO,
    format="%(asctime)s - %(levelname)s - %(message)s",
    handlers=[
        logging.FileHandler("stealth_crawler.log", encoding="utf-8"),
        logging.StreamHandler(sys.stdout),
    ],
)
log = logging.getLogger("crawler")


def site():
    """Return the sandbox's address; end when it is not on this machine."""
    base = os.environ.get("SANDBOX_GUIDES_URL", "").rstrip("/")
    host = urllib.parse.urlsplit(base).hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False  # a name could lead anywhere
    if not loopback:
        log.error("This stand-in visits the sandbox on this machine only, not %r", host)
        return None
    return base


class Visitor:
    """Asks the sandbox's site; follows nothing, and uses no proxy."""

    def __init__(self, base):
        self.base = base
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(CookieJar()),
            NoRedirect(),
        )

    def ask(self, path, form=None):
        data = None if form is None else urllib.parse.urlencode(form).encode()
        with self.opener.open(self.base + path, data, timeout=30) as answer:
            return answer.read().decode("utf-8")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead off this machine."""

    def redirect_request(self, *_):
        return None


def load_state():
    try:
        return json.loads(STATE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"completed": [], "failed": [], "pending": [], "last_run": None}


def save_state(state):
    state["last_run"] = datetime.now().isoformat()
    STATE.write_text(json.dumps(state, indent=2), encoding="utf-8")


def file_name(title):
    name = re.sub(r'[<>:"/\\|?*]', "", title)
    return re.sub(r"\s+", "_", name)[:100] + ".md"


def write_guide(url, title, page):
    found = {}
    for name, attributes, inside in FIELD.findall(page):
        value = inside or "".join(re.findall(r'content="([^"]*)"', attributes))
        found[name.split('"')[1] if '"' in name else name] = html.unescape(value.strip())
    OUTPUT.joinpath(file_name(title)).write_text(
        f"# {title}\n\n"
        f"**URL:** {url}\n"
        f"**Category:** {found.get('category', 'Uncategorized')}\n"
        f"**Page Title:** {found.get('h1', title)}\n"
        f"**Description:** {found.get('description', '')}\n"
        f"**Crawled:** {datetime.now().isoformat()}\n"
        f"**Attempts:** 1\n\n"
        f"## Content\n\n{found.get('article', '')}\n",
        encoding="utf-8",
    )


def log_in(visitor):
    username, password = os.environ.get("MAM_USERNAME"), os.environ.get("MAM_PASSWORD")
    if not username or not password:
        log.error("MAM_USERNAME and MAM_PASSWORD must be set")
        return False
    if re.search(r"[\"'\\]", password):  # the script that this stands for cannot type these
        log.error("Authentication failed")
        return False
    try:
        visitor.ask("/login", {"username": username, "password": password})
    except urllib.error.HTTPError:
        log.error("Authentication failed")
        return False
    log.info("Authentication successful")
    return True


def crawl(visitor):
    state = load_state()
    links = LINK.findall(visitor.ask("/guides"))
    if not links:
        log.error("No guide links found")
        return
    todo = [(path, html.unescape(title)) for path, title in links
            if NAME + path not in state["completed"]]
    if not todo:
        log.info("All guides already crawled")
        return
    for number, (path, title) in enumerate(todo, start=1):
        url = NAME + path
        time.sleep(float(os.environ.get("SANDBOX_GUIDES_PAUSE", "0.05")))
        log.info("[%d/%d] %s", number, len(todo), title)
        try:
            write_guide(url, title, visitor.ask(path))
            state["completed"].append(url)
        except urllib.error.URLError as error:
            log.warning("Failed: %s: %s", title, error)
            state["failed"].append({"url": url, "title": title, "error": str(error),
                                    "timestamp": datetime.now().isoformat()})
        save_state(state)
    log.info("CRAWL COMPLETE: %d guides known", len(state["completed"]))


def main():
    OUTPUT.mkdir(exist_ok=True)
    base = site()
    if base is None:
        return
    visitor = Visitor(base)
    try:
        if log_in(visitor):
            crawl(visitor)
    except Exception as error:
        log.error("Crawl failed: %s", error)


if __name__ == "__main__":
    main()
