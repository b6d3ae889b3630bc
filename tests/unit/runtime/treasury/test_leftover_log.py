"""Tests of the log of leftovers: each is logged once, with asset, chain and amount."""

from __future__ import annotations

from dataclasses import replace

from structlog.testing import capture_logs

from keepers.runtime.treasury.leftover_log import LeftoverLog
from keepers.transfers.inventory.dependencies import Leftover

SHORT = Leftover("uncovered:USDC:10", "USDC: EVM-10 lacks 15000: the treasury on EVM-1 is paused")
NOTE = Leftover("waits:USDC:10", "USDC: EVM-10 waits for EVM-1", is_note=True)


def test_update__new_leftover__is_a_warning_with_its_text() -> None:
    with capture_logs() as logged:
        LeftoverLog().update([SHORT, NOTE])
    assert logged == [
        {
            "event": "left_as_it_is",
            "log_level": "warning",
            "about": SHORT.key,
            "text": SHORT.text,
        },
        {"event": "left_as_it_is", "log_level": "info", "about": NOTE.key, "text": NOTE.text},
    ]


def test_update__nothing_changed__logs_nothing() -> None:
    log = LeftoverLog()
    log.update([SHORT])
    with capture_logs() as logged:
        log.update([SHORT])
    assert logged == []


def test_update__other_text__is_logged_again() -> None:
    log = LeftoverLog()
    log.update([SHORT])
    other = replace(SHORT, text="USDC: EVM-10 lacks 5")
    with capture_logs() as logged:
        log.update([other])
    assert [each["text"] for each in logged] == [other.text]


def test_update__gone__is_told() -> None:
    log = LeftoverLog()
    log.update([SHORT])
    with capture_logs() as logged:
        log.update([])
        log.update([])
    assert logged == [{"event": "no_longer_left", "log_level": "info", "about": SHORT.key}]
