"""Batches that need approval: approvers sign, each chain's ledger checks, and the keeper sends."""

from __future__ import annotations

import json

import pytest
from eth_account import Account

from keepers.model.batch import BatchRecord, BatchState
from keepers.model.transfer import CALLED_OFF
from keepers.store.transfers import TransferRepository
from scripts.deployment.local import APPROVER
from scripts.network.accounts import test_account
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.test_inventory import BASE, held, hold, look
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, OPTIMISM

PASSWORD = {"BALLAST_APPROVER_PASSWORD": "a password"}


@pytest.fixture
def waiting(keeper: TreasuryKeeper) -> BatchRecord:
    """Batch of 70,000 from one chain, which needs one approval there."""
    hold(keeper.treasuries, "USDC", {ARBITRUM: 30_000, ETHEREUM: 190_000, OPTIMISM: BASE})
    (batch,) = look(keeper).batches
    assert batch.state is BatchState.WAITING
    assert held(keeper.treasuries, "USDC", ETHEREUM) == 190_000 * 10**6
    return batch


def ballast(keeper: TreasuryKeeper, *arguments: str) -> None:
    """Run a command as a separate process."""
    done = keeper.run(*arguments, environment=PASSWORD)
    assert done.status == 0, done.err


def approved(keeper: TreasuryKeeper, batch: BatchRecord) -> None:
    content = Account.encrypt(
        test_account(APPROVER).key, PASSWORD[next(iter(PASSWORD))], "scrypt", 2
    )
    file = keeper.folder / "approver.json"
    file.write_text(json.dumps(content))
    ballast(keeper, "approve", batch.batch_id, "--keystore", str(file), "--yes", "--json")


def state_of(keeper: TreasuryKeeper, batch: BatchRecord) -> BatchRecord:
    ledger = keeper.ledger()
    try:
        return TransferRepository(ledger).batch(batch.batch_id)
    finally:
        ledger.close()


def test_batch__approved__is_opened_and_leaves(
    keeper: TreasuryKeeper, waiting: BatchRecord
) -> None:
    look(keeper)
    assert state_of(keeper, waiting).state is BatchState.WAITING
    approved(keeper, waiting)
    keeper.settle()
    assert state_of(keeper, waiting).state is BatchState.DONE
    assert held(keeper.treasuries, "USDC", ARBITRUM) == BASE * 10**6


def test_batch__rejected__leaves_never(keeper: TreasuryKeeper, waiting: BatchRecord) -> None:
    ballast(keeper, "reject", waiting.batch_id, "--reason", "not today", "--yes")
    look(keeper)
    after = state_of(keeper, waiting)
    assert after.state is BatchState.REFUSED
    assert "not today" in (after.reason or "")
    (record,) = keeper.transfers()
    assert record.position == CALLED_OFF
    assert held(keeper.treasuries, "USDC", ETHEREUM) == 190_000 * 10**6


def test_batch__treasury_paused_meanwhile__is_void(
    keeper: TreasuryKeeper,
    waiting: BatchRecord,
) -> None:
    approved(keeper, waiting)
    keeper.treasuries.send(ETHEREUM, "pause", sender=test_account(2).address)
    look(keeper)
    assert state_of(keeper, waiting).state is BatchState.REFUSED
    assert held(keeper.treasuries, "USDC", ETHEREUM) == 190_000 * 10**6
