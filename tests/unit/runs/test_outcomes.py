"""Tests of an action's outcome from a receipt: amount received, and loss against the oracle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.chain import ActionEvent, PlanEvents, Receipt
from keepers.model.transaction_records import ReceiptVerdict, StepView
from keepers.model.transaction_states import StepState
from keepers.runs.amounts import bps_text
from keepers.runs.outcomes import PlanInterpreter, TradeInterpreter

amounts = st.integers(1, 10**30)
RECEIPT = Receipt(
    transaction_hash="0x" + "11" * 32,
    block_number=1,
    block_hash="0x" + "22" * 32,
    succeeded=True,
    gas_used=21_000,
    effective_gas_price=1,
)


def step(quoted_out: int, amount_in: int, estimated_bps: str) -> StepView:
    detail: dict[str, Any] = {
        "quoted_out": str(quoted_out),
        "amount_in": str(amount_in),
        "estimated_slippage_bps": estimated_bps,
    }
    return StepView(
        step_id=1,
        run_id="r1",
        position=0,
        kind="ACTION",
        detail=detail,
        state=StepState.ACTIVE,
        reason=None,
        outcome=None,
    )


def judge(planned: StepView, amount: int, received: int) -> tuple[int, Fraction]:
    """Return the recorded amount received and slippage."""
    event = ActionEvent("0x" + "aa" * 20, amount, received)
    verdict = TradeInterpreter(lambda _: event).interpret(planned, RECEIPT)
    assert verdict.done
    assert verdict.reason is None
    return int(verdict.outcome["received"]), Fraction(verdict.outcome["slippage_bps"])


def test_judge__no_event__is_not_done() -> None:
    verdict = TradeInterpreter(lambda _: None).interpret(step(1, 1, "0"), RECEIPT)
    assert not verdict.done
    assert verdict.reason == "included, but the controller emitted no event for it"
    assert verdict.outcome == {}


def test_judge__is_asked_of_this_receipt() -> None:
    asked: list[Receipt] = []

    def action_of(receipt: Receipt) -> ActionEvent:
        asked.append(receipt)
        return ActionEvent("0x" + "aa" * 20, 1, 1)

    TradeInterpreter(action_of).interpret(step(1, 1, "0"), RECEIPT)
    assert asked == [RECEIPT]


@given(quoted=amounts, amount_in=amounts, bps=st.integers(-500, 10_000))
def test_judge__as_quoted__lost_what_was_estimated(quoted: int, amount_in: int, bps: int) -> None:
    assert judge(step(quoted, amount_in, str(bps)), amount_in, quoted) == (quoted, bps)


@given(
    quoted=amounts,
    amount_in=amounts,
    spent=st.fractions(Fraction(1, 1_000), Fraction(1)),
    received=st.integers(0, 10**31),
    bps=st.decimals(-500, 9_999, places=4),
)
def test_judge__any_quote__value_received_is_what_was_not_lost(
    quoted: int, amount_in: int, spent: Fraction, received: int, bps: object
) -> None:
    amount = max(1, int(amount_in * spent))
    found, slippage = judge(step(quoted, amount_in, str(bps)), amount, received)
    assert found == received
    # At the oracle's price, the amount spent is worth its share of the quote, divided by the
    # share of value that the quote keeps; received / worth is the part that is not lost.
    worth = Fraction(quoted * amount, amount_in) / (1 - Fraction(str(bps)) / 10_000)
    exact = 10_000 * (1 - received / worth)
    assert slippage == Fraction(bps_text(exact))


@given(quoted=amounts, amount_in=amounts, less=st.integers(1, 10**30), received=amounts)
def test_judge__less_received__lost_no_less(
    quoted: int, amount_in: int, less: int, received: int
) -> None:
    planned = step(quoted, amount_in, "10")
    more = judge(planned, amount_in, received + less)
    assert judge(planned, amount_in, received)[1] >= more[1]


@given(amount_in=amounts, received=amounts)
def test_judge__quoted_nothing__keeps_the_estimate(amount_in: int, received: int) -> None:
    assert judge(step(0, amount_in, "12.5"), amount_in, received) == (received, Fraction("12.5"))


A, B, C = (f"0x{letter * 40}" for letter in "abc")


def plan_of(*assets: str, indices: list[int] | None = None) -> StepView:
    """Return a step that carries trades of assets, with their indices in the call."""
    trades = [
        replace(
            step(10, 10, "0"),
            step_id=10 + place,
            detail={**step(10, 10, "0").detail, "asset": each},
        )
        for place, each in enumerate(assets)
    ]
    detail = {"indices": indices or list(range(len(assets)))}
    return replace(step(1, 1, "0"), kind="PLAN", detail=detail, carried=tuple(trades))


def judged(plan: StepView, executed: list[str], failed: Mapping[int, str]) -> ReceiptVerdict:
    events = PlanEvents(tuple(ActionEvent(each, 10, 9) for each in executed), failed)
    return PlanInterpreter(lambda _: events).interpret(plan, RECEIPT)


@given(st.data())
def test_plan__any_trades_fail__each_has_its_own_result(data: st.DataObject) -> None:
    assets = data.draw(st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=8))
    size = len(assets)
    indices = sorted(data.draw(st.sets(st.integers(0, 63), min_size=size, max_size=size)))
    failing = data.draw(st.sets(st.sampled_from(range(size))))
    executed = [
        each.upper().replace("X", "x") for at, each in enumerate(assets) if at not in failing
    ]
    failed = {indices[at]: f"reason {at}" for at in failing}
    verdict = judged(plan_of(*assets, indices=indices), executed, failed)
    assert verdict.done
    for at in range(size):
        found = verdict.carried[10 + at]
        assert found.done == (at not in failing)
        assert found.reason == (f"reason {at}" if at in failing else None)
        assert found.outcome.get("received") == (None if at in failing else "9")


def test_plan__trade_without_an_event__is_not_done() -> None:
    verdict = judged(plan_of(A, B), [A], {})
    assert [verdict.carried[each].done for each in (10, 11)] == [True, False]
    assert verdict.carried[11].reason == "included, but the controller emitted no event for it"


@pytest.mark.parametrize("executed", [[A, C], [B, A], [A, B, B]])
def test_plan__event_of_another_trade__nothing_is_proven(executed: list[str]) -> None:
    verdict = judged(plan_of(A, B), executed, {})
    assert not verdict.done
    assert verdict.reason == "included, but the controller emitted events of other actions"
