"""M1, M4: a broken part of a vault stops only itself; the rest serves a bank run."""

from __future__ import annotations

import signal
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path

import pytest

from keepers.model.run import RunStatus
from scripts.network import LocalNetwork
from scripts.network.accounts import WHALE
from scripts.network.market import accrue, set_feed
from tests.integration.support.deploy import USDT
from tests.integration.support.keeper import GENEROUS, VAULT, Keeper
from tests.integration.support.missed_tick import SCHEDULE, miss
from tests.integration.support.odd_vault import deploy_odd

SHARES = 10**6 * USDT
"""Share units of the vault per USDT: its shares have six more decimals."""

DEFAULT = 'REBALANCE_APPROVAL_THRESHOLD = "50000", REBALANCE_MULTISIG_THRESHOLD = "200000"'
DEPOSIT, LEAVING = 1_000_000, 850_000


@pytest.fixture
def odd(network: LocalNetwork, tmp_path: Path) -> Generator[Keeper]:
    """Keeper of an odd vault, in which 1,000,000 USDT are invested as far as possible."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    keeper = Keeper(deploy_odd(chain, tmp_path), tmp_path)
    keeper.vault.deposit(DEPOSIT)
    keeper.configure(tiers=GENEROUS)
    yield keeper
    chain.rpc("anvil_dropAllTransactions")
    chain.revert(before)


def left_out(keeper: Keeper) -> dict[str, str]:
    """Return the texts of `ballast status` about left-out assets, by asset."""
    status = keeper.run("status", "--json")
    assert status.status == 0, status.err
    return {each["asset"]: each["text"] for each in status.json["left_out"]}


def held(keeper: Keeper) -> dict[str, Decimal]:
    """Return the values of the vault's holdings, by symbol."""
    document = keeper.run("status", "--json").json
    return {each["symbol"]: Decimal(each["value"]) for each in document["holdings"]}


def test_run__desk_and_slow_fund__stop_only_themselves(odd: Keeper) -> None:
    done = odd.rebalance()
    assert done.json["status"] == "DONE", done.err
    assert {each["symbol"] for each in done.json["steps"]} == {
        "AAVE-USDT",
        "TBILL",
        "WETH",
        "CREDIT",
    }
    assert "HYD is left out: its venue offers no quotes" in done.err
    assert "SLOW is left out" in done.err
    # Their part stays in cash instead of lifting the others above their targets (M2).
    values = held(odd)
    assert abs(values["WETH"] - 240_000) < 5_000
    assert abs(values["CREDIT"] - 180_000) < 5_000
    assert abs(values["AAVE-USDT"] - 150_000) < 5_000
    found = left_out(odd)
    assert set(found) == {"HYD", "SLOW"}
    checks = odd.run("check", "--json")
    assert checks.status == 0, checks.out
    warned = {each["name"] for each in checks.json["checks"] if each["warning"]}
    assert {"holding HYD", "holding SLOW"} <= warned


@pytest.mark.parametrize("tiers", [GENEROUS, DEFAULT], ids=["raised", "default"])
def test_keeper__bank_run_while_much_is_broken__raises_all_the_cash_there_is(
    odd: Keeper, tiers: str
) -> None:
    """`venue = "OTC"`, an ERC-7540 fund, a stale feed, and 85 % of the shares redeemed at once."""
    assert odd.rebalance().json["status"] == "DONE"
    vault = odd.vault
    accrue(vault.chain, vault.deployment.read("LiquidityVault", "holdingTime"))
    set_feed(vault.chain, "WETH", Decimal(3000), updated_at=vault.chain.timestamp() - 90_000)
    vault.send("RedemptionQueue", "requestRedeem", LEAVING * SHARES, WHALE, WHALE)
    odd.configure(tiers=tiers)
    keep_once(odd, "liquidity")
    values = held(odd)
    assert values["AAVE-USDT"] < 1_000
    assert values["TBILL"] < 1_000
    assert values["CREDIT"] < 1_000
    assert values["WETH"] > 200_000
    idle = vault.deployment.read("LiquidityVault", "idle")
    claimable = vault.deployment.read("RedemptionQueue", "maxWithdraw", WHALE)
    assert idle + claimable > (DEPOSIT - 245_000) * USDT
    found = left_out(odd)
    assert set(found) == {"HYD", "SLOW", "WETH"}
    assert "is stale" in found["WETH"]
    newest = odd.runs()[0]
    assert newest.status in {RunStatus.DONE, RunStatus.PARTIAL}, newest.reason


def keep_once(keeper: Keeper, schedule: str) -> None:
    """Let a running keeper make one check whose tick was missed, and stop it."""
    file = keeper.folder / "ballast.toml"
    file.write_text(file.read_text() + SCHEDULE)
    miss(f"sqlite:///{keeper.folder / 'ballast.sqlite'}", VAULT, schedule)
    with keeper.start("run", "--arm", "--log-format", "json") as child:
        child.wait_for("check_done")
        child.send(signal.SIGTERM)
        assert child.wait() == 0, child.err
