"""Users and keys from the command line, through its own parser."""

import asyncio
import json

import pytest

from pipeline import api_keys, cli
from pipeline.db import Pool


@pytest.fixture
def say(database_url, monkeypatch, tmp_path, capsys):
    """Run one command line; return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BOOKRUNNER_DATA_DIR", str(tmp_path / "data"))

    def run(*words: str) -> tuple[int, str]:
        code = cli.main(words)
        return code, capsys.readouterr().out.strip()

    return run


def test_a_key_is_printed_once_and_listed_without_itself(say):
    _, key = say("key", "create", "phone", "--scopes", "read", "--days", "30")

    code, listed = say("key", "list")

    assert code == 0
    assert api_keys.key_id(key) in listed
    assert key not in listed


def test_a_revoked_key_is_recognised_no_more(say, database_url):
    _, key = say("key", "create", "phone")

    assert say("key", "revoke", api_keys.key_id(key))[0] == 0
    assert recognised(database_url, key) is None


def test_a_user_is_added_disabled_exported_and_deleted(say, database_url):
    _, key = say("user", "add", "ann", "--zone", "Europe/Vienna")
    assert recognised(database_url, key).user_name == "ann"

    assert say("user", "disable", "ann")[0] == 0
    assert not recognised(database_url, key).enabled
    assert json.loads(say("user", "export", "ann")[1])["tables"]["users"]
    assert say("user", "delete", "ann")[0] == 1
    assert say("user", "delete", "ann", "--yes", "ann")[0] == 0
    assert "ann" not in say("user", "list")[1]


def test_an_unknown_user_is_named(say, capsys):
    assert cli.main(("key", "list", "--user", "nobody")) == 1

    assert "nobody" in capsys.readouterr().err


def test_stored_credentials_are_rotated(say):
    assert say("vault", "rotate") == (0, "0 values are encrypted under the newest key")


def recognised(url: str, key: str):

    async def ask():
        async with Pool(url, size=2) as pool:
            return await api_keys.recognise(pool, key)

    return asyncio.run(ask())
