"""Maintenance on real contracts: redemptions are paid and settled requests claimed, once each."""

from __future__ import annotations

import signal
import sys
from collections.abc import Generator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from web3.contract import Contract

from keepers.model.maintenance import CLAIM, FULFIL
from keepers.model.run import RunRecord, RunStatus, StepStatus
from keepers.store.database import open_database
from keepers.store.runs import MaintenanceRunRepository, open_runs
from scripts.network import LocalNetwork
from scripts.network.accounts import WHALE
from scripts.network.market import accrue, set_feed
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT, DeployedVault
from tests.integration.support.keeper import Keeper
from tests.integration.support.odd_vault import deploy_document, deploy_fund, with_slow_fund
from tests.integration.support.processes import crash_at, running

ROOT = Path(__file__).resolve().parents[3]
SHARES = 10**6 * USDT
"""Share units of the vault per USDT: its shares have six more decimals."""

NO_LIMITS = 'REBALANCE_APPROVAL_THRESHOLD = "1000000", REBALANCE_MULTISIG_THRESHOLD = "2000000"'


class Upkeep:
    """Maintenance of a keeper's vault, in separate processes."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        with self.start(*arguments, environment=environment) as process:
            status = process.wait(120)
        assert status == 0, process.out + process.err
        return process.out.strip().splitlines()[-1]

    def killed_at(self, point: str) -> None:
        with self.start("--arm", environment=crash_at(point)) as process:
            assert process.wait(120) == -signal.SIGKILL, process.out + process.err

    def runs(self) -> tuple[RunRecord, ...]:
        ledger = open_database(f"sqlite:///{self.keeper.folder / 'ballast.sqlite'}")
        found = MaintenanceRunRepository(ledger).runs("main")
        ledger.close()
        return found

    def start(self, *arguments: str, environment: Mapping[str, str] | None) -> Any:
        key = {
            "TEST_KEEPER_KEY": f"0x{KEEPER_ACCOUNT.key.hex()}",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "tests.integration.support.upkeeping", *arguments]
        given = {**key, **(environment or {})}
        return running(command, environment=given, folder=self.keeper.folder)


@pytest.fixture
def upkeep(keeper: Keeper) -> Upkeep:
    """Maintenance of the vault, whose shares are redeemable."""
    keeper.configure(tiers=NO_LIMITS)
    vault = keeper.vault
    accrue(vault.chain, vault.deployment.read("LiquidityVault", "holdingTime"))
    return Upkeep(keeper)


def request(vault: DeployedVault, whole: int) -> None:
    vault.send("RedemptionQueue", "requestRedeem", whole * SHARES, WHALE, WHALE)


def pending(vault: DeployedVault) -> int:
    return vault.deployment.read("RedemptionQueue", "pendingShares")


def test_upkeep__nothing_waits__opens_nothing(upkeep: Upkeep) -> None:
    assert upkeep.run("--arm") == "nothing due"
    assert upkeep.runs() == ()
    assert upkeep.keeper.vault.keeper_nonce() == 0


def test_upkeep__request_and_cash__is_paid_once(upkeep: Upkeep) -> None:
    vault = upkeep.keeper.vault
    request(vault, 20_000)
    assert upkeep.run("--arm") == "DONE"
    assert pending(vault) == 0
    assert vault.deployment.read("RedemptionQueue", "maxWithdraw", WHALE) == 20_000 * USDT
    (record,) = upkeep.runs()
    (step,) = record.steps
    assert (step.step.kind, step.status) == (FULFIL, StepStatus.DONE)
    (attempt,) = step.attempts
    assert attempt.outcome is not None
    assert attempt.outcome.received == 20_000 * USDT
    assert upkeep.run("--arm") == "nothing due"
    assert vault.keeper_nonce() == 1
    # Rebalances have a separate repository.
    assert open_runs(f"sqlite:///{upkeep.keeper.folder / 'ballast.sqlite'}").runs() == ()


def test_upkeep__not_armed__sends_nothing(upkeep: Upkeep) -> None:
    request(upkeep.keeper.vault, 20_000)
    assert upkeep.run() == "DRY_RUN"
    assert upkeep.keeper.vault.keeper_nonce() == 0
    assert upkeep.run("--arm") == "DONE"


def test_upkeep__cash_for_a_part__pays_it_if_it_is_large_enough(upkeep: Upkeep) -> None:
    keeper = upkeep.keeper
    assert keeper.rebalance().status == 0  # leaves 10,000 of 100,000 in cash
    request(keeper.vault, 30_000)
    assert upkeep.run("--arm") == "DONE"
    left = pending(keeper.vault)
    assert 0 < left < 30_000 * SHARES
    # The rest waits for the refill; the payment possible now is too small.
    assert upkeep.run("--arm") == "nothing due"
    assert keeper.rebalance().status == 0
    assert upkeep.run("--arm") == "DONE"
    assert 0 < pending(keeper.vault) < left


def test_upkeep__stale_price__waits_and_opens_nothing(upkeep: Upkeep) -> None:
    vault = upkeep.keeper.vault
    assert upkeep.keeper.rebalance().status == 0
    request(vault, 5_000)
    set_feed(vault.chain, "WETH", Decimal(3000), updated_at=vault.chain.timestamp() - 90_000)
    assert upkeep.run("--arm") == "nothing due"
    assert upkeep.runs() == ()
    assert pending(vault) == 5_000 * SHARES


@pytest.mark.parametrize(
    "point",
    [
        *("after_open_run", "after_add_steps", "after_submit", "after_store"),
        *("before_send", "after_send", "after_include", "inside_close_run"),
    ],
)
def test_upkeep__killed__next_one_finishes_and_nothing_is_twice(upkeep: Upkeep, point: str) -> None:
    vault = upkeep.keeper.vault
    request(vault, 20_000)
    upkeep.killed_at(point)
    assert upkeep.run("--arm") in {"DONE", "nothing due"}
    assert pending(vault) == 0
    assert vault.deployment.read("RedemptionQueue", "maxWithdraw", WHALE) == 20_000 * USDT
    assert vault.keeper_nonce() == 1
    assert all(each.status is not RunStatus.OPEN for each in upkeep.runs())


@pytest.fixture
def slow(network: LocalNetwork, tmp_path: Path) -> Generator[tuple[Upkeep, Contract]]:
    """Keeper of a vault with an asynchronous fund in L2, and the fund."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    fund = deploy_fund(chain)
    vault = deploy_document(chain, with_slow_fund(chain, fund), tmp_path)
    vault.deposit(100_000)
    keeper = Keeper(vault, tmp_path)
    keeper.configure(tiers=NO_LIMITS)
    yield Upkeep(keeper), fund
    chain.revert(before)


