import pytest

from pipeline.domain.models import Preferences
from pipeline.errors import ConfigurationError
from pipeline.preferences import read


def test_a_user_who_said_nothing_has_the_defaults():
    assert read({}).preferences == Preferences()


def test_what_a_user_said_stands_beside_the_defaults():
    wishes = read(
        {"preferences": {"formats": ["mp3"], "abridged": True}, "governor": {"daily_cap": 5}}
    )

    assert wishes.preferences.formats == ("mp3",)
    assert wishes.preferences.abridged
    assert wishes.preferences.languages == Preferences().languages
    assert wishes.policy.daily_cap == 5


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"preferences": {"formts": []}}, "formts"),
        ({"preferences": {"minimum_seeders": "many"}}, "minimum_seeders"),
        ({"preferences": []}, "preferences"),
    ],
)
def test_what_makes_no_sense_is_named(settings, named):
    with pytest.raises(ConfigurationError, match=named):
        read(settings)
