"""A running keeper executes a plan in one transaction, on a vault with eight holdings."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from eth_utils.address import to_checksum_address

from keepers.model.run import RunStatus, StepStatus
from scripts.deployment.local import APPROVER
from scripts.network import LocalNetwork
from tests.integration.keeper.test_approvals import ONE, approve, waiting
from tests.integration.keeper.test_rebalance import is_on_target
from tests.integration.support.keeper import Keeper
from tests.integration.support.wide_vault import TARGETS, deploy_wide

SYMBOLS = {name for targets in TARGETS.values() for name in targets}
CONFIRMATIONS = 3


@pytest.fixture
def wide(network: LocalNetwork, tmp_path: Path) -> Generator[Keeper]:
    """Keeper of a vault with eight holdings and a deposit that is not invested yet."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    keeper = Keeper(deploy_wide(chain, tmp_path), tmp_path)
    keeper.vault.deposit(100_000)
    keeper.configure()
    yield keeper
    chain.rpc("anvil_dropAllTransactions")
    chain.revert(before)


def test_plan__eight_actions__are_one_transaction_with_one_confirmation(wide: Keeper) -> None:
    done = wide.rebalance()
    assert done.status == 0, done.err
    assert is_on_target(wide)
    (run,) = wide.runs()
    assert {each.step.symbol for each in run.steps} == SYMBOLS
    assert {each.status for each in run.steps} == {StepStatus.DONE}
    (transaction,) = run.transactions
    assert wide.vault.keeper_nonce() == 1
    document = wide.run("report", "--json").json
    (reported,) = document["runs"]
    assert reported["transactions"] == 1
    assert transaction.inclusion is not None
    spent = transaction.inclusion.gas_used * transaction.inclusion.effective_gas_price
    assert reported["fee_wei"] == str(spent)
    text = wide.run("report").out
    assert "1 transaction(s)" in text
    assert all(symbol in text for symbol in SYMBOLS)


def test_plan__less_gas_than_it_needs__is_split_and_done(wide: Keeper) -> None:
    settings = wide.folder / "ballast.toml"
    text = settings.read_text().replace("[vaults.main]", "[vaults.main]\nplan_gas_limit = 2000000")
    settings.write_text(text)
    done = wide.rebalance()
    assert done.status == 0, done.err
    assert is_on_target(wide)
    (run,) = wide.runs()
    assert 1 < len(run.transactions) < len(run.steps)
    assert all(each.signed.gas_limit <= 2_000_000 for each in run.transactions)


def test_plan__one_fund_refuses_before_the_block__others_are_done_and_it_is_told(
    wide: Keeper,
) -> None:
    """The fund pauses after the simulation, while the transaction waits for its block."""
    chain = wide.vault.chain
    chain.rpc("evm_setAutomine", False)
    try:
        wide.killed_at("after_sent")
        fund = to_checksum_address(wide.vault.deployment.config.tokens["NOTES"].address)
        code = chain.web3.eth.get_code(fund)
        chain.rpc("anvil_setCode", fund, "0xfe")  # every call uses all the gas that it gets
        chain.mine()
        chain.rpc("anvil_setCode", fund, code.to_0x_hex())
    finally:
        chain.rpc("evm_setAutomine", True)
    again = wide.rebalance()
    assert again.status == 0, again.err
    first = wide.runs()[-1]
    assert first.status is RunStatus.INTERRUPTED
    states = {each.step.symbol: each.status for each in first.steps}
    assert states.pop("NOTES") is StepStatus.FAILED
    assert set(states.values()) == {StepStatus.DONE}
    assert is_on_target(wide)  # the next run bought what was missing


def test_plan__approved__is_opened_and_then_executed_as_a_whole(wide: Keeper) -> None:
    wide.configure(tiers=ONE)
    record = waiting(wide)
    assert approve(wide, record, APPROVER).status == 0
    done = wide.rebalance()
    assert done.status == 0, done.err
    run = wide.journal.run(record.run.run_id)
    assert run.status is RunStatus.DONE
    assert len(run.openings) == 1
    assert len(run.transactions) == len(run.openings) + 1
    assert is_on_target(wide)


def test_plan__several_confirmations__waits_for_them_once(wide: Keeper) -> None:
    wide.configure(confirmations=CONFIRMATIONS, timeout=1)
    assert "the next armed run resumes it" in wide.rebalance().err
    wide.vault.chain.mine(CONFIRMATIONS)
    wide.configure()
    assert wide.rebalance().status == 0
    first = wide.runs()[-1]
    assert {each.status for each in first.steps} == {StepStatus.DONE}
    assert len(first.transactions) == 1
