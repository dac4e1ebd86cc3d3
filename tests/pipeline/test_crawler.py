"""The crawler is run unchanged, kept within bounds, and judged by what it leaves behind."""

import asyncio
import hashlib
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.crawler import SHIPPED, Crawler
from pipeline.errors import NotNow
from pipeline.sandbox.guides import GUIDES, GuidesStandIn
from pipeline.sandbox.serve import serve
from tests.support.crawling import Notes, scripted, setup

AWKWARD = "p\"q'r\\s t&<ü"


@pytest.fixture
def guides():
    return GuidesStandIn()


@pytest.fixture
async def site(guides):
    async with serve(guides.app) as address:
        yield address


@pytest.fixture
def crawler(tmp_path, site):
    return Crawler(setup(tmp_path / "work", site))


async def verdict(crawler, notes=None):
    crawl = await crawler.crawl(notes or Notes())
    return crawl.verdict


async def test_a_first_crawl_completes_with_every_guide_new(crawler, tmp_path):
    notes = Notes()
    found = await verdict(crawler, notes)

    assert (found.word, found.new, found.failed) == ("completed", len(GUIDES), 0)
    assert len(list((tmp_path / "work" / "guides_output").glob("*.md"))) == len(GUIDES)
    assert "Authentication successful" in notes.text


async def test_a_second_crawl_finds_nothing_new(crawler):
    await verdict(crawler)

    assert (await verdict(crawler)).word == "nothing new"


async def test_a_guide_that_came_later_is_the_only_new_one(crawler, guides):
    guides.shown = 5
    await verdict(crawler)
    guides.shown = 6

    found = await verdict(crawler)

    assert (found.word, found.new) == ("completed", 1)


async def test_a_refused_login_is_a_failure_though_the_exit_code_is_0(crawler, guides):
    guides.faults.refuses = True
    crawl = await crawler.crawl(Notes())

    assert crawl.exit_code == 0
    assert crawl.verdict.word == "failed"
    assert crawl.verdict.reason == "the tracker did not accept the login"


async def test_yesterdays_success_in_the_log_does_not_count_for_today(crawler, guides):
    await verdict(crawler)
    guides.faults.refuses = True

    assert (await verdict(crawler)).word == "failed"


async def test_a_page_without_links_is_a_failure(crawler, guides):
    guides.faults.no_links = True

    assert (await verdict(crawler)).reason == "no links to guides were found"


async def test_a_list_that_cannot_be_read_is_a_failure(crawler, guides):
    guides.faults.crashes = True

    assert (await verdict(crawler)).reason == "the script says that the crawl failed"


async def test_some_guides_that_cannot_be_read_are_counted(crawler, guides):
    guides.faults.broken = frozenset({2, 3})
    found = await verdict(crawler)

    assert (found.word, found.new, found.failed) == ("completed", len(GUIDES) - 2, 2)


async def test_no_guide_that_can_be_read_is_a_failure(crawler, guides):
    guides.faults.broken = frozenset(range(1, 20))

    assert (await verdict(crawler)).reason == "8 guides could not be read, and none is new"


async def test_a_password_with_quotes_breaks_the_scripts_login_and_is_shown_nowhere(
    crawler, guides, tmp_path
):
    guides.password = AWKWARD
    notes = Notes()
    crawl = await Crawler(replace(crawler.setup, password=SecretStr(AWKWARD))).crawl(notes)

    assert crawl.verdict.word == "failed"
    assert AWKWARD not in notes.text + repr(crawl) + repr(crawler.setup)


async def test_credentials_are_hidden_in_whatever_spelling_the_script_prints_them(tmp_path):
    says = (
        "p = os.environ['MAM_PASSWORD']\n"
        "import html, urllib.parse\n"
        "print(p); print(repr(p)); print(json.dumps({'p': p})); print(urllib.parse.quote(p))\n"
        "print(html.escape(p), urllib.parse.urlencode({'p': p}), os.environ['MAM_USERNAME'])\n"
        "sys.stderr.write('Traceback: ' + p + '\\n'); log.write('CRAWL COMPLETE ' + p)\n"
    )
    notes = Notes()
    await scripted(tmp_path, says, username="Some One", password=SecretStr(AWKWARD)).crawl(notes)

    assert notes.text.count("***") >= 7
    for piece in ("p%22q", 'p\\"q', "q'r", "r\\\\s", "Some One", "s t&"):
        assert piece not in notes.text


