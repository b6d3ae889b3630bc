"""`ballast txs`, `pause` and `resume`, with the real command, a real chain and a real key."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from scripts.network.chain import LocalChain
from tests.integration.keeper.test_rebalance import is_on_target
from tests.integration.support.deploy import KEEPER_ACCOUNT, DeployedVault
from tests.integration.support.keeper import Keeper


@pytest.fixture
def stuck(keeper: Keeper) -> Generator[LocalChain]:
    """Chain without automatic blocks, with the keeper's first transaction in its pool."""
    chain = keeper.vault.chain
    keeper.configure(timeout=1)
    chain.rpc("evm_setAutomine", False)
    try:
        done = keeper.rebalance()
        assert done.status == 1
        assert "ballast txs show 1" in done.err
        yield chain
    finally:
        # Waiting transactions must not be mined after the reset.
        chain.rpc("anvil_dropAllTransactions")
        chain.rpc("evm_setAutomine", True)


def show(keeper: Keeper) -> Any:
    return keeper.run("txs", "show", "1", "--json").json


def kinds(keeper: Keeper) -> list[tuple[str, str]]:
    return [(each["kind"], each["state"]) for each in show(keeper)["nonces"][0]["ladder"]]


def test_bump__armed__is_sent_and_found_by_resync(keeper: Keeper, stuck: LocalChain) -> None:
    bumped = keeper.run("txs", "bump", "1", "--arm", "--json")
    assert bumped.status == 0, bumped.err
    assert bumped.json["acted"]
    assert kinds(keeper) == [("ORIGINAL", "BROADCAST"), ("BUMP", "BROADCAST")]
    checked = keeper.run("txs", "show", "1", "--check", "--json").json["nodes"]
    assert [each["found"] for each in checked["attempts"]] == [
        "unknown to all nodes",
        "waits in a transaction pool",
    ]
    assert keeper.run("txs", "resync").out == "nothing has changed\n"
    stuck.mine()
    resynced = keeper.run("txs", "resync", "--json", environment={"TEST_KEEPER_KEY": ""})
    assert resynced.status == 0, resynced.err
    (changed,) = resynced.json["changed"]
    assert (changed["before"], changed["after"]) == ("BROADCAST", "INCLUDED")
    assert keeper.run("txs", "resync").out == "nothing has changed\n"
    stuck.mine(2)
    assert "in a block -> succeeded, final" in keeper.run("txs", "resync").out
    assert kinds(keeper) == [("ORIGINAL", "DROPPED"), ("BUMP", "FINAL")]


def test_bump__unarmed__is_done_by_the_next_armed_pass(keeper: Keeper, stuck: LocalChain) -> None:
    del stuck
    said = keeper.run("txs", "bump", "1")
    assert "an armed keeper applies it" in said.out
    assert kinds(keeper) == [("ORIGINAL", "BROADCAST")]
    assert keeper.run("txs", "bump", "1", "--arm").status == 0
    assert kinds(keeper) == [("ORIGINAL", "BROADCAST"), ("BUMP", "BROADCAST")]


def test_cancel__armed__takes_the_nonce_and_the_next_run_plans_anew(
    keeper: Keeper, stuck: LocalChain
) -> None:
    cancelled = keeper.run("txs", "cancel", "1", "--yes", "--reason", "too dear", "--arm")
    assert cancelled.status == 0, cancelled.err
    assert "cancel at" in cancelled.out
    assert kinds(keeper) == [("ORIGINAL", "BROADCAST"), ("CANCEL", "BROADCAST")]
    stuck.mine(3)
    assert "in a block (block" in keeper.run("txs", "resync").out
    assert "in a block -> cancelled" in keeper.run("txs", "resync").out
    found = show(keeper)
    assert (found["state"], found["reason"]) == ("CANCELLED", "too dear")
    stuck.rpc("evm_setAutomine", True)
    keeper.configure()
    again = keeper.rebalance()
    assert again.status == 0, again.err
    assert is_on_target(keeper)


def test_pause__stops_runs_until_it_is_lifted(keeper: Keeper) -> None:
    keeper.configure(timeout=1)
    paused = keeper.run("pause", "--reason", "the owners are voting")
    assert paused.status == 0, paused.err
    status = keeper.run("status")
    assert "the owners are voting" in status.out, status.err
    stopped = keeper.rebalance()
    assert stopped.status == 1
    assert "paused" in stopped.err
    assert keeper.vault.keeper_nonce() == 0
    assert keeper.run("txs", "--json").json["transactions"][0]["state"] == "QUEUED"
    resumed = keeper.run("resume", "--yes", "--json").json
    assert len(resumed["resumed"]) == 1
    keeper.configure()
    again = keeper.rebalance()
    assert again.status == 0, again.err
    assert is_on_target(keeper)
    assert keeper.run("status", "--json").json["pauses"] == []


def test_run__metrics_and_json_logs__tell_of_every_transaction(keeper: Keeper) -> None:
    file = keeper.folder / "ballast.prom"
    command = ("run", "--once", "--arm", "--metrics-file", str(file), "--log-format", "json")
    done = keeper.run(*command)
    assert done.status == 0, done.err
    first = file.read_text()
    assert 'ballast_head_block{chain="' in first
    assert "ballast_node_healthy{" in first
    again = keeper.run(*command)
    assert again.status == 0, again.err
    made, sender = len(keeper.attempts()), KEEPER_ACCOUNT.address.lower()
    text = file.read_text()
    assert f'kind="original",sender="{sender}"}} {made}.0' in text
    sent = [line for line in map(json.loads, done.err.splitlines()) if line["event"] == "sent"]
    hashes = [each.signed.transaction_hash for each in keeper.attempts()]
    assert [line["transaction"] for line in sent] == hashes
    assert {line["run"] for line in sent} == {keeper.runs()[-1].run.run_id}


@pytest.fixture
def usual_fee(vault: DeployedVault) -> Generator[None]:
    """Restore the base fee afterwards, which a snapshot does not include."""
    before = vault.chain.web3.eth.get_block("latest").get("baseFeePerGas", 0)
    yield
    vault.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(before))
    vault.chain.mine()


def test_status__gas_above_the_limit__says_what_waits_for_which_price(
    keeper: Keeper, usual_fee: None
) -> None:
    """C9: earlier, only the alarm reported that the gas price was too high."""
    del usual_fee
    assert keeper.run("status", "--json").json["waiting_for_gas"] == []
    chain = keeper.vault.chain
    chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(350 * 10**9))
    chain.mine()
    found = keeper.run("status", "--json").json
    assert found["base_fee_wei"] == str(350 * 10**9)
    assert [(each["kind"], each["limit_wei"]) for each in found["waiting_for_gas"]] == [
        ("NEW", str(200 * 10**9))
    ]
    text = keeper.run("status").out
    assert (
        "all new work of vault main waits for a gas price of 200 gwei or less, the limit "
        "maximum_fee_per_gas_wei; it is 350 gwei now\n"
    ) in text
