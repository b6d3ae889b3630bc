"""Tests of M1: a run of weights leaves out holdings that cannot be traded or valued."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from keepers.model.errors.chain import CallRevertedError
from keepers.model.run import RunRecord, RunStatus, Stage
from keepers.model.tier_config import Tier
from keepers.runs.results import detail_of
from tests.unit.runs.market import Asset
from tests.unit.runs.tier_run_rig import UNIT
from tests.unit.runs.weights.weights_run_rig import WeightsRunRig

NO_QUOTES = "its venue offers no quotes"
STALE = "it cannot be valued: its feed is stale"


def four(shop: WeightsRunRig, bad: Asset) -> None:
    """Set an L3 of 1,000: X has 150 too much, Y 90 and Z 60 too little, and BAD as given."""
    memory = shop.memory
    del memory.assets["X"], memory.assets["Y"]
    memory.assets |= {
        "X": Asset(2, 400 * UNIT),
        "Y": Asset(2, 160 * UNIT),
        "BAD": bad,
        "Z": Asset(2, 190 * UNIT),
    }
    memory.targets |= {"X": 2_500, "Y": 2_500, "BAD": 2_500, "Z": 2_500}


def broken(way: str, balance: int) -> Asset:
    asset = Asset(2, balance * UNIT)
    match way:
        case "QUOTE":
            asset.quote_problem = NO_QUOTES
        case "PRICE":
            asset.rate = Fraction(90, 100)
        case _:
            asset.problem, asset.marked = STALE, True
    return asset


def held(shop: WeightsRunRig) -> dict[str, int]:
    return {name: amount // UNIT for name, amount in shop.memory.holdings().items()}


def left_out(record: RunRecord) -> list[dict[str, Any]]:
    found = detail_of(record, Stage.PLAN)
    assert found is not None
    return list(found["left_out"])


@pytest.mark.parametrize("way", ["QUOTE", "PRICE", "MARKED"])
@pytest.mark.parametrize("balance", [250, 150, 350], ids=["at", "below", "above"])
async def test_one_holding__broken__the_others_go_to_their_targets(
    shop: WeightsRunRig, way: str, balance: int
) -> None:
    four(shop, broken(way, balance))
    (record,) = await shop.check()
    assert record.status is RunStatus.DONE, record.reason
    after = held(shop)
    assert after["BAD"] == balance
    share = (750 + balance) // 4
    assert after["X"] == share
    if balance == 350:  # the proceeds are too small; the gaps share them
        assert (after["Y"], after["Z"]) == (231, 243)
    else:
        assert (after["Y"], after["Z"]) == (share, share)
    named = {each["asset"] for each in left_out(record)}
    assert named == (set() if balance == 250 and way != "MARKED" else {"BAD"})


@pytest.mark.parametrize(("balance", "after"), [(150, 150), (350, 275)], ids=["below", "above"])
async def test_one_holding__rate_below_the_least__is_sold_and_not_bought(
    shop: WeightsRunRig, balance: int, after: int
) -> None:
    four(shop, Asset(2, balance * UNIT, low=True))
    (record,) = await shop.check()
    assert record.status is RunStatus.DONE, record.reason
    assert held(shop)["BAD"] == after
    (found,) = left_out(record)
    assert (found["asset"], found["kind"]) == ("BAD", "PURCHASE")
    assert str(found["reason"]).startswith("its rate is below the minimum rate")


async def test_one_holding__left_out__is_told_in_log_and_report(shop: WeightsRunRig) -> None:
    four(shop, broken("QUOTE", 350))
    (record,) = await shop.check()
    (found,) = left_out(record)
    assert found == {"asset": "BAD", "kind": "SALE", "reason": NO_QUOTES}
    assert f"plan: BAD is not sold: {NO_QUOTES}" in shop.rig.said
    (report,) = [each for each in shop.rig.told() if each.key.startswith("report:")]
    assert f"BAD is not sold: {NO_QUOTES}" in report.text


async def test_only_one_to_sell__not_quoted__is_refused_and_named(shop: WeightsRunRig) -> None:
    shop.memory.assets["X"].quote_problem = NO_QUOTES
    (record,) = await shop.check()
    assert record.status is RunStatus.REFUSED
    assert f"X is not sold: {NO_QUOTES}" in (record.reason or "")
    assert shop.told == ["weights:main:L3"]
    assert await shop.check(weekly=False) == ()
    shop.memory.assets["X"].quote_problem = None
    (done,) = await shop.check(weekly=False)
    assert (done.status, shop.held) == (RunStatus.DONE, (300, 300))


async def test_only_one_to_buy__not_quoted__nothing_is_sold_for_it(shop: WeightsRunRig) -> None:
    shop.memory.assets["Y"].quote_problem = NO_QUOTES
    (record,) = await shop.check()
    assert record.status is RunStatus.REFUSED
    assert f"Y is not bought: {NO_QUOTES}" in (record.reason or "")
    assert "NOT_IMPROVED" in (record.reason or "")
    assert (shop.held, shop.sent) == ((400, 200), 0)


async def test_value_unknown__not_marked__says_to_mark_it_down(shop: WeightsRunRig) -> None:
    """The judge refuses the whole portfolio as long as one holding has no value."""
    four(shop, Asset(2, 250 * UNIT, problem=STALE))
    shop.memory.assets["FUND2"] = Asset(1, 100 * UNIT)
    shop.memory.targets |= {"FUND": 5_000, "FUND2": 5_000}
    by_tier = {each.run.trigger: each for each in await shop.check()}
    assert by_tier["WEIGHTS_L2"].status is RunStatus.DONE
    record = by_tier["WEIGHTS_L3"]
    assert record.status is RunStatus.REFUSED
    reason = record.reason or ""
    assert "BAD" in reason
    assert STALE in reason
    assert "mark it down with markDown" in reason
    assert shop.told == ["weights:main:L3"]
    assert [each["asset"] for each in left_out(record)] == ["BAD"]
    assert await shop.check(weekly=False) == ()
    shop.memory.assets["BAD"].marked = True
    (done,) = await shop.check(weekly=False)
    assert done.status is RunStatus.DONE, done.reason
    assert held(shop)["X"] == held(shop)["Y"] == 250


async def test_scales__revert_otherwise__stop_one_portfolio_alone(shop: WeightsRunRig) -> None:
    """A fund whose limits cannot be read makes the judge revert with the fund's error."""
    shop.memory.scales_error = CallRevertedError("Fund_Broken")
    shop.memory.assets["FUND2"] = Asset(1, 100 * UNIT)
    shop.memory.targets |= {"FUND": 5_000, "FUND2": 5_000}
    by_tier = {each.run.trigger: each for each in await shop.check()}
    assert by_tier["WEIGHTS_L2"].status is RunStatus.DONE
    assert by_tier["WEIGHTS_L3"].status is RunStatus.REFUSED
    reason = by_tier["WEIGHTS_L3"].reason or ""
    assert "Fund_Broken" in reason
    assert "markDown" in reason


async def test_by_hand__value_unknown__is_refused_with_the_same_words(shop: WeightsRunRig) -> None:
    shop.memory.assets["Y"].problem = STALE
    record = await shop.by_hand(Tier.L3)
    assert record.status is RunStatus.REFUSED
    assert "mark it down with markDown" in (record.reason or "")
