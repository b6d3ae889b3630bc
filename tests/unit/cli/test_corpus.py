"""Test that commands print the recorded output: scripts and people rely on it."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.corpus import CORPUS, record

pytestmark = pytest.mark.long

LEAST = 400


def test_corpus__every_case__prints_what_was_recorded() -> None:
    recorded, now = json.loads(CORPUS.read_text(encoding="utf-8")), record()

    assert len(recorded) >= LEAST
    assert set(now) == set(recorded)
    assert {name: now[name] for name in recorded if now[name] != recorded[name]} == {}
