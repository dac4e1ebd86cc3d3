"""What the composition root makes of the settings about the user's own scripts."""

import pytest

from pipeline import services, settings
from pipeline.clients.external_script import Backed
from pipeline.wiring import Tools


class Catalogue:
    name = "Goodreads"


def tools(tmp_path, **given):
    read = settings.load(data_dir=tmp_path, abs_url="http://abs", **given)
    return Tools(read, None, None, services.from_settings(read), _Limits())


class _Limits:
    exclusive = None


def test_a_catalogue_has_a_script_behind_it_when_the_file_is_there(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text("")

    made = tools(tmp_path, goodreads_script=str(script))._with_script(Catalogue())

    assert isinstance(made, Backed)
    assert made.name == "Goodreads"


@pytest.mark.parametrize("given", [{}, {"goodreads_script": "/no/such/file.py"}])
def test_a_catalogue_stands_alone_without_the_file(given, tmp_path):
    catalogue = Catalogue()

    assert tools(tmp_path, **given)._with_script(catalogue) is catalogue


def test_no_script_of_the_users_is_asked_in_the_sandbox(tmp_path):
    script, catalogue = tmp_path / "mine.py", Catalogue()
    script.write_text("")

    made = tools(tmp_path, goodreads_script=str(script), sandbox="on")._with_script(catalogue)

    assert made is catalogue


def test_every_user_has_a_crawler_folder_and_credentials_of_their_own(tmp_path):
    made = tools(tmp_path, crawler_username="me", crawler_password="secret-word")
    mine = made._crawler(1, made.given)
    theirs = made._crawler(2, services.of_nobody(made.given))

    assert (mine.folder, theirs.folder) == (tmp_path / "crawler" / "1", tmp_path / "crawler" / "2")
    assert (mine.username, theirs.username) == ("me", "")
    assert "secret-word" not in repr(mine)
