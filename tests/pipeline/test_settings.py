from pathlib import Path

import pytest

from pipeline import settings
from pipeline.errors import ConfigurationError


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch, tmp_path):
    """No variable of this machine and no `.env` of this checkout."""
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.variable(name), raising=False)
        monkeypatch.delenv(f"{settings.variable(name)}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_the_sandbox_is_on():
    given = settings.load()

    assert given.in_sandbox
    assert given.time_zone == "UTC"


def test_an_address_of_audiobookshelf_leaves_the_sandbox(monkeypatch):
    monkeypatch.setenv("BOOKRUNNER_ABS_URL", "http://192.168.1.5:13378/")

    given = settings.load()

    assert not given.in_sandbox
    assert given.abs_url == "http://192.168.1.5:13378"


def test_a_relative_data_folder_becomes_a_whole_path(monkeypatch):
    monkeypatch.setenv("BOOKRUNNER_DATA_DIR", "here")

    assert settings.load().data_dir == Path.cwd() / "here"
    assert settings.Settings.model_fields["data_dir"].default == Path(".data")


def test_all_mistakes_are_reported_together_and_no_value(monkeypatch):
    monkeypatch.setenv("BOOKRUNNER_PORT", "eighty-secret")
    monkeypatch.setenv("TZ", "Mars/Olympus")
    monkeypatch.setenv("BOOKRUNNER_PROWLARR_URL", "prowlarr:9696")

    with pytest.raises(ConfigurationError) as caught:
        settings.load()

    said = str(caught.value)
    assert all(name in said for name in ("BOOKRUNNER_PORT", "TZ", "BOOKRUNNER_PROWLARR_URL"))
    assert "eighty-secret" not in said


def test_a_file_stands_for_the_value_that_it_holds(monkeypatch, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("from-the-file\n", encoding="utf-8")
    monkeypatch.setenv("BOOKRUNNER_ABS_TOKEN_FILE", str(secret))

    assert settings.load().abs_token.get_secret_value() == "from-the-file"


def test_a_value_and_its_file_at_once_are_a_mistake(monkeypatch, tmp_path):
    monkeypatch.setenv("BOOKRUNNER_ABS_TOKEN", "a")
    monkeypatch.setenv("BOOKRUNNER_ABS_TOKEN_FILE", str(tmp_path / "token"))

    with pytest.raises(ConfigurationError, match="both set"):
        settings.load()


def test_a_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("BOOKRUNNER_ABS_TOKEN_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(ConfigurationError, match="nowhere"):
        settings.load()


def test_the_environment_wins_over_the_env_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text(
        "BOOKRUNNER_PORT=1111\nBOOKRUNNER_HOST=0.0.0.0\n", encoding="utf-8"
    )
    monkeypatch.setenv("BOOKRUNNER_PORT", "2222")

    given = settings.load()

    assert (given.port, given.host) == (2222, "0.0.0.0")  # noqa: S104  # what the file says


def test_no_secret_shows_when_settings_are_printed(monkeypatch):
    monkeypatch.setenv("BOOKRUNNER_MAM_ID", "very-secret-session")

    assert "very-secret-session" not in repr(settings.load())
