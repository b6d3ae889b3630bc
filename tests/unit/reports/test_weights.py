"""Tests of weights runs in reports: shares before, planned and after, in each format."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from keepers.model.run import RunRecord, RunStatus, Stage
from keepers.reports.facts import weights_of
from keepers.reports.report import Report, build_report
from keepers.reports.report_html import page
from keepers.reports.report_text import render_text
from keepers.reports.run_document import report_document
from tests.unit.reports.records import START, run_record, stage
from tests.unit.reports.story import FIRST

ASSETS = [
    {
        "asset": "0xX",
        "symbol": "X<b>",
        "target_bps": 5000,
        "before": "0.666667",
        "planned": "0.500001",
    },
    {"asset": "0xY", "symbol": "Y", "target_bps": 5000, "before": "0.333333", "planned": "nan"},
]


@pytest.fixture
def record() -> RunRecord:
    after = {"after": {"0xX": "0.5004"}}
    found: list[tuple[Stage, Any]] = [
        (Stage.PLAN, {"weights": {"tier": "L3", "assets": ASSETS}}),
        (Stage.VERIFICATION, {"weights": after}),
    ]
    return run_record(1, RunStatus.DONE, stages=tuple(stage(*each) for each in found))


def report_of(record: RunRecord) -> Report:
    return build_report("main", [record], [], generated_at=START)


def test_facts__of_weights__come_from_plan_and_verification(record: RunRecord) -> None:
    first, second = weights_of(record)
    assert (first.before, first.after) == (Fraction("0.666667"), Fraction("0.5004"))
    assert (second.planned, second.after) == (None, None)
    assert weights_of(FIRST) == ()


def test_forms__of_weights__have_them(record: RunRecord) -> None:
    report = report_of(record)
    (run,) = report_document(report)["runs"]
    assert run["weights"][0] == {
        "symbol": "X<b>",
        "target_bps": 5000,
        "before": "0.666667",
        "planned": "0.500001",
        "after": "0.5004",
    }
    assert "66.67" in render_text(report, width=120)
    text = page(report)
    assert "X&lt;b&gt;" in text
    assert "66.67" in text
