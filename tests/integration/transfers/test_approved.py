"""Batches above the bands: people sign, the ledger of each chain judges, and then they leave."""

from __future__ import annotations

import json

import pytest
from eth_account import Account

from keepers.adapters.store.transfers import SqlTransfers
from keepers.domain.batch import BatchRecord, BatchState
from keepers.domain.transfer import CALLED_OFF
from scripts.deployment.local import APPROVER
from scripts.network.accounts import test_account
from tests.integration.support.processes import python, running
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.test_inventory import BASE, held, hold, look, owner, settle
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, OPTIMISM

__all__ = ["owner"]
PASSWORD = {"BALLAST_APPROVER_PASSWORD": "a password"}


@pytest.fixture
def waiting(owner: TreasuryKeeper) -> BatchRecord:
    """A batch of 70,000 from one chain, which needs one approval there."""
    hold(owner.treasuries, "USDC", {ARBITRUM: 30_000, ETHEREUM: 190_000, OPTIMISM: BASE})
    (batch,) = look(owner).batches
    assert batch.state is BatchState.WAITING
    assert held(owner.treasuries, "USDC", ETHEREUM) == 190_000 * 10**6
    return batch


def ballast(owner: TreasuryKeeper, *arguments: str) -> str:
    """A command as a process of its own."""
    environment = {**ENVIRONMENT, **PASSWORD}
    command = python("keepers.cli", *arguments)
    with running(command, environment=environment, folder=owner.folder) as child:
        assert child.wait(60) == 0, child.err
    return child.out


def approved(owner: TreasuryKeeper, batch: BatchRecord) -> None:
    content = Account.encrypt(
        test_account(APPROVER).key, PASSWORD[next(iter(PASSWORD))], "scrypt", 2
    )
    file = owner.folder / "approver.json"
    file.write_text(json.dumps(content))
    ballast(owner, "approve", batch.batch_id, "--keystore", str(file), "--yes", "--json")


def state_of(owner: TreasuryKeeper, batch: BatchRecord) -> BatchRecord:
    ledger = owner.ledger()
    try:
        return SqlTransfers(ledger).batch(batch.batch_id)
    finally:
        ledger.close()


def test_batch__approved__is_opened_and_leaves(owner: TreasuryKeeper, waiting: BatchRecord) -> None:
    look(owner)
    assert state_of(owner, waiting).state is BatchState.WAITING
    approved(owner, waiting)
    settle(owner)
    assert state_of(owner, waiting).state is BatchState.DONE
    assert held(owner.treasuries, "USDC", ARBITRUM) == BASE * 10**6


def test_batch__rejected__leaves_never(owner: TreasuryKeeper, waiting: BatchRecord) -> None:
    ballast(owner, "reject", waiting.batch_id, "--reason", "not today", "--yes")
    look(owner)
    after = state_of(owner, waiting)
    assert after.state is BatchState.REFUSED
    assert "not today" in (after.reason or "")
    (record,) = owner.transfers()
    assert record.place == CALLED_OFF
    assert held(owner.treasuries, "USDC", ETHEREUM) == 190_000 * 10**6


def test_batch__treasury_paused_meanwhile__is_void(
    owner: TreasuryKeeper,
    waiting: BatchRecord,
) -> None:
    approved(owner, waiting)
    owner.treasuries.send(ETHEREUM, "pause", sender=test_account(2).address)
    look(owner)
    assert state_of(owner, waiting).state is BatchState.REFUSED
    assert held(owner.treasuries, "USDC", ETHEREUM) == 190_000 * 10**6
