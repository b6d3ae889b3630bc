"""Tests of M1, M4 and M8: an untradable holding stops only itself, and urgent work runs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import select

from keepers.model.approval import TicketState
from keepers.model.limits import Limit
from keepers.model.order import OrderKind, TradingRoom
from keepers.model.run import RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import AUTO, TierPlan, TriggerKind
from keepers.model.vault import HoldingKind, VaultSnapshot
from keepers.runs.results import detail_of
from keepers.runs.tiers.offers import offers_of, reasons_untradable
from keepers.runs.tiers.pipeline import run_once
from keepers.runs.tiers.scheduled_check import check_once
from keepers.runs.tiers.tier_plan import propose
from keepers.store.tables import notifications
from tests.support.sqlite import new_database
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.tier_run_rig import POLICY, UNIT, TierRunRig

WHOLE = 1_000 * UNIT


def office_of(path: Path, idle: int, assets: dict[str, Asset], **changed: object) -> TierRunRig:
    memory = Memory(idle * UNIT, assets)
    for name, value in changed.items():
        setattr(memory, name, value)
    return TierRunRig(memory, new_database(path / "journal.sqlite"))


def traded(record: RunRecord) -> dict[str, StepStatus]:
    return {f"{each.step.kind} {each.step.symbol}": each.status for each in record.steps}


def broken(way: str) -> Asset:
    """Return the first of L3's two holdings, broken in one way."""
    asset = Asset(2, 100 * UNIT, HoldingKind.VENUE, target_bps=5_000)
    match way:
        case "VALUE":
            asset.problem = "its feed is stale"
        case "QUOTE":
            asset.quote_problem = "its venue offers no quotes"
        case "ROOM":
            asset.room = TradingRoom.closed("its market is paused")
        case _:
            asset.rate = Fraction(90, 100)
    return asset


@pytest.mark.parametrize("way", ["VALUE", "QUOTE", "ROOM", "PRICE"])
async def test_deploy__one_holding_broken__the_other_is_bought_up_to_its_target(
    tmp_path: Path, way: str
) -> None:
    fine = Asset(2, 100 * UNIT, target_bps=5_000)
    assets = {"FUND": Asset(1, 300 * UNIT), "BAD": broken(way), "FINE": fine}
    rig = office_of(tmp_path, 500, assets)
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE, record.reason
    assert traded(record) == {"PURCHASE FINE": StepStatus.DONE}
    # L3 goes to 600: half of it is FINE, and the half of BAD stays in cash.
    assert rig.memory.holdings()["FINE"] == 300 * UNIT
    detail = detail_of(record, Stage.PLAN)
    assert detail is not None
    assert [each["asset"] for each in detail["left_out"]] == ["BAD"]
    assert any(line.startswith("plan: BAD is") for line in rig.said)
    rig.close()


async def test_deploy__rate_below_the_least__the_other_is_bought_and_people_hear_why(
    tmp_path: Path,
) -> None:
    """A drained fund is the most underweight holding, so every plan would buy it."""
    assets = {
        "FUND": Asset(1, 300 * UNIT),
        "DRAINED": Asset(2, 50 * UNIT, target_bps=5_000, low=True),
        "FINE": Asset(2, 100 * UNIT, target_bps=5_000),
    }
    rig = office_of(tmp_path, 550, assets)
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE, record.reason
    assert traded(record) == {"PURCHASE FINE": StepStatus.DONE}
    said = (
        "plan: DRAINED is not bought: its rate is below the minimum rate, and deposits are closed"
    )
    assert any(line.startswith(said) for line in rig.said)
    rig.close()


async def test_refill__rate_below_the_least__is_sold_like_any_other(tmp_path: Path) -> None:
    assets = {"DRAINED": Asset(1, 400 * UNIT, low=True), "YIELD": Asset(2, 600 * UNIT)}
    rig = office_of(tmp_path, 0, assets)
    record = await run_once(rig.ports(), TriggerKind.LIQUIDITY, armed=True)
    assert record.status is RunStatus.DONE, record.reason
    assert traded(record) == {"SALE DRAINED": StepStatus.DONE}
    rig.close()


async def test_check__holding_without_a_value__people_hear_of_it_and_of_its_end(
    tmp_path: Path,
) -> None:
    fine = Asset(2, 300 * UNIT, target_bps=5_000)
    bad = Asset(2, 300 * UNIT, HoldingKind.VENUE, target_bps=5_000, problem="its feed is stale")
    rig = office_of(tmp_path, 100, {"FUND": Asset(1, 300 * UNIT), "BAD": bad, "FINE": fine})
    for problem in ("its feed is stale", "its feed is stale", None, None):
        bad.problem = problem
        await check_once(rig.ports(), TriggerKind.LIQUIDITY, armed=True)
    rows = rig.database.read(lambda c: c.execute(select(notifications)).all())
    (report, recovery) = [each for each in rows if each.key == "holding:main:BAD"]
    assert report.text.startswith(
        "BAD is left out: its feed is stale. All other assets are traded."
    )
    assert recovery.text == "vault main: BAD has a value again"
    rig.close()