def test_claim__settled_request__is_taken_in_once(slow: tuple[Upkeep, Contract]) -> None:
    upkeep, fund = slow
    vault = upkeep.keeper.vault
    venue = vault.deployment.address("Erc7540Venue.SLOW")
    buy = ("purchaseAsset", fund.address, 5_000 * USDT, 0, b"")
    vault.send("AssetController", *buy, sender=KEEPER_ACCOUNT.address)
    nonce = vault.keeper_nonce()
    assert upkeep.run("--arm") == "nothing due"  # pending with the issuer
    vault.chain.send(fund.functions.settleDeposit(0, venue, 5_000 * USDT))
    assert upkeep.run("--arm") == "DONE"
    portfolio = vault.deployment.address("PortfolioL2")
    assert fund.functions.balanceOf(portfolio).call() == 5_000 * 10**18
    (record,) = upkeep.runs()
    assert [(each.step.kind, each.step.symbol) for each in record.steps] == [(CLAIM, "SLOW")]
    assert upkeep.run("--arm") == "nothing due"
    assert vault.keeper_nonce() == nonce + 1


def test_claim__dust_that_anybody_sent__is_not_worth_its_gas(
    slow: tuple[Upkeep, Contract],
) -> None:
    upkeep, fund = slow
    venue = upkeep.keeper.vault.deployment.address("Erc7540Venue.SLOW")
    chain = upkeep.keeper.vault.chain
    usdt = chain.token("USDT")
    chain.send(usdt.functions.transfer(venue, 1))
    assert fund.address
    assert upkeep.run("--arm") == "nothing due"


def test_claim_and_redemption__cash_of_the_claim__pays_the_redemption(
    slow: tuple[Upkeep, Contract],
) -> None:
    upkeep, fund = slow
    vault = upkeep.keeper.vault
    venue = vault.deployment.address("Erc7540Venue.SLOW")
    act = ("AssetController", "purchaseAsset", fund.address)
    vault.send(*act, 15_000 * USDT, 0, b"", sender=KEEPER_ACCOUNT.address)
    vault.chain.send(fund.functions.settleDeposit(0, venue, 15_000 * USDT))
    assert upkeep.run("--arm") == "DONE"
    sell = ("redeemAsset", fund.address, 15_000 * 10**18, 0, b"")
    vault.send("AssetController", *sell, sender=KEEPER_ACCOUNT.address)
    vault.chain.send(fund.functions.settleRedeem(0, venue, 15_000 * 10**18))
    accrue(vault.chain, vault.deployment.read("LiquidityVault", "holdingTime"))
    # 85,000 are idle: with the claim there is enough for all.
    request(vault, 95_000)
    assert upkeep.run("--arm") == "DONE"
    kinds = [each.step.kind for each in upkeep.runs()[0].steps]
    assert kinds == [CLAIM, FULFIL]
    assert pending(vault) == 0


def test_rebalance__asynchronous_holding__is_left_alone(slow: tuple[Upkeep, Contract]) -> None:
    upkeep, _ = slow
    done = upkeep.keeper.rebalance()
    assert done.json["status"] == "DONE", done.err
    assert "SLOW" not in {each["symbol"] for each in done.json["steps"]}
