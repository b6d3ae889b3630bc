"""Tests that docs/how-to/stuck-transactions.md has every alarm with a remedy, and every state."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keepers.cli.txs import txs
from keepers.model.alarms import WORDS, Alarm
from keepers.model.transaction_states import IntentState

DOCUMENT = (Path(__file__).parents[3] / "docs" / "how-to" / "stuck-transactions.md").read_text(
    encoding="utf-8"
)


@pytest.mark.parametrize("alarm", Alarm)
def test_transactions__every_alarm__has_its_meaning_and_a_remedy(alarm: Alarm) -> None:
    row = re.search(rf"^\| `{alarm}` \| ([^|]+) \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)
    assert row is not None
    assert row[1] == WORDS[alarm]
    assert row[2].strip()


def test_transactions__alarms__are_no_others() -> None:
    table = DOCUMENT.partition("## Alarms")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(Alarm)


@pytest.mark.parametrize("state", IntentState)
def test_transactions__every_state__is_there(state: IntentState) -> None:
    assert f"`{state}`" in DOCUMENT


@pytest.mark.parametrize("command", sorted(txs.commands))
def test_transactions__every_command__is_there(command: str) -> None:
    assert ("ballast txs" if command == "list" else f"ballast txs {command}") in DOCUMENT
