"""Tests of the records of decisions: numbered without gaps, dated, and all in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "docs" / "explanation" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
EACH = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
DECISION = re.compile(
    r"^\*\*(\d+)\.(\d+) .+?\*\*.*? \*\((\d{4}-\d\d-\d\d)\)\*$", re.MULTILINE | re.DOTALL
)


@EACH
def test_record__decisions__are_numbered_and_dated(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    number = int(record.stem[:4])
    found = DECISION.findall(text)

    assert found
    assert [(int(a), int(b)) for a, b, _ in found] == [
        (number, each) for each in range(1, len(found) + 1)
    ]
    assert len(found) == len(re.findall(r"^\*\*", text, re.MULTILINE))


@EACH
def test_record__index__has_its_row(record: Path) -> None:
    found = DECISION.findall(record.read_text(encoding="utf-8"))
    dates = [date for _, _, date in found]
    row = re.search(
        rf"\| \[{record.stem[:4]}\]\({record.name}\) \| .+ \| (\d+) \| (\S+) to (\S+) \|",
        (FOLDER / "index.md").read_text(encoding="utf-8"),
    )

    assert row is not None
    assert row.groups() == (str(len(found)), min(dates), max(dates))


def test_records__numbers__have_no_gap() -> None:
    assert [int(each.stem[:4]) for each in RECORDS] == list(range(1, len(RECORDS) + 1))
