"""Tests of crash points: they do nothing unless a test requests one."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from keepers.transactions import crash_points as crash
from keepers.transactions.crash_points import TRACE, VARIABLE, crash_point


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Signals that this process would have sent to itself."""
    sent: list[int] = []

    def kill(process: int, number: int) -> None:
        assert process == os.getpid()
        sent.append(number)

    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(crash, "_passed", Counter[str]())
    return sent


def test_crash_point__not_asked_for__does_nothing(
    kills: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    crash_point("before_send")
    crash_point("after_store")
    assert kills == []


def test_crash_point__asked_for__kills_at_the_first_time(
    kills: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "inside_store")
    crash_point("before_store")
    assert kills == []
    crash_point("inside_store")
    assert kills == [signal.SIGKILL]


def test_crash_point__second_time_asked_for__kills_then_only(
    kills: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "after_send:2")
    crash_point("after_send")
    crash_point("after_store")
    assert kills == []
    crash_point("after_send")
    assert kills == [signal.SIGKILL]


def test_crash_point__traced__is_written_in_order(
    kills: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(TRACE, str(tmp_path / "points"))
    for point in ("before_send", "after_send", "before_send"):
        crash_point(point)
    assert (tmp_path / "points").read_text().split() == ["before_send", "after_send", "before_send"]
    assert kills == []