async def test_refill__one_sale_would_be_refused__others_raise_the_cash(tmp_path: Path) -> None:
    assets = {
        "BAD": Asset(1, 200 * UNIT, target_bps=5_000, reverts=True),
        "FINE": Asset(1, 200 * UNIT, target_bps=5_000),
        "YIELD": Asset(2, 600 * UNIT),
    }
    rig = office_of(tmp_path, 0, assets)
    record = await run_once(rig.ports(), TriggerKind.LIQUIDITY, armed=True)
    held = rig.memory.holdings()
    assert held["BAD"] == 200 * UNIT
    assert held["idle"] == 100 * UNIT
    assert record.status in {RunStatus.DONE, RunStatus.NOTHING_TO_DO}
    reasons = [each.error or "" for run in rig.journal.runs("main") for each in run.steps]
    assert any("the chain would refuse it" in each for each in reasons)
    rig.close()


async def test_optional_purchase__refused_by_the_chain__sales_for_cash_are_made(
    tmp_path: Path,
) -> None:
    """M4: before, a refused purchase of L2 stopped all sales."""
    assets = {
        "FUND": Asset(1, 100 * UNIT, refuses_purchases=True),
        "YIELD": Asset(2, 900 * UNIT),
    }
    rig = office_of(tmp_path, 0, assets, redemptions_due=200 * UNIT)
    await run_once(rig.ports(), AUTO, armed=True)
    assert rig.memory.holdings()["idle"] >= 100 * UNIT
    assert rig.memory.holdings()["FUND"] == 100 * UNIT
    rig.close()


@pytest.mark.parametrize("threshold", [10**15, 50 * UNIT], ids=["raised", "default"])
async def test_bank_run__most_shares_leave__all_that_is_due_is_raised(
    tmp_path: Path, threshold: int
) -> None:
    """M4: 2.26M of 2.65M are due, 85 % of the shares."""
    assets = {
        "FUND": Asset(1, 220 * UNIT, refuses_purchases=True),
        "YIELD": Asset(2, 670 * UNIT, refuses_purchases=True),
    }
    rig = office_of(tmp_path, 110, assets, redemptions_due=850 * UNIT)
    amounts = {"rebalance_approval_threshold": threshold, "rebalance_min_amount": UNIT}
    tiers = POLICY.tiers.for_token(6, amounts=amounts)
    record = await run_once(rig.ports(tiers=tiers), AUTO, armed=True)
    assert record.status is RunStatus.DONE, record.reason
    assert rig.memory.holdings()["idle"] >= 850 * UNIT
    assert {each.step.kind for each in record.steps} == {str(OrderKind.SALE)}
    rig.close()


async def test_urgent__rest_is_beyond_its_limit__goes_first_all_the_same(tmp_path: Path) -> None:
    assets = {"FUND": Asset(1, 200 * UNIT), "YIELD": Asset(2, 760 * UNIT)}
    none = Limit(UNIT, UNIT, 400)
    rig = office_of(tmp_path, 40, assets, automatic=none)
    await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert rig.memory.holdings()["idle"] == 100 * UNIT
    first, second = reversed(rig.journal.runs("main"))
    assert first.status is RunStatus.DONE
    assert second.status is RunStatus.REFUSED
    assert "automatic limit" in (second.reason or "")
    rig.close()


async def test_rest__needs_no_approval__is_done_once(tmp_path: Path) -> None:
    """Before, a finished remainder restarted itself and sold until the chain refused."""
    assets = {"FUND": Asset(1, 200 * UNIT), "YIELD": Asset(2, 760 * UNIT)}
    rig = office_of(tmp_path, 40, assets)
    await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert rig.memory.holdings() == {
        "idle": 100 * UNIT,
        "FUND": 300 * UNIT,
        "YIELD": 600 * UNIT,
    }
    rest, first = rig.journal.runs("main")
    assert (first.status, rest.status) == (RunStatus.DONE, RunStatus.DONE), rest.reason
    assert rest.run.follows == first.run.run_id
    rig.close()


