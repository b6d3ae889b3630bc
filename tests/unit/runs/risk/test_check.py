"""Tests of the risk check: admitted, waiting and refused actions, and the stored detail."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from keepers.model.order import OrderKind
from keepers.model.run import NewRun, Stage
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerKind
from keepers.model.vault import HoldingKind
from keepers.runs.strategy import RunRefusedError
from keepers.runs.tiers.dependencies import RiskReadings, TierRunDependencies
from keepers.runs.tiers.pipeline import run_once
from keepers.runs.tiers.risk import Verdict, assess_risk
from tests.unit.runs.risk.plans import (
    CASH_IN,
    DOWN,
    NOW,
    UP,
    Draft,
    Readings,
    feed,
    position,
    rate,
)
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig

WETH, FUND, CREDIT = position("WETH", HoldingKind.VENUE), position("FUND"), position("CREDIT")
JUMPY = feed("WETH", 100, 110)
DEAR, CHEAP = Fraction(1), Fraction(1, 10**18)
"""Base units of the settlement token per wei: a very high and a negligible price."""


async def assessed(ports: TierRunDependencies, draft: Draft, readings: Readings) -> Verdict:
    run = NewRun(run_id="run", vault="main", chain_id=1, trigger="auto", armed=True, started_at=NOW)
    ports.store.open_run(run)
    return await assess_risk(ports, "run", draft.planned(), RiskReadings(readings, readings))


def detail(ports: TierRunDependencies) -> dict[str, Any]:
    (stage,) = ports.store.run("run").stages
    assert stage.stage is Stage.RISK
    return dict(stage.detail)


def deployment() -> Draft:
    """Return a plan from cash into a fund that earns 1 % in ten days."""
    made = Draft()
    made.add(OrderKind.PURCHASE, CREDIT, made.leg((Tier.L1, Tier.L3)))
    return made


def earning(days: int = 10) -> Readings:
    return Readings(coin_price=DEAR, rates=[rate("CREDIT", days, 990_099_010)])


async def test_check__volatile_and_urgent_together__urgent_goes_on(
    ports: TierRunDependencies,
) -> None:
    made = Draft()
    made.add(OrderKind.SALE, FUND, made.leg(CASH_IN, priority=1))
    made.add(OrderKind.PURCHASE, WETH, made.leg(UP))
    verdict = await assessed(ports, made, Readings(feeds=(JUMPY,)))
    assert [each.step.index for each in verdict.admitted.actions] == [0]
    assert [each.index for each in verdict.waiting] == [1]
    (waiting,) = detail(ports)["waiting"]
    assert waiting["index"] == 1
    assert "moved 1000 bps" in waiting["reason"]


async def test_check__everything_waits__is_refused_with_the_reason(
    ports: TierRunDependencies,
) -> None:
    made = Draft()
    made.add(OrderKind.PURCHASE, WETH, made.leg(UP))
    with pytest.raises(RunRefusedError, match="the price of WETH moved 1000 bps"):
        await assessed(ports, made, Readings(feeds=(JUMPY,)))
    assert "moved 1000 bps" in detail(ports)["blocked"]


async def test_check__urgent_alone__reads_no_feed(ports: TierRunDependencies) -> None:
    made = Draft()
    made.add(OrderKind.SALE, WETH, made.leg(CASH_IN, priority=0))
    readings = Readings(feeds=(JUMPY,))
    verdict = await assessed(ports, made, readings)
    assert readings.asked == []
    assert verdict.waiting == ()


async def test_check__leg_that_waits_would_be_blocked__does_not_block_the_urgent(
    ports: TierRunDependencies,
) -> None:
    made = Draft()
    made.add(OrderKind.SALE, FUND, made.leg(CASH_IN, priority=1))
    made.add(OrderKind.PURCHASE, WETH, made.leg(UP), slippage_bps="900")
    verdict = await assessed(ports, made, Readings(feeds=(JUMPY,)))
    assert len(verdict.admitted.actions) == 1


async def test_check__gas_above_the_gain__is_left_out_with_numbers(
    ports: TierRunDependencies,
) -> None:
    with pytest.raises(RunRefusedError, match="bps of the expected yield gain"):
        await assessed(ports, deployment(), earning())
    weighed = detail(ports)["gas_against_gain"]
    # 1 % of 100 in 10 days is 3 in 30 days.
    assert abs(Fraction(weighed["gain"]) - 3 * UNIT) < 1
    assert weighed["indices"] == [0]
    assert weighed["cost"] == weighed["cost_wei"]


async def test_check__gas_below_the_gain__goes_on(ports: TierRunDependencies) -> None:
    readings = earning()
    readings.coin_price = CHEAP
    verdict = await assessed(ports, deployment(), readings)
    assert (verdict.waiting, verdict.notes) == ((), ())
    assert detail(ports)["yields"]["0xCREDIT"]["days"] == "10"


async def test_check__new_fund__has_no_yield_and_is_told(ports: TierRunDependencies) -> None:
    verdict = await assessed(ports, deployment(), Readings(coin_price=DEAR))
    assert verdict.waiting == ()
    assert verdict.notes == ("gas was not compared with the gain: no yield is known for CREDIT",)


async def test_check__history_of_less_than_a_day__is_none(ports: TierRunDependencies) -> None:
    readings = earning()
    readings.rates[0] = replace(
        readings.rates[0], at=NOW - timedelta(days=1) + timedelta(seconds=1)
    )
    assert (await assessed(ports, deployment(), readings)).waiting == ()


@pytest.mark.parametrize(("tiers", "priority"), [(DOWN, 3), (CASH_IN, 1), (CASH_IN, 0)])
async def test_check__what_brings_risk_down__is_never_weighed(
    ports: TierRunDependencies, tiers: tuple[Tier, Tier], priority: int
) -> None:
    made = Draft()
    made.add(OrderKind.SALE, CREDIT, made.leg(tiers, priority))
    verdict = await assessed(ports, made, earning())
    assert len(verdict.admitted.actions) == 1


async def test_check__refill_beside_a_deployment_that_is_not_worth_it__goes_on(
    ports: TierRunDependencies,
) -> None:
    made = deployment()
    made.add(OrderKind.SALE, FUND, made.leg(CASH_IN, priority=1))
    verdict = await assessed(ports, made, earning())
    assert [each.step.index for each in verdict.admitted.actions] == [1]


async def test_check__every_run__remembers_what_funds_are_worth(ports: TierRunDependencies) -> None:
    readings = Readings()
    await assessed(ports, deployment(), readings)
    (kept,) = readings.rates
    assert (kept.asset, kept.assets, kept.shares, kept.at) == (
        "0xCREDIT",
        1_000 * UNIT,
        1_000 * UNIT,
        NOW,
    )


async def test_check__detail__holds_texts_and_no_floats(ports: TierRunDependencies) -> None:
    made = deployment()
    made.add(OrderKind.PURCHASE, WETH, made.leg(UP), slippage_bps="1.5", impact_bps=Fraction(7, 3))
    await assessed(ports, made, Readings(feeds=(feed("WETH", 100, 101),)))
    kept = detail(ports)
    assert kept["legs"][1] == {
        "index": 1,
        "symbol": "WETH",
        "slippage_bps": "1.5",
        "impact_bps": "2.3333",
        "urgent": False,
    }
    assert kept["feeds"][0]["move_bps"] == "100"
    assert kept["feeds"][0]["rounds"] == 2

    def no_float(text: str) -> float:
        raise AssertionError(text)

    json.loads(json.dumps(kept), parse_float=no_float)


async def test_run__gas_not_compared__is_a_note_and_no_warning(
    ports: TierRunDependencies, rig: TierRunRig
) -> None:
    readings = Readings(coin_price=DEAR)
    ports = replace(ports, readings=RiskReadings(readings, readings))
    await run_once(ports, TriggerKind.SCHEDULED, armed=False)
    (line,) = [each for each in rig.said if "gas was not compared" in each]
    assert line.startswith("risk: note: ")
    assert not [each for each in rig.said if each.startswith("risk: warning")]


async def test_run__large_loss__stays_a_warning(
    ports: TierRunDependencies, rig: TierRunRig
) -> None:
    rig.memory.assets["YIELD"].rate = Fraction(97, 100)
    await run_once(ports, TriggerKind.SCHEDULED, armed=False)
    assert any(each.startswith("risk: warning: purchase of YIELD") for each in rig.said)
