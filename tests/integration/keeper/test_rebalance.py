"""Rebalances from cash to target and back, with the real command, funds and pools."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from keepers.model.run import RunStatus, Stage, StepStatus
from scripts.network.market import accrue, set_price
from tests.integration.support.keeper import Keeper

TARGETS = (Fraction(1, 10), Fraction(3, 10), Fraction(6, 10))
SWAP_COSTS = Fraction(2, 1000)
"""Fees of the pools, 0.3 % of 24 % and 0.05 % of 18 % of the vault, and some price impact."""


def ratios(keeper: Keeper) -> list[Fraction]:
    tiers = keeper.vault.tiers()
    return [Fraction(value, sum(tiers)) for value in tiers]


def is_on_target(keeper: Keeper) -> bool:
    found = zip(ratios(keeper), TARGETS, strict=True)
    return all(abs(ratio - target) < SWAP_COSTS for ratio, target in found)


def test_dry_run__by_default__simulates_and_sends_nothing(keeper: Keeper) -> None:
    done = keeper.run("run", "--once")
    assert done.status == 0, done.err
    assert "nothing sent; use --arm" in done.out
    assert "simulation: passed" in done.err
    assert keeper.vault.keeper_nonce() == 0
    assert keeper.runs()[0].status is RunStatus.DRY_RUN


def test_run__all_cash__reaches_targets(keeper: Keeper) -> None:
    done = keeper.rebalance()
    assert done.status == 0, done.err
    assert done.json["status"] == "DONE"
    assert is_on_target(keeper)
    (record,) = keeper.runs()
    assert [stage.stage for stage in record.stages] == list(Stage)
    assert {step.step.symbol for step in record.steps} == {
        "AAVE-USDT",
        "TBILL",
        "WETH",
        "HYD",
        "CREDIT",
    }
    verification = next(each for each in record.stages if each.stage is Stage.VERIFICATION)
    assert verification.detail["alert"] is False
    assert [sample.label for sample in keeper.journal.samples("main")] == ["before", "after"]


def calm_down(keeper: Keeper) -> None:
    """Let an hour pass without another price move, so that non-urgent work need not wait."""
    accrue(keeper.vault.chain, 3_700)


def test_run__on_target__has_nothing_to_do(keeper: Keeper) -> None:
    keeper.rebalance()
    nonce = keeper.vault.keeper_nonce()
    again = keeper.rebalance()
    assert again.status == 0
    assert again.json["status"] == "NOTHING_TO_DO"
    assert keeper.vault.keeper_nonce() == nonce


def test_run__pool_asset_rises__is_sold_to_others(keeper: Keeper) -> None:
    keeper.rebalance()
    # WETH is 24 % of the vault: 50 % more takes L3 to 64 %; a scheduled run brings it back.
    set_price(keeper.vault.chain, "WETH", Decimal(4500))
    calm_down(keeper)
    done = keeper.rebalance("--trigger", "scheduled")
    assert done.status == 0, done.err
    # One leg fills L1 and one fills L2, so that there are two sales.
    sold = {step["symbol"] for step in done.json["steps"] if step["kind"] == "SALE"}
    assert sold == {"WETH"}
    assert is_on_target(keeper)


def test_run__pool_asset_falls__purchases_depend_on_sales(keeper: Keeper) -> None:
    keeper.rebalance()
    # L3 falls to 54.5 %, L2 rises to 34 % and L1 to 11.4 %: L2 pays for purchases in L3.
    set_price(keeper.vault.chain, "WETH", Decimal(1500))
    early = keeper.rebalance()
    assert early.status == 1
    assert "the price of WETH moved" in early.err
    calm_down(keeper)
    done = keeper.rebalance()
    assert done.status == 0, done.err
    steps = {step["index"]: step for step in done.json["steps"]}
    dependent = [step for step in steps.values() if step["depends_on"]]
    assert dependent
    for step in dependent:
        assert all(steps[index]["kind"] == "SALE" for index in step["depends_on"])
    assert is_on_target(keeper)


def test_run__events__give_received_and_slippage(keeper: Keeper) -> None:
    keeper.rebalance()
    (record,) = keeper.runs()
    for step in record.steps:
        (attempt,) = step.attempts
        assert step.status is StepStatus.DONE
        assert attempt.outcome is not None
        assert (attempt.outcome.received or 0) >= step.trade.minimum_out
        # 0.3 % is the highest pool fee; funds charge nothing.
        assert abs(Decimal(attempt.outcome.slippage_bps or "1000")) < 40


@pytest.mark.parametrize("command", [("status",), ("plan", "tiers"), ("check",)])
def test_read_command__before_any_run__answers_json(
    keeper: Keeper, command: tuple[str, ...]
) -> None:
    done = keeper.run(*command, "--json")
    assert done.status == 0, done.err
    assert done.json


def test_status__all_cash__has_exact_metrics(keeper: Keeper) -> None:
    layers = keeper.run("status", "--json").json["layers"]
    assert layers[0] == {
        "tier": "L1",
        "value": "100000",
        "ratio": "1",
        "target": "0.1",
        "deviation": "0.9",
        "min": "0.05",
        "max": "0.2",
        "within_bounds": False,
    }
