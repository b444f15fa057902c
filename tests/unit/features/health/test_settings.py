"""`features.health` in the configuration."""

from typing import Any

import pytest

from petsage.bootstrap import load
from petsage.features.health.settings import HealthSettings
from petsage.redaction.secret import Secret
from petsage.settings import ConfigError


def read(section: dict[str, Any]) -> HealthSettings:
    own: HealthSettings = load({"features": {"health": section}}).core.settings().feature("health").own
    return own


def test_the_defaults_are_those_of_the_dataclass() -> None:
    assert read({}) == HealthSettings() == HealthSettings(token=None, details="token", deadline=0.8, fresh_floor=0.0)


def test_a_complete_section_is_read_and_the_token_is_never_shown() -> None:
    settings = read({"token": "0123456789abcdef", "details": "always", "deadline": "250ms", "fresh_floor": "5s"})
    expected = HealthSettings(token=Secret("0123456789abcdef"), details="always", deadline=0.25, fresh_floor=5.0)
    assert settings == expected
    assert "0123456789abcdef" not in repr(settings)


def test_a_token_can_be_left_empty_in_quotes_or_without() -> None:
    assert [read({"token": token}).token for token in (None, "")] == [None, None]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"token": "short-but-secret"[:15]}, "a token has at least 16 characters; leave it out to have none"),
        ({"token": "\t\t"}, "a token has at least 16 characters; leave it out to have none"),
        ({"token": "with a space in the middle"}, "a token is printable ASCII without spaces"),
        ({"token": "schlüssel-schlüssel"}, "a token is printable ASCII without spaces"),
        ({"token": "0123456789abcdef\n"}, "a token is printable ASCII without spaces"),
        ({"details": "never"}, "must be one of token, always"),
        ({"deadline": "0s"}, "must be longer than 0s"),
        ({"deadline": "soon"}, "not a duration"),
        ({"fresh_floor": -1}, "not a duration"),
        ({"tokn": "x"}, "tokn"),
    ],
)
def test_a_mistake_is_named_and_the_token_is_not_repeated(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(section)
    assert message in str(caught.value)
    token = section.get("token")
    assert not token or token not in str(caught.value)
