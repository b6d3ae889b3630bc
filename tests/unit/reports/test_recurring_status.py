"""Tests of recurring rebalancers' status: coins for a terminal, wei as text for scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from keepers.model.recurring import JobRow
from keepers.reports.recurring_status import HEADER, recurring_document, render_rows

HANDLER, TARGET = "0x" + "cd" * 20, "0x" + "ab" * 20
BOOKED = JobRow(
    number=7,
    target=TARGET,
    handler=HANDLER,
    state="booked",
    next_run=1_800_000_000,  # 2027-01-15 08:00 UTC
    payout=2 * 10**15,
    required=10**16,
    available=5 * 10**17,
    failures=3,
    last_run=0,
    effort=380_000,
)


def test_render_rows__record__has_its_time_and_amounts_in_coins() -> None:
    head, _, row = render_rows([BOOKED], 180).strip().splitlines()

    assert [word for word in HEADER if word not in head] == []
    assert row.split() == [
        "7",
        TARGET,
        "booked",
        "2027-01-15",
        "08:00:00+00:00",
        "0.01",
        "0.5",
        "3",
    ]


def test_render_rows__supervisor_without_money__has_a_hint_on_one_line() -> None:
    row = replace(BOOKED, target=None, state="unfunded", next_run=0, is_supervisor=True)

    text = render_rows([row], 40)

    assert text.endswith(
        f"supervisor: unfunded; send native tokens to {HANDLER}, "
        "then any account can call fixReschedule()\n"
    )


def test_recurring_document__amounts__are_wei_as_text() -> None:
    document: dict[str, Any] = recurring_document([BOOKED], 10**18)

    assert document["earned"] == "1000000000000000000"
    (record,) = document["rebalancers"]
    amounts = {name: record[name] for name in ("payout", "required", "available")}
    assert amounts == {
        "payout": "2000000000000000",
        "required": "10000000000000000",
        "available": "500000000000000000",
    }
    assert recurring_document([], None) == {"rebalancers": [], "earned": None}
