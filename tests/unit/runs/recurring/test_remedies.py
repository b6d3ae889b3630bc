"""Tests of the remedy for a stuck rebalancer: the account that does not pay, and the call (O16)."""

from __future__ import annotations

import pytest

from keepers.model.recurring import Funding, StuckJob
from keepers.runs.recurring.notifications import remedy_of

REGISTRY, PAYER, TARGET = "0x" + "bb" * 20, "0x" + "cc" * 20, "0x" + "dd" * 20
FEE = 2_502_000 * 10**9
AMPLE = 10**9


@pytest.mark.parametrize(
    ("funding", "available", "said", "not_said"),
    [
        (
            Funding(PAYER),
            0,
            (
                "does not allow it to spend",
                f"deposit({PAYER}, {REGISTRY}) with 0.002502 native tokens",
                "setSpender",
            ),
            (),
        ),
        (
            Funding(PAYER, balance=10**18),
            0,
            (
                "does not allow it to spend",
                f"{PAYER}: setSpender({REGISTRY}, perRun, perDay)",
                "2502000",
            ),
            ("deposit",),
        ),
        (
            Funding(PAYER, balance=10**15, per_run=AMPLE, per_day=AMPLE),
            10**15,
            ("has 0.001 native tokens", "a booking costs 0.002502", "with 0.001502 native tokens"),
            ("setSpender",),
        ),
        (
            Funding(PAYER, balance=10**18, per_run=5, per_day=AMPLE),
            5 * 10**9,
            ("allows 5 gwei per run", "setSpender"),
            ("deposit",),
        ),
        (
            Funding(PAYER, balance=10**18, per_run=AMPLE, per_day=AMPLE),
            0,
            ("has used up its daily limit", "refills"),
            ("deposit", "setSpender"),
        ),
        (Funding(PAYER, is_external=True), 0, ("its funder, contract", PAYER), ("deposit",)),
        (
            Funding(REGISTRY),
            0,
            ("has 0 native tokens", f"deposit({REGISTRY}, {REGISTRY})"),
            ("setSpender",),
        ),
    ],
)
def test_remedy__account_does_not_pay__names_it_and_the_call(
    funding: Funding, available: int, said: tuple[str, ...], not_said: tuple[str, ...]
) -> None:
    job = StuckJob(
        number=1,
        handler=REGISTRY,
        target=TARGET,
        paid=True,
        required=FEE,
        available=available,
        funding=funding,
    )
    text = remedy_of(job)
    assert text.startswith(TARGET)
    assert [each for each in said if each not in text] == []
    assert [each for each in not_said if each in text] == []
