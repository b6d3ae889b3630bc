"""Tests of the pause after a time-out of a service; an answer to any other request ends it."""

from __future__ import annotations

import pytest

from keepers.bridges.http import Silence
from keepers.model.errors.transfers import BridgeUnreachableError
from tests.support.bridging import PaperClock

SECONDS = 10.0


@pytest.fixture
def clock() -> PaperClock:
    return PaperClock()


@pytest.fixture
def silence(clock: PaperClock) -> Silence:
    return Silence(clock.monotonic)


def time_out(silence: Silence, clock: PaperClock) -> None:
    begun = silence.begin("service")
    clock.elapsed += SECONDS
    silence.timed_out(begun, SECONDS)


def test_silence__after_a_time_out__nobody_asks_for_as_long_again(
    silence: Silence, clock: PaperClock
) -> None:
    time_out(silence, clock)
    clock.elapsed += SECONDS - 1
    with pytest.raises(BridgeUnreachableError, match="no response in time to the last request"):
        silence.begin("service")
    clock.elapsed += 1
    silence.begin("service")


def test_silence__another_request_was_answered_meanwhile__is_none(
    silence: Silence, clock: PaperClock
) -> None:
    begun = silence.begin("service")
    clock.elapsed += SECONDS
    silence.answered()
    silence.timed_out(begun, SECONDS)
    silence.begin("service")


def test_silence__late_answer_to_another_request__ends_it(
    silence: Silence, clock: PaperClock
) -> None:
    time_out(silence, clock)
    silence.answered()
    silence.begin("service")
