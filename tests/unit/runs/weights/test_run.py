"""Tests of one run of weights: minimum outputs, risk check, result and kills."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from keepers.model.errors.run import ArmRequiredError, RunInProgressError
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_config import Tier
from keepers.model.weights_run import WEIGHTS
from keepers.runs.results import detail_of
from keepers.runs.tiers.dependencies import RiskReadings
from keepers.runs.weights import rebalance_weights
from keepers.store.database import nowhere
from tests.support.deep import IS_DEEP
from tests.support.sqlite import new_database
from tests.unit.runs.killing import Killed, killing, killing_at
from tests.unit.runs.market import START
from tests.unit.runs.risk.plans import Readings, feed
from tests.unit.runs.tier_run_rig import UNIT
from tests.unit.runs.weights.weights_run_rig import WeightsRunRig, shop_at

pytestmark = pytest.mark.deep

EVERY = 1 if IS_DEEP else 11
"""Step between the tested crash points; 11 reaches all kinds of them."""


def detail(record: RunRecord, stage: Stage) -> Any:
    found = detail_of(record, stage)
    assert found is not None
    return found


async def test_plan__has_a_quote_and_a_minimum_for_each_trade(shop: WeightsRunRig) -> None:
    shop.memory.assets["Y"].rate = Fraction(999, 1_000)
    record = await shop.by_hand()
    sale, purchase = detail(record, Stage.PLAN)["orders"]
    assert (sale["symbol"], sale["amount_in"]) == ("X", str(100 * UNIT))
    assert (sale["quoted_out"], sale["minimum_out"]) == (str(100 * UNIT), str(99_500_000))
    assert (purchase["symbol"], purchase["quoted_out"]) == ("Y", str(99_900_000))
    # 0.5 % for the purchase itself, and 0.5 % because its sale may bring less.
    assert purchase["minimum_out"] == str(98_903_498)
    (step,) = record.steps
    assert (step.step.kind, step.status, step.step.amount) == (WEIGHTS, StepStatus.DONE, 2 * 10**8)
    (attempt,) = step.attempts
    assert attempt.outcome is not None
    assert (attempt.outcome.received, attempt.outcome.slippage_bps) == (100, "0")


async def test_plan__tells_weights_before_and_after(shop: WeightsRunRig) -> None:
    record = await shop.by_hand()
    weights = detail(record, Stage.PLAN)["weights"]
    assert (weights["deviation_before"], weights["deviation_planned"]) == ("0.333333", "0")
    assert [each["symbol"] for each in weights["assets"]] == ["X", "Y"]
    shares = detail(record, Stage.VERIFICATION)["weights"]
    assert shares["before"] == {"0xX": "0.666667", "0xY": "0.333333"}
    assert shares["planned"] == shares["after"] == {"0xX": "0.5", "0xY": "0.5"}


async def test_turnover__below_the_smallest_move__is_not_worth_it(shop: WeightsRunRig) -> None:
    shop.memory.assets["X"].balance = 200 * UNIT + UNIT - 2
    assert (await shop.by_hand()).status is RunStatus.NOTHING_TO_DO
    shop.memory.assets["X"].balance = 200 * UNIT + UNIT
    assert (await shop.by_hand()).status is RunStatus.DONE


@pytest.mark.parametrize(
    ("rate", "status"),
    [(Fraction(94, 100), RunStatus.REFUSED), (Fraction(995, 1_000), RunStatus.DONE)],
)
async def test_slippage__beyond_the_block__refuses(
    shop: WeightsRunRig, rate: Fraction, status: RunStatus
) -> None:
    shop.memory.assets["X"].rate = rate
    record = await shop.by_hand()
    assert record.status is status
    if status is RunStatus.REFUSED:
        assert "sale of X would lose 600 bps" in (record.reason or "")
        assert shop.sent == 0


async def test_slippage__beyond_the_warning__is_said(shop: WeightsRunRig) -> None:
    shop.memory.assets["X"].rate = Fraction(975, 1_000)
    record = await shop.by_hand()
    assert record.status is RunStatus.DONE
    assert "250 bps" in detail(record, Stage.RISK)["warnings"][0]


async def test_price_that_moves__makes_it_wait(shop: WeightsRunRig) -> None:
    ports, readings = shop.ports(), Readings(feeds=(feed("Y", 100, 106),))
    unsteady = replace(ports, runs=replace(ports.runs, readings=RiskReadings(readings, readings)))
    record = await rebalance_weights(unsteady, Tier.L3, armed=True)
    assert (record.status, shop.sent) == (RunStatus.REFUSED, 0)
    assert "the price of Y moved 600 bps" in (record.reason or "")


async def test_key_without_coins__is_refused(shop: WeightsRunRig) -> None:
    shop.memory.balance = 1
    record = await shop.by_hand()
    assert record.status is RunStatus.REFUSED
    assert "fund the key" in (record.reason or "")


async def test_result_off_the_simulation__alerts(shop: WeightsRunRig) -> None:
    shop.memory.surprise = 20 * UNIT
    record = await shop.by_hand()
    assert record.status is RunStatus.DONE
    assert detail(record, Stage.VERIFICATION)["alert"] is True
    assert shop.told == ["verification:main:L3"]


async def test_event_missing__is_a_failure(shop: WeightsRunRig) -> None:
    shop.memory.runs_are_silent = True
    record = await shop.by_hand()
    assert record.status is RunStatus.FAILED
    assert "no event" in (record.reason or "")


async def test_journal__one_open_run_of_weights(shop: WeightsRunRig) -> None:
    def new(run_id: str) -> NewRun:
        return NewRun(
            run_id=run_id,
            vault="main",
            chain_id=1,
            trigger="WEIGHTS_L2",
            armed=True,
            started_at=START,
        )

    shop.journal.open_run(new("one"))
    shop.rig.journal.open_run(new("tiers"))
    with pytest.raises(RunInProgressError):
        shop.journal.open_run(new("two"))


async def test_killed_with_bytes_stored__unarmed_sends_nothing(shop: WeightsRunRig) -> None:
    killing_at(shop.rig, "after_store")
    with pytest.raises(Killed):
        await live(shop)
    shop.rig.on_point = nowhere
    with pytest.raises(ArmRequiredError):
        await shop.by_hand(armed=False)
    assert shop.sent == 0
    await live(shop)
    assert (shop.held, shop.sent) == ((300, 300), 1)


async def live(shop: WeightsRunRig) -> None:
    """Make the Monday check, as a resumed tick does."""
    await shop.check()


@pytest.mark.long
async def test_run__killed_at_every_point__ends_the_same(tmp_path: Path) -> None:
    shop = shop_at(new_database(tmp_path / "whole.sqlite"))
    passed = killing(shop.rig, 0)
    await live(shop)
    shop.rig.close()
    assert len(passed) > 30
    for at in range(1, len(passed) + 1, EVERY):
        shop = shop_at(new_database(tmp_path / f"{at}.sqlite"))
        killing(shop.rig, at)
        with pytest.raises(Killed):
            await live(shop)
        killing(shop.rig, 0)
        await live(shop)
        point = passed[at - 1]
        assert (shop.held, shop.sent) == ((300, 300), 1), point
        assert all(each.status is not RunStatus.OPEN for each in shop.runs()), point
        assert await shop.check(weekly=False) == (), point
        shop.rig.close()


async def test_feed_without_its_whole_history__is_a_note_and_no_warning(
    shop: WeightsRunRig,
) -> None:
    ports = shop.ports()
    readings = Readings(feeds=(feed("Y", 100, 100, reaches=False),))
    said: list[str] = []
    runs = replace(ports.runs, readings=RiskReadings(readings, readings), progress=said.append)
    record = await rebalance_weights(replace(ports, runs=runs), Tier.L3, armed=False)
    (note,) = detail(record, Stage.RISK)["notes"]
    assert f"risk: note: {note}" in said
    assert "has no prices back" in note
    assert not [each for each in said if each.startswith("risk: warning")]
