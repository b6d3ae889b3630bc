"""Defaults of values that move money: free, unlimited, exact; and numbers shared with contracts."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from keepers.model.approval import Verb
from keepers.model.batch import TargetOrder
from keepers.model.bridge import Tariff
from keepers.model.chain_events import Handled, Level, LevelKind
from keepers.model.chain_view import FeeLimits
from keepers.model.inventory_state import InventorySettings
from keepers.model.recurring import MAX_RETRIES, Funding, MeasuredJob
from keepers.model.step import StepCall

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts" / "vault"


def test_tariff__without_figures__is_free_and_without_limits() -> None:
    tariff = Tariff()
    assert (tariff.fee(10**9), tariff.arriving(7)) == (0, 7)
    assert (tariff.least_for(1), tariff.most()) == (1, None)


def test_target_order__without_tolerance__is_exact() -> None:
    assert TargetOrder(targets={}).tolerance == Fraction(0)


def test_widened__limits_for_a_cancellation__are_multiplied() -> None:
    wide = FeeLimits(maximum=10, priority=4).widened(3)
    assert (wide.maximum, wide.priority) == (30, 12)


def test_inventory_settings__without_a_window__give_four_hours() -> None:
    (found,) = (each for each in fields(InventorySettings) if each.name == "approval_window")
    assert found.default == timedelta(hours=4)


def test_handled__either_kind_of_event__is_something() -> None:
    level = Level(LevelKind.PRICE, "AAA", 5)
    assert [bool(each) for each in (Handled(), Handled((1,)), Handled((), (level,)))] == [
        False,
        True,
        True,
    ]


def test_funding__that_nobody_has_set__admits_nothing() -> None:
    funding = Funding("0x01")
    assert (funding.balance, funding.per_run, funding.per_day) == (0, 0, 0)


def test_measured_job__without_figures__costs_and_pays_nothing() -> None:
    measured = MeasuredJob(job=None, gas=None)  # type: ignore[arg-type]
    assert (measured.payout, measured.cost) == (0, 0)


def test_step_call__without_priority__is_of_the_first() -> None:
    step = StepCall(index=0, kind="SALE", reason="", target="0x01", calldata="0x")
    assert (step.priority, step.depends_on) == (0, ())


def test_retries__of_a_temporary_skip__are_those_of_the_contract() -> None:
    texts = [file.read_text() for file in (CONTRACTS.parent / "libraries").glob("*.sol")]
    numbers = {found for text in texts for found in re.findall(r"MAX_RETRIES = (\d+);", text)}
    assert numbers == {str(MAX_RETRIES)}


@pytest.mark.parametrize(("name", "verb"), [("PURCHASE", Verb.PURCHASE), ("REDEEM", Verb.SALE)])
def test_verb__number__is_that_of_the_controller(name: str, verb: Verb) -> None:
    texts = [file.read_text() for file in CONTRACTS.glob("*.sol")]
    numbers = {found for text in texts for found in re.findall(rf"{name} = (\d+);", text)}
    assert numbers == {str(int(verb))}
