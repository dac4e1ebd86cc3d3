"""What is made of the settings about the user's own scripts."""

import pytest

from pipeline import services, settings
from pipeline.clients.external_script import Backed
from pipeline.toolbox import Toolmaker


class Catalogue:
    name = "Goodreads"


def maker(tmp_path, user_id=1, **given):
    read = settings.load(data_dir=tmp_path, abs_url="http://abs", **given)
    return Toolmaker(read, None, None, _Limits(), None, user_id, home=True)


class _Limits:
    exclusive = None


def test_a_catalogue_has_a_script_behind_it_when_the_file_is_there(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text("")

    made = maker(tmp_path, goodreads_script=str(script))._with_script(Catalogue())

    assert isinstance(made, Backed)
    assert made.name == "Goodreads"


@pytest.mark.parametrize("given", [{}, {"goodreads_script": "/no/such/file.py"}])
def test_a_catalogue_stands_alone_without_the_file(given, tmp_path):
    catalogue = Catalogue()

    assert maker(tmp_path, **given)._with_script(catalogue) is catalogue


def test_no_script_of_the_users_is_asked_in_the_sandbox(tmp_path):
    script, catalogue = tmp_path / "mine.py", Catalogue()
    script.write_text("")

    made = maker(tmp_path, goodreads_script=str(script), sandbox="on")._with_script(catalogue)

    assert made is catalogue


def test_every_user_has_a_crawler_folder_and_credentials_of_their_own(tmp_path):
    given = {"crawler_username": "me", "crawler_password": "secret-word"}
    mine, theirs = maker(tmp_path, 1, **given), maker(tmp_path, 2, **given)
    of_house = services.from_settings(mine.settings)
    mine = mine._crawler(of_house)
    theirs = theirs._crawler(services.of_nobody(of_house))

    assert (mine.folder, theirs.folder) == (tmp_path / "crawler" / "1", tmp_path / "crawler" / "2")
    assert (mine.username, theirs.username) == ("me", "")
    assert "secret-word" not in repr(mine)
