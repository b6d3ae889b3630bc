"""`ballast recurring create|config|close`, with authorised and unauthorised keys."""

from __future__ import annotations

from typing import Any

from keepers.model.errors import EXIT_FAILED
from scripts.network.accounts import WHALE
from tests.integration.recurring.conftest import ETHER, INTERVAL, LEDGER, NOBODY, Stage
from tests.integration.support.deploy import KEEPER_ACCOUNT

SHORTER = 3_600
TERMS = ("--interval", str(SHORTER), "--effort", "700000", "--funder", WHALE)
REGISTRY = "PaidRebalancerRegistry"


def offer(stage: Stage) -> str:
    """Create a target for which the keeper's key may create a rebalancer."""
    target = stage.target()
    stage.send(REGISTRY, "allowTarget", target, KEEPER_ACCOUNT.address)
    stage.targets.append(target)
    return target


def read(stage: Stage, function: str, target: str) -> Any:
    return stage.keeper.vault.deployment.read(REGISTRY, function, target)


def made_by(stage: Stage, sender: str, call: dict[str, str]) -> None:
    """Send the shown call from an owner's wallet."""
    request = {"from": sender, "to": call["to"], "data": call["data"], "gas": hex(2_000_000)}
    mined = stage.chain.rpc("eth_sendTransactionSync", request)
    assert int(mined["status"], 16) == 1


def test_create_and_close__key_may__done_once_armed(stage: Stage) -> None:
    stage.fund(ETHER)
    target = offer(stage)
    shown = stage.ballast("create", target)
    assert (shown["problem"], shown["run"]) == (None, None)
    assert read(stage, "handleOf", target) == 0
    done = stage.ballast("create", target, "--arm")
    assert done["run"]["status"] == "DONE"
    assert (done["to"], done["data"]) == (shown["to"], shown["data"])
    assert read(stage, "handleOf", target) != 0
    assert stage.stuck() == [False]
    account = stage.contract("TransactionScheduler").functions.accountOf(
        WHALE, stage.contract(REGISTRY).address
    )
    booked = account.call()[0]
    assert stage.ballast("close", target)["run"] is None
    assert stage.ballast("close", target, "--arm")["run"]["status"] == "DONE"
    assert read(stage, "handleOf", target) == 0
    assert account.call()[0] == ETHER > booked
    again = stage.keeper.run("recurring", "close", target, "--arm", "--json")
    assert again.status != 0
    assert "has no paid rebalancer" in again.err


def test_create__key_may_not__says_why_and_sends_nothing(stage: Stage) -> None:
    target = stage.target()
    shown = stage.keeper.run("recurring", "create", target, "--json")
    assert (shown.status, "NotAllowed" in shown.json["problem"]) == (EXIT_FAILED, True)
    armed = stage.keeper.run("recurring", "create", target, "--arm", "--json")
    assert armed.status == EXIT_FAILED
    assert "NotAllowed" in armed.json["problem"]
    assert stage.keeper.vault.keeper_nonce() == 0


def test_config__configurators_call__is_shown_for_their_wallet(stage: Stage) -> None:
    stage.fund(ETHER)
    target = offer(stage)
    stage.ballast("create", target, "--arm")
    shown = stage.ballast("config", target, *TERMS)
    assert "Unauthorized" in shown["problem"]
    made_by(stage, WHALE, shown)
    (*_, config) = read(stage, "paidJobOf", target)
    assert SHORTER in config
    assert stage.stuck() == [False]
    assert config != stage.keeper.vault.deployment.read(REGISTRY, "defaultRecurringConfig")


def test_own_rebalancer__config_and_close__are_its_owners(stage: Stage) -> None:
    own = stage.rebalancer(INTERVAL, LEDGER, NOBODY, owner=WHALE)
    stage.chain.transact("0x", to=own.address, value=ETHER, what="ether for fees")
    which = (stage.targets[-1], "--rebalancer", own.address)
    terms = (*TERMS[:-1], own.address)
    shown = stage.ballast("config", *which, *terms)
    assert "only the owner may" in shown["problem"]
    made_by(stage, WHALE, shown)
    assert own.functions.recurringConfig().call()[0] == SHORTER
    made_by(stage, WHALE, stage.ballast("close", *which))
    assert own.functions.closed().call()


def test_own_rebalancer__armed_though_policy_does_not_admit__is_not_sent(stage: Stage) -> None:
    own = stage.rebalancer(INTERVAL, LEDGER, NOBODY, owner=KEEPER_ACCOUNT.address)
    which = (stage.targets[-1], "--rebalancer", own.address)
    assert stage.ballast("close", *which)["problem"] is None
    done = stage.keeper.run("recurring", "close", *which, "--arm", "--json")
    assert done.json["run"]["status"] == "FAILED"
    assert not own.functions.closed().call()
    assert stage.keeper.vault.keeper_nonce() == 0
