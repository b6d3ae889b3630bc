"""Paid runs of the vault's own contracts: money moves, or the keeper reports why not (M7, O2)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.errors import EXIT_FAILED
from scripts.deployment.limits import limit_key
from scripts.deployment.local import GUARDIAN
from scripts.deployment.vault.limits import limit_differences
from scripts.network.accounts import WHALE, test_account
from tests.integration.recurring.conftest import ETHER, INTERVAL, LEDGER, MEDIUM, Stage
from tests.integration.support.deploy import KEEPER_ACCOUNT

REGISTRY, CONTROLLER = "PaidRebalancerRegistry", "AssetController"
DEFAULT_EFFORT, BOOKING_GAS = 4_500_000, 350_000
SMALL_EFFORT = 500_000


def cash(stage: Stage) -> Fraction:
    """Return the share of L1."""
    tiers = stage.keeper.vault.tiers()
    return Fraction(tiers[0], sum(tiers))


@pytest.fixture
def vault(stage: Stage) -> Stage:
    """Vault at its targets, whose L1 then rose to a quarter."""
    stage.keeper.vault.deposit(100_000)
    done = stage.keeper.rebalance()
    assert done.json["status"] == "DONE", done.err
    stage.keeper.vault.deposit(20_000)
    assert abs(cash(stage) - Fraction(1, 4)) < Fraction(1, 100)
    return stage


def paid(stage: Stage, target: str) -> None:
    """Create the target's paid rebalancer as the keeper, with money."""
    stage.fund(ETHER)
    stage.send(REGISTRY, "allowTarget", target, KEEPER_ACCOUNT.address)
    assert stage.ballast("create", target, "--arm")["run"]["status"] == "DONE"


def test_controller__above_its_band__paid_run_brings_it_back(vault: Stage) -> None:
    controller = vault.contract(CONTROLLER).address
    paid(vault, controller)
    vault.a_day_passes()
    done = vault.ballast("execute", "--arm")
    assert done["status"] == "DONE"
    assert Fraction(5, 100) <= cash(vault) <= Fraction(20, 100)
    (row,) = [each for each in vault.ballast("status")["rebalancers"] if each["target"]]
    assert (row["target"], row["last"]["outcome"]) == (controller, "done")


def test_controller__without_limits__is_not_done_and_everybody_says_why(vault: Stage) -> None:
    controller, registry = vault.contract(CONTROLLER).address, vault.contract(REGISTRY).address
    paid(vault, controller)
    guardian = test_account(GUARDIAN).address
    for kind in ("Auto", "Derisk"):
        key = limit_key(kind, registry)
        vault.keeper.vault.send(CONTROLLER, "lowerLimit", key, 0, 86_400, sender=guardian)
    missing = limit_differences(vault.keeper.vault.deployment, restore_keepers=False)
    assert {each.what for each in missing} == {
        "limit of paid runs that add risk (recurring.automatic, or turnover)",
        "limit of paid runs that reduce risk (recurring.reducing)",
    }
    vault.a_day_passes()
    before = vault.keeper.vault.tiers()[0]
    done = vault.keeper.run("recurring", "execute", "--arm")
    assert done.status == EXIT_FAILED
    assert f"{controller}: skipped: BucketEmpty" in done.out + done.err
    assert vault.keeper.vault.tiers()[0] == before
    assert vault.journal()[0].status == "PARTIAL"
    shown = vault.keeper.run("recurring", "status").out
    assert "last run skipped: BucketEmpty" in shown


def test_portfolio__default_effort__suffices_for_a_forced_run(vault: Stage) -> None:
    target = vault.contract("PortfolioL3").address
    paid(vault, target)
    assert vault.stuck() == []
    row = next(each for each in vault.ballast("status")["rebalancers"] if each["target"])
    assert (row["effort"], row["state"]) == (DEFAULT_EFFORT, "booked")


def test_create__effort_is_too_small__is_refused_with_numbers(vault: Stage) -> None:
    set_effort(vault, SMALL_EFFORT)
    target = vault.contract("PortfolioL3").address
    vault.send(REGISTRY, "allowTarget", target, KEEPER_ACCOUNT.address)
    for arm in ((), ("--arm",)):
        done = vault.keeper.run("recurring", "create", target, *arm, "--json")
        assert done.status == EXIT_FAILED
        assert "out of gas: a run uses about" in done.json["problem"]
        assert f"effort of {SMALL_EFFORT}" in done.json["problem"]
        assert f"the target gets {SMALL_EFFORT - BOOKING_GAS}" in done.json["problem"]
    assert vault.keeper.vault.deployment.read(REGISTRY, "handleOf", target) == 0


def test_status__run_out_of_gas__says_so(vault: Stage) -> None:
    set_effort(vault, SMALL_EFFORT - 119_000)
    controller = vault.contract(CONTROLLER).address
    vault.fund(ETHER)
    vault.send(REGISTRY, "allowTarget", controller, WHALE)
    vault.send(REGISTRY, "createPaidRebalancer", controller)
    vault.a_day_passes()
    assert vault.keeper.run("recurring", "execute", "--arm").status == EXIT_FAILED
    row = next(each for each in vault.ballast("status")["rebalancers"] if each["target"])
    assert (row["failures"], row["last"]["outcome"]) == (1, "failed")
    assert "out of gas: a run uses about" in row["last"]["reason"]
    assert "out of gas" in vault.keeper.run("recurring", "status").out


def set_effort(stage: Stage, effort: int) -> None:
    """Set the effort of new rebalancers."""
    config = (INTERVAL, MEDIUM, effort, 12_000, False, LEDGER, WHALE)
    stage.send(REGISTRY, "updateDefaultRecurringConfig", config)


def test_fix__payer_is_dry_or_not_open__is_told_with_the_call(stage: Stage) -> None:
    stage.create(1)
    registry = stage.contract(REGISTRY).address
    shown = stage.ballast("fix")
    (line,) = shown["stuck"]
    assert f"the account of {WHALE} for {registry} does not allow it to spend" in line
    assert f"deposit({WHALE}, {registry}) with 0." in line
    assert f"setSpender({registry}, perRun, perDay)" in line
    stage.send("TransactionScheduler", "setSpender", registry, 10**9, 10**9)
    (line,) = stage.ballast("fix", "--arm")["stuck"]
    assert "has 0 native tokens" in line
    assert "setSpender" not in line
    done = stage.keeper.run("recurring", "fix")
    assert (done.status, "nothing can be fixed" in done.out) == (0, True)


def test_status__supervisor__is_named_and_unfunded_is_told(stage: Stage) -> None:
    supervisor = stage.contract("RebalanceSupervisor")
    (row,) = [each for each in stage.ballast("status")["rebalancers"] if each["is_supervisor"]]
    assert (row["handler"], row["state"]) == (supervisor.address, "unfunded")
    shown = stage.keeper.run("recurring", "status").out
    assert f"supervisor, {supervisor.address}" in shown
    assert "unfunded; send native tokens to" in shown
    stage.chain.transact("0x", to=supervisor.address, value=ETHER, what="ether for ticks")
    (row,) = [each for each in stage.ballast("status")["rebalancers"] if each["is_supervisor"]]
    assert row["state"] == "unbooked"
    stage.send("RebalanceSupervisor", "poke", 10)
    (row,) = [each for each in stage.ballast("status")["rebalancers"] if each["is_supervisor"]]
    assert (row["state"], row["next_run"] > 0) == ("booked", True)