async def test_concentration__above_its_limit__is_sold_and_the_others_bought(
    tmp_path: Path,
) -> None:
    """M8: before, the trigger fired and nothing was done."""
    assets = {
        "FUND": Asset(1, 300 * UNIT),
        "BIG": Asset(2, 300 * UNIT, target_bps=3_400),
        "MID": Asset(2, 150 * UNIT, target_bps=3_300),
        "LOW": Asset(2, 150 * UNIT, target_bps=3_300),
    }
    rig = office_of(tmp_path, 100, assets)
    record = await run_once(rig.ports(), TriggerKind.THRESHOLD, armed=True)
    assert record.status is RunStatus.DONE, record.reason
    held = rig.memory.holdings()
    assert (held["BIG"], held["MID"], held["LOW"]) == (204 * UNIT, 198 * UNIT, 198 * UNIT)
    rig.close()


async def test_concentration__targets_are_above_the_limit__says_why_nothing_is_done(
    tmp_path: Path,
) -> None:
    assets = {"FUND": Asset(1, 300 * UNIT), "ONLY": Asset(2, 600 * UNIT)}
    rig = office_of(tmp_path, 100, assets)
    record = await run_once(rig.ports(), TriggerKind.THRESHOLD, armed=True)
    assert record.status is RunStatus.NOTHING_TO_DO
    assert "at their target weights ONLY are 60 %" in (record.reason or "")
    assert "ASSET_CONCENTRATION" in (record.reason or "")
    rig.close()


async def test_rejected__however_it_is_started__is_not_asked_for_again(tmp_path: Path) -> None:
    """O13: before, `run --once` requested a rejected plan again at once."""
    assets = {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 500 * UNIT)}
    rig = office_of(tmp_path, 100, assets)
    amounts = {"rebalance_approval_threshold": UNIT, "rebalance_min_amount": UNIT}
    tiers = POLICY.tiers.for_token(6, amounts=amounts)
    first = await run_once(rig.ports(tiers=tiers), TriggerKind.SCHEDULED, armed=True)
    assert first.status is RunStatus.OPEN
    rig.tickets.decide(first.run.run_id, TicketState.REJECTED, "not now", by="ann")
    for _ in range(12):
        again = await run_once(rig.ports(tiers=tiers), TriggerKind.SCHEDULED, armed=True)
        assert again.status is RunStatus.REFUSED
        assert "this plan was rejected or expired" in (again.reason or "")
    await rig.clock.sleep(86_401)
    later = await run_once(rig.ports(tiers=tiers), TriggerKind.SCHEDULED, armed=True)
    assert later.status is RunStatus.OPEN
    rig.close()


async def test_dry_run__needs_approval__says_how_many_and_does_not_fail(tmp_path: Path) -> None:
    """O4: before, it was simulated without approval and failed at the automatic limit."""
    assets = {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 500 * UNIT)}
    rig = office_of(tmp_path, 100, assets, automatic=Limit(UNIT, UNIT, 400))
    amounts = {"rebalance_approval_threshold": UNIT, "rebalance_min_amount": UNIT}
    tiers = POLICY.tiers.for_token(6, amounts=amounts)
    record = await run_once(rig.ports(tiers=tiers), TriggerKind.SCHEDULED, armed=False)
    assert record.status is RunStatus.DRY_RUN, record.reason
    assert "approval: would request 1 approval(s)" in rig.said
    rig.close()


def tiers_of(rig: TierRunRig, snapshot: VaultSnapshot) -> TierPlan:
    return propose(rig.ports(), snapshot, TriggerKind.SCHEDULED).plan


async def test_untradable__only_holdings_of_the_plan_are_broken__names_each_once(
    tmp_path: Path,
) -> None:
    """Before, status showed when a plan passes although none of it could be traded."""
    assets = {"FUND": Asset(1, 300 * UNIT), "BAD": broken("ROOM"), "WORSE": broken("VALUE")}
    rig = office_of(tmp_path, 500, assets)
    ports = rig.ports()
    snapshot = await ports.chain.snapshot()
    plan, offers = tiers_of(rig, snapshot), await offers_of(ports, snapshot)
    reasons = reasons_untradable(plan, offers, POLICY.tiers.rebalance_min_amount)
    assert {each.to_tier for each in plan.actions} == {Tier.L3}
    assert set(reasons) == {
        "BAD is left out: its market is paused",
        "WORSE is left out: its feed is stale",
    }
    rig.close()


async def test_untradable__another_holding_can_be_bought__is_empty(tmp_path: Path) -> None:
    fine = Asset(2, 100 * UNIT, target_bps=5_000)
    rig = office_of(
        tmp_path, 400, {"FUND": Asset(1, 300 * UNIT), "BAD": broken("ROOM"), "FINE": fine}
    )
    ports = rig.ports()
    snapshot = await ports.chain.snapshot()
    plan, offers = tiers_of(rig, snapshot), await offers_of(ports, snapshot)
    assert plan.actions
    assert reasons_untradable(plan, offers, POLICY.tiers.rebalance_min_amount) == ()
    rig.close()
