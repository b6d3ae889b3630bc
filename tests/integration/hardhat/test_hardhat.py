"""The keeper's main job on Hardhat's node, which has neither simulations nor access lists."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from keepers.model.run import RunStatus, Stage, StepStatus
from scripts.network.errors import RpcError
from tests.integration.keeper.test_rebalance import is_on_target
from tests.integration.support.hardhat import HardhatChain
from tests.integration.support.keeper import Keeper


@pytest.fixture
def stuck(keeper: Keeper, hardhat: HardhatChain) -> Generator[HardhatChain]:
    """Chain without automatic mining, with the keeper's first transaction in its pool."""
    keeper.configure(timeout=1)
    hardhat.rpc("evm_setAutomine", False)
    try:
        done = keeper.rebalance()
        assert "ballast txs show 1" in done.err
        yield hardhat
    finally:
        hardhat.forget_pool()
        hardhat.rpc("evm_setAutomine", True)


def ladder(keeper: Keeper) -> list[tuple[str, str]]:
    shown: Any = keeper.run("txs", "show", "1", "--json").json
    return [(each["kind"], each["state"]) for each in shown["nonces"][0]["ladder"]]


@pytest.mark.parametrize("method", ["eth_simulateV1", "eth_createAccessList"])
def test_node__lacks_what_anvil_has(hardhat: HardhatChain, method: str) -> None:
    with pytest.raises(RpcError, match="not supported"):
        hardhat.rpc(method, {})


def test_check__finds_everything_well(keeper: Keeper) -> None:
    done = keeper.run("check", "--json")
    assert done.status == 0, done.out + done.err


def test_plan__all_cash__has_five_purchases(keeper: Keeper) -> None:
    done = keeper.run("plan", "tiers", "--json")
    assert done.status == 0, done.err


def test_dry_run__simulates_each_action_by_itself_and_sends_nothing(keeper: Keeper) -> None:
    done = keeper.run("run", "--once")
    assert done.status == 0, done.err
    assert "simulation: passed" in done.err
    assert keeper.vault.keeper_nonce() == 0


def test_run__five_actions_are_done_and_verified(keeper: Keeper) -> None:
    done = keeper.rebalance()
    assert done.status == 0, done.err
    assert is_on_target(keeper)
    (record,) = keeper.runs()
    assert record.status is RunStatus.DONE
    assert [stage.stage for stage in record.stages] == list(Stage)
    assert [step.status for step in record.steps] == [StepStatus.DONE] * 5
    verification = next(each for each in record.stages if each.stage is Stage.VERIFICATION)
    assert verification.detail["alert"] is False
    again = keeper.rebalance()
    assert again.json["status"] == "NOTHING_TO_DO"


def test_bump__replaces_the_transaction_in_the_pool(keeper: Keeper, stuck: HardhatChain) -> None:
    bumped = keeper.run("txs", "bump", "1", "--arm", "--json")
    assert bumped.status == 0, bumped.err
    assert ladder(keeper) == [("ORIGINAL", "BROADCAST"), ("BUMP", "BROADCAST")]
    stuck.mine(3)
    keeper.run("txs", "resync")
    keeper.run("txs", "resync")
    assert ladder(keeper) == [("ORIGINAL", "DROPPED"), ("BUMP", "FINAL")]


def test_cancel__takes_the_nonce_and_the_next_run_plans_anew(
    keeper: Keeper, stuck: HardhatChain
) -> None:
    cancelled = keeper.run("txs", "cancel", "1", "--yes", "--reason", "too dear", "--arm")
    assert cancelled.status == 0, cancelled.err
    assert ladder(keeper) == [("ORIGINAL", "BROADCAST"), ("CANCEL", "BROADCAST")]
    stuck.mine(3)
    keeper.run("txs", "resync")
    keeper.run("txs", "resync")
    stuck.rpc("evm_setAutomine", True)
    keeper.configure()
    again = keeper.rebalance()
    assert again.status == 0, again.err
    assert is_on_target(keeper)
