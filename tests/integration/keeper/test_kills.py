"""The keeper is killed at every named point; the next run repeats nothing and loses nothing."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest

from keepers.model.run import AttemptStatus, RunStatus, StepStatus
from keepers.transactions.crash_points import TRACE
from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from tests.integration.keeper.test_rebalance import is_on_target
from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.integration.support.keeper import Keeper
from tests.support.deep import sampled

pytestmark = pytest.mark.deep

WRITES = (
    *("acquire", "open_run", "record_stage", "add_steps", "submit_plan", "prepare", "store"),
    *("seal", "sent", "include", "record_sample", "close_run"),
)
"""Named writes of a run in which every action succeeds."""

MOMENTS = (("inside", "after"), ("after", "inside"))
"""Alternating, so that every second point covers each write, and both moments equally."""

POINTS = (
    *(
        f"{when}_{name}"
        for name, moments in zip(WRITES, cycle(MOMENTS), strict=False)
        for when in moments
    ),
    *("before_send", "after_send"),
)
"""A kill before a write is the same as one inside it: nothing was committed."""

WITHOUT_A_RUN = {"inside_acquire", "after_acquire", "inside_open_run", "after_close_run"}
"""Points at which a kill leaves no open run."""


def assert_nothing_twice_or_lost(keeper: Keeper) -> None:
    """Check that database and chain agree on every transaction of the keeper's key."""
    attempts = keeper.attempts()
    nonces = [each.nonce for each in attempts]
    assert nonces == list(range(keeper.vault.keeper_nonce()))
    assert {each.status for each in attempts} == {AttemptStatus.SUCCEEDED}
    eth = keeper.vault.chain.web3.eth
    for each in attempts:
        receipt = eth.get_transaction_receipt(each.signed.transaction_hash)  # pyright: ignore[reportArgumentType]
        assert receipt["status"] == 1
    for run in keeper.runs():
        assert run.status is not RunStatus.OPEN
        assert all(
            step.status not in {StepStatus.PENDING, StepStatus.SENDING} for step in run.steps
        )


@pytest.mark.parametrize("point", sampled(POINTS))
def test_run__killed__next_run_finishes_the_job(keeper: Keeper, point: str) -> None:
    keeper.killed_at(point)
    done = keeper.rebalance()
    assert done.status == 0, done.err
    assert is_on_target(keeper)
    assert_nothing_twice_or_lost(keeper)
    statuses = {run.status for run in keeper.runs()}
    assert (RunStatus.INTERRUPTED in statuses) == (point not in WITHOUT_A_RUN)


def test_points__of_a_run__are_all_tried(keeper: Keeper, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    done = keeper.run("run", "--once", "--arm", environment={TRACE: str(trace)})
    assert done.status == 0, done.err
    passed = set(trace.read_text().split())
    told = {each for each in passed if not each.startswith("before_") or each in POINTS}
    assert told - {"inside_release", "after_release"} == set(POINTS)


@pytest.mark.parametrize("stage", range(1, 8))
def test_run__killed_after_each_stage__next_run_finishes_the_job(
    keeper: Keeper, stage: int
) -> None:
    keeper.killed_at("after_record_stage", stage)
    done = keeper.rebalance()
    assert done.status == 0, done.err
    assert is_on_target(keeper)
    assert_nothing_twice_or_lost(keeper)


def test_run__killed_again_while_recovering__third_run_finishes_the_job(keeper: Keeper) -> None:
    keeper.killed_at("after_store")
    keeper.killed_at("after_send")
    keeper.killed_at("before_include")
    done = keeper.rebalance()
    assert done.status == 0, done.err
    assert is_on_target(keeper)
    assert_nothing_twice_or_lost(keeper)


def test_run__killed_before_sending__only_an_armed_run_sends(keeper: Keeper) -> None:
    keeper.killed_at("after_store")
    unarmed = keeper.run("run", "--once")
    assert unarmed.status == 1
    assert "waits for --arm" in unarmed.err
    assert keeper.vault.keeper_nonce() == 0
    assert keeper.rebalance().status == 0
    assert_nothing_twice_or_lost(keeper)


def hold_blocks(chain: LocalChain) -> None:
    chain.rpc("evm_setAutomine", False)


def release_blocks(chain: LocalChain) -> None:
    chain.rpc("evm_setAutomine", True)


def test_run__killed_while_pending_and_dropped__same_bytes_are_sent_again(keeper: Keeper) -> None:
    chain = keeper.vault.chain
    hold_blocks(chain)
    try:
        keeper.killed_at("after_sent")
        (stored,) = keeper.attempts()
        chain.rpc("anvil_dropTransaction", stored.signed.transaction_hash)
    finally:
        release_blocks(chain)
    done = keeper.rebalance()
    assert done.status == 0, done.err
    first = keeper.attempts()[0]
    assert (first.nonce, first.signed) == (stored.nonce, stored.signed)
    assert first.status is AttemptStatus.SUCCEEDED
    assert_nothing_twice_or_lost(keeper)


def test_run__killed_while_pending__receipt_is_found(keeper: Keeper) -> None:
    chain = keeper.vault.chain
    hold_blocks(chain)
    try:
        keeper.killed_at("after_sent")
        chain.mine()
    finally:
        release_blocks(chain)
    done = keeper.rebalance()
    assert done.status == 0, done.err
    assert_nothing_twice_or_lost(keeper)


def test_run__nonce_went_to_another__is_lost_and_never_sent_again(keeper: Keeper) -> None:
    chain = keeper.vault.chain
    keeper.killed_at("after_store")
    chain.transact("0x", to=WHALE, sender=KEEPER_ACCOUNT.address, what="somebody else's")
    keeper.configure(timeout=1)
    waiting = keeper.rebalance()
    assert waiting.status == 1
    assert "is displaced" in waiting.err
    chain.mine(2)
    keeper.configure()
    done = keeper.rebalance()
    assert done.status == 0, done.err
    lost = keeper.attempts()[0]
    assert lost.status is AttemptStatus.LOST
    interrupted = keeper.runs()[-1]
    assert interrupted.status is RunStatus.INTERRUPTED
    assert interrupted.steps[0].status is StepStatus.FAILED
    assert is_on_target(keeper)


def test_run__no_confirmation_in_time__ends_unresolved_and_next_run_resolves(
    keeper: Keeper,
) -> None:
    keeper.configure(confirmations=3, timeout=1)
    done = keeper.rebalance()
    assert done.status == 1
    assert "the next armed run resumes it" in done.err
    assert keeper.runs()[0].status is RunStatus.OPEN
    keeper.vault.chain.mine(3)
    keeper.configure()
    again = keeper.rebalance()
    assert again.status == 0, again.err
    assert is_on_target(keeper)
    assert_nothing_twice_or_lost(keeper)
