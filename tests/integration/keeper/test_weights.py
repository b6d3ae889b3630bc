"""Weekly rebalance of weights with the real command: L3's holdings return to their targets."""

from __future__ import annotations

import signal
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from shutil import copytree

import pytest
import tomlkit

from keepers.model.run import AttemptStatus, RunRecord, RunStatus, Stage
from keepers.store.connection import connect
from keepers.store.database import Database, open_database
from keepers.store.runs import WeightsRunRepository
from keepers.store.ticks import TickRepository, clock_lease
from scripts.deployment.local import GUARDIAN
from scripts.deployment.vault.local import local_config
from scripts.network import LocalNetwork
from scripts.network.accounts import test_account
from scripts.network.market import set_feed
from tests.integration.support.deploy import KEEPER_ACCOUNT, DeployedVault, deploy_as_written
from tests.integration.support.keeper import GENEROUS, VAULT, Keeper
from tests.integration.support.processes import crash_at

SCHEDULE = """
[schedule]
liquidity = "0 0 1 1 *"
events = "0 0 1 1 *"
threshold = "0 0 1 1 *"
daily = "0 0 * * *"
weekly = "0 0 * * 1"

[service]
listen = "127.0.0.1:0"
look_seconds = "0.05"
"""
NEAR = Fraction(1, 1000)
"""Largest deviation that the pools' fees leave."""


@pytest.fixture(scope="module")
def one_that_drifted(
    deployed: DeployedVault, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Keeper]:
    """Vault with tiers at their targets, and too little of one fund in L3."""
    before = deployed.chain.snapshot()
    keeper = Keeper(deployed, tmp_path_factory.mktemp("drifted"))
    keeper.configure()
    done = keeper.rebalance()
    assert done.status == 0, done.err
    drift(keeper)
    yield keeper
    deployed.chain.revert(before)


@pytest.fixture
def drifted(one_that_drifted: Keeper, tmp_path: Path) -> Generator[Keeper]:
    """The same vault with a separate database, reset afterwards."""
    chain = one_that_drifted.vault.chain
    before = chain.snapshot()
    folder = copytree(one_that_drifted.folder, tmp_path / "folder")
    yield replace(one_that_drifted, folder=folder)
    chain.revert(before)


@pytest.fixture
def desk(network: LocalNetwork, tmp_path: Path) -> Generator[Keeper]:
    """Vault whose L3 has a bond with an OTC venue, too much WETH and too little CREDIT."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    document = local_config(chain)
    weth, bond, credit = document["l3"]
    del bond["path"]
    bond |= {"venue": "OTC", "target_bps": 1_000}
    weth |= {"target_bps": 4_500, "cap_bps": 5_000}
    credit |= {"target_bps": 4_500, "cap_bps": 5_000}
    path = tmp_path / f"{chain.name}.toml"
    path.write_text(tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
    keeper = Keeper(deploy_as_written(chain, path), tmp_path)
    keeper.vault.deposit(100_000)
    keeper.configure(tiers=GENEROUS)
    done = keeper.rebalance()
    assert done.status == 0, done.err
    drift(keeper, to="WETH")
    yield keeper
    chain.rpc("anvil_dropAllTransactions")
    chain.revert(before)


def values(keeper: Keeper) -> tuple[int, ...]:
    """Return the values of L3's holdings, in their order."""
    return tuple(each[8] for each in keeper.vault.deployment.read("PortfolioL3", "positions"))


def drift(keeper: Keeper, to: str = "HYD") -> None:
    """Switch three thousand of L3 from a fund into a token, within the tier."""
    tokens = keeper.vault.deployment.config.tokens
    fund, token = tokens["CREDIT"], tokens[to]
    shares = 3_000 * 10**fund.decimals
    switch = ("switchAsset", fund.address, shares, token.address, 0, b"", b"")
    keeper.vault.send("AssetController", *switch, sender=KEEPER_ACCOUNT.address)


def deviation(keeper: Keeper, tier: str = "L3") -> Fraction:
    """Return the sum of the weights' deviations from their targets."""
    found = keeper.vault.deployment.read(f"Portfolio{tier}", "positions")
    total = sum(each[8] for each in found)
    off = (abs(Fraction(each[8], total) - Fraction(each[2], 10_000)) for each in found)
    return sum(off, Fraction(0))


def runs(keeper: Keeper) -> tuple[RunRecord, ...]:
    """Return the keeper's runs of weights, newest first."""
    ledger = open_database(f"sqlite:///{keeper.folder / 'ballast.sqlite'}")
    found = WeightsRunRepository(ledger).runs(VAULT)
    ledger.close()
    return found


def miss_a_monday(keeper: Keeper) -> None:
    """Store that the last daily check was eight days ago."""
    file = keeper.folder / "ballast.toml"
    file.write_text(file.read_text() + SCHEDULE)
    ledger = Database(connect(f"sqlite:///{keeper.folder / 'ballast.sqlite'}"))
    lease = clock_lease(ledger, VAULT, holder="test", seconds=60)
    lease.acquire()
    ticks = TickRepository(ledger, VAULT, lease)
    ticks.begin(f"{VAULT}:daily", ticks.now() - timedelta(days=8))
    lease.release()
    ledger.close()


