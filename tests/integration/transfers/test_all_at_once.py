"""One keeper for a vault and treasuries, while many components fail at the same time."""

from __future__ import annotations

import json
import signal
from collections.abc import Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from scripts.network.accounts import WHALE
from scripts.network.market import accrue, set_feed
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT, DeployedVault
from tests.integration.support.missed_tick import NEVER, SCHEDULE, miss
from tests.integration.support.odd_vault import deploy_odd
from tests.integration.support.processes import Child, python, running
from tests.integration.transfers.keeper import ENVIRONMENT, RUN_SECONDS, TreasuryKeeper
from tests.integration.transfers.test_failover import until
from tests.integration.transfers.test_inventory import BASE, held, hold
from tests.integration.transfers.test_isolation import GUARDIAN, closed_node, point
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, OPTIMISM

DEPOSIT, LEAVING = 1_000_000, 850_000
SHARES = 10**6 * USDT
MILLION = 10**6
VAULT = f"""
[vaults.main]
chain = "{ETHEREUM}"
signer = "keeper"
tiers = {{ REBALANCE_APPROVAL_THRESHOLD = "1000000", REBALANCE_MULTISIG_THRESHOLD = "2000000" }}

[signers.keeper]
kind = "private_key_env"
variable = "TEST_KEEPER_KEY"
"""

CHECK_DONE = '(?=.*"check_done")(?=.*"(main:liquidity|treasury:inventory)")'


@dataclass(frozen=True)
class Company:
    """Treasuries on three chains and a vault on one of them, with one keeper for all."""

    keeper: TreasuryKeeper
    vault: DeployedVault

    def configure(self) -> None:
        """Add the vault to the configuration of the treasuries' keeper."""
        file = self.keeper.configure()
        text = file.read_text().replace("[treasury]\n", f'[treasury]\ncheck = "{NEVER}"\n')
        line = f"[chains.{ETHEREUM}]\n"
        text = text.replace(line, f'{line}deployments = "{self.vault.file}"\n')
        file.write_text(text + VAULT + SCHEDULE)

    def run(self, *arguments: str) -> str:
        """Run a command of `ballast`, which must succeed; return its output."""
        with self._started(*arguments) as child:
            assert child.wait(RUN_SECONDS) == 0, child.out + child.err
        return child.out

    def keep(self) -> None:
        """Run the keeper until one check of the vault and one of the treasuries are done."""
        for name, schedule in (("main", "liquidity"), ("treasury", "inventory")):
            miss(self.keeper.database, name, schedule)
        bridges = self.keeper.treasuries.bridges
        arguments = ("run", "--arm", "--log-format", "json")
        with bridges.serve(0.05), self._started(*arguments) as child:
            for _ in range(2):
                child.wait_for(CHECK_DONE, timeout=RUN_SECONDS)
            until(lambda: all(each.has_ended for each in self.keeper.transfers()))
            child.send(signal.SIGTERM)
            assert child.wait() == 0, child.err

    def _started(self, *arguments: str) -> AbstractContextManager[Child]:
        keys = {**ENVIRONMENT, "TEST_KEEPER_KEY": f"0x{KEEPER_ACCOUNT.key.hex()}"}
        command = python("keepers.cli", *arguments)
        return running(command, environment=keys, folder=self.keeper.folder)


@pytest.fixture
def company(keeper: TreasuryKeeper, tmp_path: Path) -> Generator[Company]:
    """Vault with a million invested as far as possible, before redemptions are requested."""
    folder = tmp_path / "vault"
    folder.mkdir()
    vault = deploy_odd(keeper.treasuries.chains[ETHEREUM], folder)
    vault.deposit(DEPOSIT)
    made = Company(keeper, vault)
    made.configure()
    made.run("run", "--once", "--arm", "--vault", "main")
    yield made
    vault.chain.rpc("anvil_dropAllTransactions")


def test_keeper__most_is_broken__does_what_can_be_done_and_says_what_cannot(
    company: Company,
) -> None:
    """`venue = "OTC"`, an ERC-7540 fund, a stale feed; a paused treasury, a stopped node.

    85 % of the shares are redeemed. The paused treasury lacks USDC, which it still receives, and
    only Ethereum can send it. Ethereum lacks USDT, and no chain can send it.
    """
    treasuries, vault = company.keeper.treasuries, company.vault
    accrue(vault.chain, vault.deployment.read("LiquidityVault", "holdingTime"))
    set_feed(vault.chain, "WETH", Decimal(3000), updated_at=vault.chain.timestamp() - 90_000)
    vault.send("RedemptionQueue", "requestRedeem", LEAVING * SHARES, WHALE, WHALE)
    hold(treasuries, "USDC", {ETHEREUM: 400_000, OPTIMISM: 50_000, ARBITRUM: 400_000})
    hold(treasuries, "USDT", {ETHEREUM: 50_000, OPTIMISM: 400_000, ARBITRUM: 400_000})
    treasuries.send(OPTIMISM, "pause", sender=GUARDIAN)
    with closed_node() as url:
        point(company.keeper, ARBITRUM, url)
        company.keep()
        told = json.loads(company.run("status", "--json", "--vault", "main"))
        said = " ".join(company.run("status", "--vault", "treasury").split())
    # Cash: all is sold but the OTC holding, the slow fund and the holding with a stale feed.
    worth = {each["symbol"]: Decimal(each["value"]) for each in told["holdings"]}
    assert max(worth["AAVE-USDT"], worth["TBILL"], worth["CREDIT"]) < 1_000
    idle = vault.deployment.read("LiquidityVault", "idle")
    claimable = vault.deployment.read("RedemptionQueue", "maxWithdraw", WHALE)
    assert idle + claimable > (DEPOSIT - 245_000) * USDT
    assert {each["asset"] for each in told["left_out"]} == {"HYD", "SLOW", "WETH"}
    assert all("\n" not in each["text"] for each in told["left_out"])
    # Chains: the only one that can be served is, from the only one that can send.
    assert held(treasuries, "USDC", OPTIMISM) == BASE * MILLION
    assert held(treasuries, "USDC", ETHEREUM) == 350_000 * MILLION
    assert held(treasuries, "USDT", ETHEREUM) == 50_000 * MILLION
    for asset in ("USDC", "USDT"):
        assert f"Left out of {asset}: EVM-1042161 cannot be read: node " in said
    assert "PAUSED: nothing is sent" in said
    assert "TRIGGERED, 50000 missing" in said
