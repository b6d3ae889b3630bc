"""Tests of limits below the urgent amount: sales use the limit, and the rest waits."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from keepers.model.limits import Limit
from keepers.model.run import RunRecord, RunStatus, Stage
from keepers.model.tier_plan import TriggerKind
from keepers.runs.results import detail_of
from keepers.runs.tiers.pipeline import run_once
from tests.unit.runs.market import Asset
from tests.unit.runs.test_isolation import office_of
from tests.unit.runs.tier_run_rig import POLICY, UNIT, TierRunRig

RAISED = 100 * UNIT
"""One tenth of the vault, the target of L1."""

MARGIN = Fraction(999, 1_000)
"""Share of a limit that a reduced plan uses."""


def run_on_cash(path: Path, assets: dict[str, Asset], **changed: object) -> TierRunRig:
    """Return a rig of a vault of 1,000 without cash."""
    return office_of(path, 0, assets, **changed)


def plain() -> dict[str, Asset]:
    return {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 600 * UNIT)}


async def refill(rig: TierRunRig) -> RunRecord:
    return await run_once(rig.ports(), TriggerKind.LIQUIDITY, armed=True)


def told(record: RunRecord) -> str:
    found = detail_of(record, Stage.PLAN)
    assert found is not None
    return "; ".join([*found["waits"], *(each["reason"] for each in found["left_out"])])


async def test_exits__less_than_is_urgent__are_used_and_the_rest_is_told(tmp_path: Path) -> None:
    rig = run_on_cash(tmp_path, plain(), reducing=Limit(150 * UNIT, 60 * UNIT, 1_500))
    record = await refill(rig)
    assert record.status is RunStatus.DONE, record.reason
    assert rig.memory.holdings()["idle"] == 60 * UNIT * MARGIN
    reason = record.reason or ""
    assert "sales of 40.06 USDT of 100 USDT wait: the risk-reducing limit of keeper 0x" in reason
    assert "allows 60 USDT now (150 USDT when full)" in reason
    assert "40.06 USDT of them at 2030-01-01 00:06:40" in reason
    assert told(record) in reason
    rig.close()


async def test_exits__filled_again__the_rest_is_sold(tmp_path: Path) -> None:
    rig = run_on_cash(tmp_path, plain(), reducing=Limit(150 * UNIT, 60 * UNIT, 1_500))
    await refill(rig)
    rig.memory.reducing = Limit(10**18, 10**18, 1)
    record = await refill(rig)
    assert record.status is RunStatus.DONE, record.reason
    assert rig.memory.holdings()["idle"] == RAISED
    rig.close()


async def test_exits__used_up__nothing_is_sold_and_it_says_when(tmp_path: Path) -> None:
    rig = run_on_cash(tmp_path, plain(), reducing=Limit(150 * UNIT, 0, 1_500))
    record = await refill(rig)
    assert record.status is RunStatus.REFUSED
    assert "100 USDT of them at 2030-01-01 00:16:40" in (record.reason or "")
    assert rig.memory.holdings()["idle"] == 0
    rig.close()


async def test_exits__room_for_less_than_the_smallest_order__nothing_is_sold(
    tmp_path: Path,
) -> None:
    least = POLICY.tiers.rebalance_min_amount
    rig = run_on_cash(tmp_path, plain(), reducing=Limit(150 * UNIT, least, 1_500))
    record = await refill(rig)
    assert record.status is RunStatus.REFUSED
    rig.close()


@pytest.mark.parametrize("has_other", [True, False])
async def test_losses__less_than_is_urgent__the_rest_comes_from_others_or_waits(
    tmp_path: Path, *, has_other: bool
) -> None:
    """One holding of L2 loses 1 %, and half a unit of the loss budget is left."""
    lossy = Asset(1, 400 * UNIT, target_bps=5_000, rate=Fraction(99, 100))
    assets = {"LOSSY": lossy, "YIELD": Asset(2, 600 * UNIT)}
    if has_other:
        lossy.balance = 250 * UNIT
        assets["PLAIN"] = Asset(1, 150 * UNIT, target_bps=5_000)
    rig = run_on_cash(tmp_path, assets, loss_reducing=Limit(UNIT, UNIT // 2, 1_000))
    record = await refill(rig)
    assert record.status is RunStatus.DONE, record.reason
    held = rig.memory.holdings()
    assert lossy.balance - held["LOSSY"] == 50 * UNIT * MARGIN
    if has_other:
        assert held["PLAIN"] < 150 * UNIT
    reason = record.reason or ""
    assert "of LOSSY wait: its sale would lose about" in reason
    assert "loss budget of actions that reduce risk allows 0.5 USDT now (1 USDT when full" in reason
    rig.close()


async def test_losses__used_up__what_loses_nothing_is_sold_instead(tmp_path: Path) -> None:
    assets = {
        "LOSSY": Asset(1, 250 * UNIT, target_bps=5_000, rate=Fraction(99, 100)),
        "PLAIN": Asset(1, 150 * UNIT, target_bps=5_000),
        "YIELD": Asset(2, 600 * UNIT),
    }
    rig = run_on_cash(tmp_path, assets, loss_reducing=Limit(UNIT, 0, 1_000))
    record = await refill(rig)
    assert record.status is RunStatus.DONE, record.reason
    held = rig.memory.holdings()
    assert held["LOSSY"] == 250 * UNIT
    assert held["PLAIN"] == 50 * UNIT
    assert "loss budget of actions that reduce risk allows 0 USDT now" in told(record)
    rig.close()


async def test_losses__used_up_and_nothing_else__says_when(tmp_path: Path) -> None:
    assets = {name: Asset(each.tier, each.balance, rate=Fraction(99, 100))
              for name, each in plain().items()}  # fmt: skip
    rig = run_on_cash(tmp_path, assets, loss_reducing=Limit(10 * UNIT, 0, 1_000))
    record = await refill(rig)
    assert record.status is RunStatus.REFUSED
    assert "(10 USDT when full; this amount at 2030-01-01 00:" in (record.reason or "")
    rig.close()


@pytest.mark.parametrize("field", ["automatic", "loss_adding"])
async def test_limits_on_what_adds_risk__used_up__stop_no_exit(tmp_path: Path, field: str) -> None:
    rig = run_on_cash(tmp_path, plain(), **{field: Limit(UNIT, 0, 400)})
    record = await refill(rig)
    assert record.status is RunStatus.DONE, record.reason
    assert rig.memory.holdings()["idle"] == RAISED
    rig.close()