async def test_a_script_that_says_nothing_of_its_end_is_unknown(tmp_path):
    found = await verdict(scripted(tmp_path, "print('bye')\n"))

    assert (found.word, found.reason) == ("unknown", "its log does not say how it ended")


async def test_missing_credentials_leave_no_evidence(tmp_path, site):
    bare = Crawler(setup(tmp_path, site, username="", password=SecretStr("")))

    assert bare.obstacle() == "the crawler is off: its username and password are not set"
    assert (await verdict(bare)).word == "unknown"


async def test_a_crash_is_a_failure_with_its_traceback_in_the_log(tmp_path):
    notes = Notes()
    crawl = await scripted(tmp_path, "import crawl4ai_is_not_here\n").crawl(notes)

    assert crawl.verdict.reason == "it crashed with exit code 1"
    assert "ModuleNotFoundError" in notes.text


async def test_an_interpreter_that_is_not_there_is_a_failure(tmp_path):
    notes = Notes()
    crawl = await scripted(tmp_path, "", python=str(tmp_path / "no-python")).crawl(notes)

    assert crawl.verdict.reason == "it crashed with exit code 127"
    assert "cannot be started: No such file" in notes.text


async def test_a_script_that_is_killed_is_a_failure_and_keeps_its_guides(tmp_path):
    dies = (
        "Path('guides_output/one.md').write_text('# One')\n"
        "json.dump({'completed': ['u'], 'failed': []}, open('crawler_state.json', 'w'))\n"
        "log.write('Authentication successful'); log.flush(); os.kill(os.getpid(), 9)\n"
    )
    crawl = await scripted(tmp_path, dies).crawl(Notes())

    assert crawl.exit_code == -signal.SIGKILL
    assert crawl.verdict.reason == "it was killed by signal 9; 1 new guides are kept"


