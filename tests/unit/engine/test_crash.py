"""Crash points are inert unless a test asks for one."""

from __future__ import annotations

import os
import signal

import pytest

from keepers.engine.crash import VARIABLE, CrashPoint, crash_point


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Signals that this process would have sent to itself."""
    sent: list[int] = []

    def kill(process: int, number: int) -> None:
        assert process == os.getpid()
        sent.append(number)

    monkeypatch.setattr(os, "kill", kill)
    return sent


def test_crash_point__not_asked_for__does_nothing(
    kills: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    for point in CrashPoint:
        crash_point(point)
    assert kills == []


def test_crash_point__second_time_asked_for__kills_then_only(
    kills: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "after_send:2")
    crash_point(CrashPoint.AFTER_SEND)
    crash_point(CrashPoint.AFTER_STAGE)
    assert kills == []
    crash_point(CrashPoint.AFTER_SEND)
    assert kills == [signal.SIGKILL]