def test_monday__weights_off_target__are_brought_there_once(drifted: Keeper) -> None:
    assert deviation(drifted) > Fraction(9, 100)
    nonce = drifted.vault.keeper_nonce()
    miss_a_monday(drifted)
    with drifted.start("run", "--arm", "--log-format", "json") as child:
        child.wait_for("check_done")
        child.send(signal.SIGTERM)
        assert child.wait() == 0, child.err
    assert deviation(drifted) < NEAR
    assert drifted.vault.keeper_nonce() == nonce + 1
    (record,) = runs(drifted)  # L2 is at its targets and has no run
    assert (record.run.trigger, record.status) == ("WEIGHTS_L3", RunStatus.DONE)
    verification = next(each for each in record.stages if each.stage is Stage.VERIFICATION)
    assert (verification.detail["alert"], verification.detail["deviation_bps"]) == (False, "0")
    (attempt,) = record.steps[0].attempts
    assert attempt.outcome is not None
    # The turnover on chain equals the plan's, to the unit.
    assert attempt.outcome.received == record.steps[0].step.amount
    shown = drifted.run("report", "--run", record.run.run_id)
    assert "weekly check of tiers and weights" in shown.out
    assert "CREDIT" in shown.out


def test_by_hand__dry_then_armed_then_cooling_down(drifted: Keeper) -> None:
    nonce = drifted.vault.keeper_nonce()
    dry = drifted.run("rebalance", "--weights", "L3", "--json")
    assert (dry.status, dry.json["status"]) == (0, "DRY_RUN"), dry.err
    assert drifted.vault.keeper_nonce() == nonce
    done = drifted.run("rebalance", "--weights", "L3", "--arm", "--json")
    assert (done.status, done.json["status"]) == (0, "DONE"), done.err
    assert deviation(drifted) < NEAR
    drift(drifted)
    again = drifted.run("rebalance", "--weights", "L3", "--arm", "--json")
    assert (again.status, again.json["status"]) == (0, "NOTHING_TO_DO"), again.err
    assert "COOL_DOWN" in again.json["reason"]
    assert drifted.vault.keeper_nonce() == nonce + 2  # the run, and the second drift


def test_desk__in_the_portfolio__the_others_go_to_their_targets(desk: Keeper) -> None:
    done = desk.run("rebalance", "--weights", "L3", "--arm", "--json")
    assert (done.status, done.json["status"]) == (0, "DONE"), done.err
    assert "plan: HYD is not bought: its venue offers no quotes" in done.err
    weth, bond, credit = values(desk)
    assert bond == 0
    assert abs(Fraction(weth, credit) - 1) < NEAR * 10  # the pool's fee and its price
    shown = desk.run("report", "--run", runs(desk)[0].run.run_id)
    assert "HYD is not bought" in shown.out


def test_price__unknown_and_not_marked__says_which_and_stops_nothing_else(desk: Keeper) -> None:
    chain, nonce = desk.vault.chain, desk.vault.keeper_nonce()
    set_feed(chain, "WETH", Decimal(3000), updated_at=chain.timestamp() - 90_000)
    refused = desk.run("rebalance", "--weights", "L3", "--arm", "--json")
    assert refused.json["status"] == "REFUSED", refused.err
    assert refused.json["reason"].startswith("WETH is left out: it cannot be valued")
    assert "mark it down with markDown" in refused.json["reason"]
    other = desk.run("rebalance", "--weights", "L2", "--json")
    assert (other.status, other.json["status"]) == (0, "NOTHING_TO_DO"), other.err
    tiers = desk.run("rebalance", "--json")
    assert tiers.status == 0, tiers.err
    guardian = test_account(GUARDIAN).address
    weth = desk.vault.deployment.config.tokens["WETH"].address
    desk.vault.send("PortfolioL3", "markDown", weth, 0, sender=guardian)
    marked = desk.run("rebalance", "--weights", "L3", "--json")
    assert "plan: WETH is left out" in marked.err
    assert "mark it down" not in (marked.json["reason"] or "")
    assert desk.vault.keeper_nonce() == nonce


@pytest.mark.parametrize("point", ["after_send"])
def test_killed__the_next_run_finishes_and_trades_once(drifted: Keeper, point: str) -> None:
    nonce = drifted.vault.keeper_nonce()
    command = ("rebalance", "--weights", "L3", "--arm", "--json")
    killed = drifted.run(*command, environment=crash_at(point))
    assert killed.status == -signal.SIGKILL, killed.err
    done = drifted.run(*command)
    assert done.status == 0, done.err
    assert deviation(drifted) < NEAR
    assert drifted.vault.keeper_nonce() == nonce + 1
    assert RunStatus.OPEN not in {each.status for each in runs(drifted)}
    attempts = [each for run in runs(drifted) for step in run.steps for each in step.attempts]
    assert [each.status for each in attempts] == [AttemptStatus.SUCCEEDED]