HANGS = (
    "import signal, subprocess\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
    " start_new_session=True)\n"
    "print('hanging', os.getpid(), child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


def hanging(notes):
    return [int(number) for number in notes.lines[0].split()[1:]]


def alive(process):
    try:
        status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return status != "Z"


async def test_a_hang_is_ended_at_the_limit_with_all_that_it_started(tmp_path):
    notes = Notes()
    crawl = await scripted(tmp_path, HANGS, limit=timedelta(seconds=1.5)).crawl(notes)

    assert crawl.exit_code is None
    assert "longer than 0.0004" in crawl.verdict.reason
    assert crawl.verdict.word == "failed"
    assert not any(map(alive, hanging(notes)))


async def test_a_crawl_that_nobody_wants_any_more_is_ended(tmp_path):
    notes = Notes(True, False)
    crawl = await scripted(tmp_path, HANGS).crawl(notes)

    assert not crawl.wanted
    assert not any(map(alive, hanging(notes)))


async def test_a_worker_that_is_stopped_leaves_nothing_running(tmp_path):
    notes = Notes()
    task = asyncio.create_task(scripted(tmp_path, HANGS).crawl(notes))
    await until(lambda: notes.lines)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not any(map(alive, hanging(notes)))


async def test_a_worker_that_is_killed_takes_its_crawler_along_and_lets_the_next_one_in(tmp_path):
    scripted(
        tmp_path,
        HANGS.replace("print(", "print(file=open('pids', 'w'), *(").replace(", flush=True)", "))"),
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, str(tmp_path), cwd=Path.cwd()
    )
    pids = tmp_path / "work" / "pids"
    await until(lambda: pids.exists() and len(pids.read_text().split()) == 3)
    running = [int(number) for number in pids.read_text().split()[1:]]
    assert all(map(alive, running))
    with pytest.raises(NotNow, match="has not ended yet"):
        await Crawler(setup(tmp_path / "work")).crawl(Notes())

    worker.kill()
    await worker.wait()
    await until(lambda: not any(map(alive, running)))

    again = scripted(tmp_path, "log.write('CRAWL COMPLETE')\n")
    assert (await as_soon_as_possible(again)).word == "nothing new"


async def as_soon_as_possible(crawler):
    """Come back as long as the one before is just ending."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await verdict(crawler)
            except NotNow:
                await asyncio.sleep(0.05)


WORKER = """
import asyncio, sys
from pathlib import Path
from pipeline.crawler import Crawler
from tests.support.crawling import Notes, setup
folder = Path(sys.argv[1])
crawler = Crawler(setup(folder / "work", script=folder / "script.py", site="http://127.0.0.1:9"))
asyncio.run(crawler.crawl(Notes()))
"""


async def until(true):
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.02)


async def test_the_script_sees_a_handful_of_variables_and_no_input(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKRUNNER_SECRET_KEY", "not for scripts")
    says = "print(*sorted(os.environ)); print(repr(sys.stdin.read())); print(os.getcwd())\n"
    notes = Notes()
    await scripted(tmp_path, says, environment={"PATH": "/usr/bin"}).crawl(notes)

    seen = set(notes.lines[0].split()) - {"LC_CTYPE"}  # Python itself sets this one
    assert seen == {
        *("HOME", "PATH", "MAM_USERNAME", "MAM_PASSWORD", "PYTHONUTF8", "PYTHONUNBUFFERED"),
        "SANDBOX_GUIDES_URL",
    }
    assert notes.lines[1:] == ["''", str(tmp_path / "work")]


async def test_the_script_is_proved_to_have_run_unchanged(crawler):
    before = SHIPPED.read_bytes()
    crawl = await crawler.crawl(Notes())

    assert crawl.sha256 == hashlib.sha256(before).hexdigest()
    assert SHIPPED.read_bytes() == before


async def test_a_line_without_end_and_bytes_that_are_no_text_do_no_harm(tmp_path):
    says = (
        "sys.stdout.buffer.write(b'x' * 300_000 + b'\\n' + b'\\xff\\x00ok\\x1b[31m\\n')\n"
        "sys.stdout.flush(); print('last')\n"
    )
    notes = Notes()
    await scripted(tmp_path, says).crawl(notes)

    assert [len(notes.lines[0]), *notes.lines[1:]] == [4000, "\ufffdok[31m", "last"]


async def test_a_script_that_prints_nothing_is_quoted_from_its_log(tmp_path):
    notes = Notes()
    await scripted(tmp_path, "log.write('All guides already crawled\\n')\n").crawl(notes)

    assert notes.lines == ["All guides already crawled"]


async def test_a_broken_state_file_is_no_crash_and_guides_are_counted_by_their_files(tmp_path):
    says = (
        "Path('crawler_state.json').write_text('{not json')\n"
        "Path('guides_output/one.md').write_text('# One'); log.write('CRAWL COMPLETE')\n"
    )
    found = await verdict(scripted(tmp_path, says))

    assert (found.word, found.new) == ("completed", 1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": ""}, "username and password are not set"),
        ({"acknowledged": False}, "until you acknowledge"),
        ({"site": "", "in_sandbox": False}, "the script is the stand-in"),
        ({"script": SHIPPED.with_name("none.py")}, "there is no script none.py"),
    ],
)
def test_the_crawler_is_off_and_says_what_is_missing(changed, said, tmp_path):
    given = {"site": "http://127.0.0.1:9", **changed}

    assert said in Crawler(setup(tmp_path, **given)).obstacle()


def test_the_users_own_script_never_runs_in_the_sandbox(tmp_path):
    own = tmp_path / "stealth_mam_crawler.py"
    own.write_text("print('the real tracker')")

    told = Crawler(setup(tmp_path, "http://127.0.0.1:9", script=own)).obstacle()

    assert "would visit the real tracker" in told


def test_the_users_own_script_runs_outside_of_the_sandbox(tmp_path):
    own = tmp_path / "stealth_mam_crawler.py"
    own.write_text("print('the real tracker')")

    assert Crawler(setup(tmp_path, script=own, in_sandbox=False)).obstacle() is None


@pytest.mark.parametrize(
    "site", ["https://www.myanonamouse.net", "http://localhost:1", "http://10.0.0.1", "", "x"]
)
async def test_the_stand_in_visits_nothing_but_this_machine(site, tmp_path):
    notes = Notes()
    found = await verdict(Crawler(setup(tmp_path, site)), notes)

    assert "visits the sandbox on this machine only" in notes.text
    assert found.word == "unknown"
