import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from keepers.model.run import RunStatus, Stage
from keepers.model.tier_state import Settlement
from keepers.reports.facts import run_facts
from keepers.reports.report import Report, build_report
from keepers.reports.report_html import page
from keepers.reports.report_text import render_text
from keepers.reports.run_document import report_document
from tests.unit.reports.records import START, run_record, stage, step_record
from tests.unit.reports.story import DRY, FAILED, FIRST, RUNS, SAMPLES

USDT = Settlement("USDT", 6)
NOW = START + timedelta(hours=6)
ATTACK = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report("main", RUNS, SAMPLES, generated_at=NOW)


class Page(HTMLParser):
    """Parser that collects unclosed tags and everything that the page would load."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [str(value) for name, value in attrs if name in {"src", "href"}]
        if tag in {"script", "link", "img", "iframe"}:
            self.loads.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> Page:
    found = Page()
    found.feed(text)
    return found


def test_facts__of_a_verified_run__come_from_its_stages() -> None:
    facts = run_facts(FIRST, USDT)
    assert facts.triggers == ("L1 at 100 %, above 15 %",)
    assert (facts.transactions, facts.moved) == (5, 900_000 * 10**6)
    assert facts.fee_wei == sum((184_000 + 7_919 * i) * 11 * 10**9 for i in range(5))
    assert [each.within for each in facts.tiers] == [True, True, True]
    assert (facts.deviation_bps, facts.alert) == ("1.75", False)


def test_facts__of_a_partial_run__count_what_was_included() -> None:
    facts = run_facts(FAILED, USDT)
    assert (facts.transactions, facts.moved) == (2, 9_000 * 10**6)
    assert [each.error and each.error.split("(")[0] for each in facts.steps] == [
        None,
        "Portfolio_InsufficientOutput",
        "an action that it depends on failed",
    ]


def test_facts__of_a_dry_run__have_what_the_simulation_says() -> None:
    l1 = run_facts(DRY, USDT).tiers[0]
    assert (l1.before, l1.planned, l1.after, l1.within) == (
        128_100 * 10**6,
        128_100 * 10**6,
        None,
        None,
    )


ODD_DETAILS: list[dict[str, Any]] = [
    {},
    {"snapshot": None, "plan": [], "settlement": "USDT"},
    {"snapshot": {"tier_values": ["1", "2"], "bands": [{}, {}, {}]}},
    {"snapshot": {"tier_values": ["1", "x", 3.5], "bands": 7}, "plan": {"triggers": [1]}},
]


@pytest.mark.parametrize("detail", ODD_DETAILS)
def test_report__details_of_another_shape__do_not_break_it(detail: dict[str, Any]) -> None:
    odd = run_record(
        1, RunStatus.FAILED, (stage(Stage.PLAN, detail),), (step_record(0, "A", 1, 5),)
    )
    report = build_report("main", [odd], [], generated_at=NOW)
    assert report.settlement.symbol == "base units"
    assert "FAILED" in render_text(report)
    parsed(page(report))
    json.dumps(report_document(report))


def test_html__is_one_well_formed_page_that_loads_nothing(report: Report) -> None:
    found = parsed(page(report))
    assert (found.open, found.loads) == ([], [])
    assert "url(" not in page(report)
    assert "http" not in page(report).replace("http-equiv", "")


def test_html__says_what_happened(report: Report) -> None:
    text = page(report)
    for said in (
        "Vault main",
        "1,524,855.00",
        "3 of 3",
        "L1 at 1.64 %, below 8 %",
        "Portfolio_InsufficientOutput",
        "6.125 % off the simulation",
        "prefers-color-scheme: dark",
    ):
        assert said in text


def test_html__what_came_from_outside__is_escaped() -> None:
    evil = run_record(
        1,
        RunStatus.FAILED,
        (stage(Stage.PLAN, {"plan": {"triggers": [{"reason": ATTACK}]}}),),
        (step_record(0, ATTACK, 1, 5, error=ATTACK),),
        ATTACK,
    )
    text = page(
        build_report(ATTACK, [evil], SAMPLES, generated_at=NOW, settlement=Settlement(ATTACK, 6))
    )
    assert ATTACK not in text
    assert parsed(text).loads == []


def test_html__nothing_in_the_journal__is_a_page_all_the_same() -> None:
    text = page(build_report("main", [], [], generated_at=NOW))
    assert "No samples yet" in text
    assert parsed(text).open == []


def test_text__fits_and_says_what_happened(report: Report) -> None:
    text = render_text(report, width=120)
    assert max(len(line) for line in text.splitlines()) <= 120
    assert "1,524,855.00 USDT at block 500, 3 of 3 tiers inside their bands" in text
    assert "Run 4  2026-03-02 13:30:00  PARTIAL" in text


def test_document__is_exact_and_complete(report: Report) -> None:
    found = json.loads(json.dumps(report_document(report)))
    newest, oldest = found["runs"][0], found["runs"][-1]
    assert (newest["number"], oldest["number"]) == (5, 1)
    assert oldest["tiers"][0] == {
        "tier": "L1",
        "band": {"minimum_bps": 500, "target_bps": 1000, "maximum_bps": 2000},
        "within_bounds": True,
        "before": "1000000000000",
        "planned": "100000000000",
        "after": "100000000000",
        "ratio_before": "1",
        "ratio_after": "0.100014",
    }
    step = oldest["steps"][0]
    assert step["step"]["quoted_out"] == str(150_000 * 10**18)
    assert step["attempts"][0]["outcome"]["received"] == str(2**200)
    assert step["attempts"][0]["attempt"]["transaction_hash"].startswith("0x")
    assert [each["stage"] for each in oldest["stages"]] == ["PLAN", "RISK", "VERIFICATION"]
    assert found["samples"][0]["values"] == ["1000000000000", "0", "0"]


def test_marks__point_at_the_sample_that_a_run_began_with(report: Report) -> None:
    assert report.marks == [(0, 1), (2, 2), (4, 3), (6, 4), (8, 5)]


APPROVER, SAFE = "0x" + "a1" * 20, "0x" + "5a" * 20


def approved(**detail: Any) -> Report:
    asked = {"required": 2, "granted": 0, "plan_hash": "0x" + "99" * 32, **detail}
    known = (*FIRST.stages, stage(Stage.APPROVAL, asked))
    (first,) = FIRST.steps[0].attempts
    opening = replace(first, attempt=replace(first.attempt, attempt_id=99))
    run = replace(FIRST, stages=known, openings=(opening,))
    return build_report("main", (run,), SAMPLES, generated_at=NOW)


def test_approved_run__every_form__names_the_approvers() -> None:
    made = approved(granted=2, approved_by=[APPROVER, SAFE])
    expected = f"approved by {APPROVER}, {SAFE}"
    assert expected in render_text(made, width=120)
    assert expected in page(made)
    assert report_document(made)["runs"][0]["approval"] == {
        "required": 2,
        "approved_by": [APPROVER, SAFE],
        "plan_hash": "0x" + "99" * 32,
    }


def test_run__actions_in_one_transaction__its_gas_counts_once() -> None:
    first = FIRST.steps[0]
    steps = [replace(each, attempts=first.attempts, carrier_id=9) for each in FIRST.steps]
    facts = run_facts(replace(FIRST, steps=tuple(steps)), USDT)
    assert facts.transactions == 1
    assert facts.fee_wei == facts.steps[0].fee_wei == 184_000 * 11 * 10**9
    assert [each.gas_used for each in facts.steps] == [184_000, *[None] * (len(steps) - 1)]


def test_approved_run__opening__is_counted_with_its_gas() -> None:
    plain, opened = run_facts(FIRST, USDT), approved().runs[0]
    assert opened.transactions == plain.transactions + 1
    assert opened.fee_wei == plain.fee_wei + 184_000 * 11 * 10**9


def test_run_that_waits__report__says_for_what() -> None:
    assert "2 approval(s) requested, none valid" in render_text(approved(), width=120)


def test_run_without_approval__report__says_nothing_of_it(report: Report) -> None:
    assert "approv" not in render_text(report, width=120)
    assert report_document(report)["runs"][0]["approval"] is None


@pytest.mark.parametrize("width", [40, 80])
def test_text__narrow_terminal__breaks_no_number(report: Report, width: int) -> None:
    wide, narrow = render_text(report, width=400), render_text(report, width=width)
    numbers = re.findall(r"[\d,]+\.\d+ ?%?|0x[0-9a-f]+…[0-9a-f]+", wide)
    assert len(numbers) > 50
    assert [each for each in numbers if each not in narrow] == []


def test_text__usual_amounts__fit_into_80_columns(report: Report) -> None:
    tables = [each for each in render_text(report, width=80).splitlines() if "─" in each]
    assert max(map(len, tables)) <= 80
