"""Log lines for what may happen again and again."""

import logging

import pytest

from petsage.logs import RepeatedEvent

FIRST = "a cat of 3 kg; more cats are counted and reported once a minute"


@pytest.fixture
def episode(caplog: pytest.LogCaptureFixture) -> RepeatedEvent:
    caplog.set_level(logging.INFO)
    return RepeatedEvent(logging.getLogger("test"), logging.INFO, "cats")


def cat(episode: RepeatedEvent, now: float) -> None:
    episode.count(now, "a cat of %d kg", 3)


def test_the_first_is_logged_and_the_others_are_counted(
    episode: RepeatedEvent, caplog: pytest.LogCaptureFixture
) -> None:
    for moment in range(1000):
        cat(episode, moment / 100)
    assert caplog.messages == [FIRST]
    episode.tick(59)
    assert caplog.messages == [FIRST]
    episode.tick(60)
    assert caplog.messages == [FIRST, "999 more cats"]


def test_while_more_come_there_is_a_line_a_minute(episode: RepeatedEvent, caplog: pytest.LogCaptureFixture) -> None:
    for moment in range(180):
        cat(episode, moment)
        episode.tick(moment)
    assert caplog.messages == [FIRST, "60 more cats", "60 more cats"]


def test_after_a_quiet_minute_the_next_is_a_first_one_again(
    episode: RepeatedEvent, caplog: pytest.LogCaptureFixture
) -> None:
    cat(episode, 0)
    episode.tick(60)
    cat(episode, 61)
    assert caplog.messages == [FIRST, FIRST]


def test_at_the_end_what_was_only_counted_is_logged(episode: RepeatedEvent, caplog: pytest.LogCaptureFixture) -> None:
    episode.flush()
    cat(episode, 0)
    episode.flush()
    assert caplog.messages == [FIRST]
    cat(episode, 1)
    episode.flush()
    assert caplog.messages == [FIRST, "1 more cats"]
