"""Refusals: nothing is sent, the exit status reports it, and the message has advice."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.model.run import RunStatus
from keepers.runtime.process.database import only_keeper
from scripts.deployment.local import GUARDIAN
from scripts.network.accounts import WHALE, test_account
from scripts.network.market import accrue, move_pool, set_feed
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT
from tests.integration.support.keeper import Done, Keeper

NOBODY = "http://127.0.0.1:9"
"""Discard port, on which no process listens."""


def refused(keeper: Keeper, *words: str) -> Done:
    done = keeper.run("run", "--once", "--arm")
    assert done.status == 1, done.out + done.err
    assert keeper.vault.keeper_nonce() == 0
    assert keeper.attempts() == []
    for word in words:
        assert word in done.out + done.err
    assert "Traceback" not in done.err
    return done


def test_run__node_down__says_which_without_its_key(keeper: Keeper) -> None:
    keeper.configure(url=f"{NOBODY}/v3/very-secret")
    done = refused(keeper, NOBODY, "does not respond")
    assert "very-secret" not in done.out + done.err


def test_run__node_of_another_chain__says_both_ids(keeper: Keeper) -> None:
    content = json.loads(keeper.vault.file.read_text()) | {"chain_id": 5}
    (keeper.folder / "other.json").write_text(json.dumps(content))
    keeper.configure(chain_id=5, deployments="other.json")
    refused(keeper, "serves chain 1000001, not 5")


def without_weth(keeper: Keeper, *words: str) -> None:
    """Check that everything but WETH is bought, and that the output has the reason."""
    done = keeper.run("run", "--once", "--arm")
    assert keeper.vault.keeper_nonce() > 0
    bought = {each.step.symbol for each in keeper.runs()[0].steps if each.status == "DONE"}
    assert "WETH" not in bought
    assert {"AAVE-USDT", "TBILL", "HYD", "CREDIT"} <= bought
    for word in words:
        assert word in done.out + done.err


def test_run__stale_feed__leaves_out_its_token_and_names_its_age(keeper: Keeper) -> None:
    """M1: earlier, a stale feed stopped everything."""
    now = keeper.vault.chain.timestamp()
    set_feed(keeper.vault.chain, "WETH", Decimal(3000), updated_at=now - 90_000)
    checks = keeper.run("check", "--json")
    assert checks.status == 0, checks.out
    warned = [each["name"] for each in checks.json["checks"] if each["warning"]]
    assert "price of WETH" in warned
    without_weth(keeper, "WETH is not bought", "price of WETH", "is stale", "1 day, 1:0")


def test_run__negative_price__leaves_out_its_token(keeper: Keeper) -> None:
    set_feed(keeper.vault.chain, "WETH", Decimal(-1))
    without_weth(keeper, "price of WETH", "cannot be used")


def test_run__paused__says_who_can_help(keeper: Keeper) -> None:
    keeper.vault.pause()
    refused(keeper, "the controller is paused")
    assert keeper.runs()[0].status is RunStatus.REFUSED


def test_run__empty_key__asks_for_gas(keeper: Keeper) -> None:
    keeper.vault.chain.rpc("anvil_setBalance", KEEPER_ACCOUNT.address, "0x0")
    refused(keeper, KEEPER_ACCOUNT.address, "for gas", "fund the key")


def test_run__not_a_keeper__says_how_to_allow(keeper: Keeper) -> None:
    guardian = test_account(GUARDIAN).address
    keeper.vault.send("KillSwitch", "removeKeeper", KEEPER_ACCOUNT.address, sender=guardian)
    refused(keeper, KEEPER_ACCOUNT.address, "is not a keeper", "--restore-keepers")
    failing = [each for each in keeper.run("check", "--json").json["checks"] if not each["ok"]]
    assert [each["name"] for each in failing] == ["keeper"]


def test_run__limit_too_low__says_what_it_admits_and_when(keeper: Keeper) -> None:
    key = LimitKey(LimitKind.AUTOMATIC, KEEPER_ACCOUNT.address).packed
    keeper.vault.send("AssetController", "raiseLimit", key, 50_000 * USDT, 86_400, 0)
    refused(keeper, "buys 90000 USDT", "allows 50000 USDT now", "never this amount at once")
    assert keeper.runs()[0].status is RunStatus.REFUSED


def test_status__limits__are_those_of_the_chain(keeper: Keeper) -> None:
    limits = keeper.run("status", "--json").json["limits"]
    shown = {(each["limit"], each["keeper"]): each["available"] for each in limits}
    address = KEEPER_ACCOUNT.address
    assert shown == {
        ("AUTOMATIC", address): "2000000",
        ("REDUCING", address): "2000000",
        ("LOSS_ADDING", None): "10000",
        ("LOSS_REDUCING", address): "10000",
        ("LOSS_REDUCING", None): "10000",
    }


def test_status__redemption_requested__is_due(keeper: Keeper) -> None:
    vault, shares = keeper.vault, 10_000 * USDT * 10**6
    accrue(vault.chain, vault.deployment.read("LiquidityVault", "holdingTime"))
    vault.send("RedemptionQueue", "requestRedeem", shares, WHALE, WHALE)
    assert keeper.run("status", "--json").json["redemptions_due"] == "10000"


def test_run__another_queue_than_deployed__says_both(keeper: Keeper) -> None:
    deployment = keeper.vault.deployment
    neighbours = [deployment.address(name) for name in ("AccessManager", "LiquidityVault")]
    other = deployment.chain.deploy("RedemptionQueue", neighbours)["contractAddress"]
    keeper.vault.send("LiquidityVault", "setQueue", other)
    refused(keeper, str(other), deployment.address("RedemptionQueue"), "verify script")


def test_run__pool_far_off_oracle__blocks(keeper: Keeper) -> None:
    # The pool's price is 10 % above the oracle's, beyond the blocking limit of 5 %.
    move_pool(keeper.vault.chain, "WETH/USDT", Decimal(3300))
    without_weth(keeper, "purchase of WETH would lose", "above the limit of 500")


def test_run__pool_off_oracle__fails_in_simulation_by_the_chains_own_floor(
    keeper: Keeper,
) -> None:
    # 3.5 % is below the blocking limit of the risk check, and above the portfolio's 2 %.
    move_pool(keeper.vault.chain, "WETH/USDT", Decimal(3105))
    without_weth(keeper, "simulation", "purchase of WETH", "Portfolio_BelowFloor")


def test_run__two_at_once__second_is_refused(keeper: Keeper) -> None:
    with only_keeper(f"sqlite:///{keeper.folder / 'ballast.sqlite'}", "vault main"):
        refused(keeper, "another keeper is running for vault main")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("run", "--trigger", "scheduled"), "--trigger needs --once"),
        (("run", "--once", "--vault", "other"), "there is no vault 'other'"),
        (("run", "--once", "--trigger", "never"), "never"),
    ],
)
def test_run__unusable_input__exits_2(
    keeper: Keeper, arguments: tuple[str, ...], word: str
) -> None:
    done = keeper.run(*arguments)
    assert done.status == 2
    assert word in done.err


def test_run__no_deployments_file__exits_2(keeper: Keeper) -> None:
    keeper.configure(deployments="nowhere.json")
    done = keeper.run("run", "--once")
    assert done.status == 2
    assert "nowhere.json" in done.err
