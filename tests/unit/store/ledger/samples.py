"""Sample intents, signed bytes and receipts for the store; every field can be overridden."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from keepers.model.run import NewRun
from keepers.model.transaction_records import (
    ForeignUse,
    Inclusion,
    NewIntent,
    NewRequest,
    SignedBytes,
    sender_scope,
)
from keepers.model.transaction_states import AttemptKind, EntityType
from keepers.store.transitions import TABLES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SENDER = "0x" + "cc" * 20
SCOPE = sender_scope(1, SENDER)
GWEI = 10**9

RUN = NewRun(run_id="t1", vault="main", chain_id=1, trigger="schedule", armed=True, started_at=NOON)
INTENT = NewIntent(
    step_id=1,
    idempotency_key="t1/0/0",
    chain_id=1,
    sender=SENDER,
    target="0x" + "aa" * 20,
    calldata="0x12345678",
    value=0,
)
SIGNED = SignedBytes(
    kind=AttemptKind.ORIGINAL,
    transaction_hash="0x" + "00" * 32,
    raw="0x02f8",
    gas_limit=500_000,
    max_fee_per_gas=99 * GWEI,
    max_priority_fee_per_gas=9 * GWEI,
)
RECEIPT = Inclusion(
    block_number=100,
    block_hash="0x" + "b1" * 32,
    succeeded=True,
    gas_used=210_000,
    effective_gas_price=12 * GWEI,
)
REQUEST = NewRequest(step_id=1, account="desk", client_key="t1-0", body='{"amount":"1"}')


def states_of(thing: EntityType) -> type[StrEnum]:
    """Return the states of an entity type."""
    return TABLES[thing].c.state.type.python_type


class StillClock:
    """Clock that only tests advance."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self, connection: Connection) -> datetime:
        del connection
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def signed(number: int, kind: AttemptKind = AttemptKind.ORIGINAL, **changes: Any) -> SignedBytes:
    """Return signed bytes; another number gives other bytes, and a higher number pays more."""
    facts = {
        "kind": kind,
        "transaction_hash": f"0x{number:064x}",
        "raw": f"0x02{number:04x}",
        "max_fee_per_gas": (99 + number) * GWEI,
        "max_priority_fee_per_gas": (9 + number) * GWEI,
    }
    return replace(SIGNED, **{**facts, **changes})


def receipt(block: int = 1, **changes: Any) -> Inclusion:
    """Return a receipt; another block has another hash."""
    return replace(RECEIPT, block_hash=f"0x{block:064x}", **changes)


def foreign(nonce: int, block: int = 1) -> ForeignUse:
    """Return the use of a nonce by an external transaction."""
    return ForeignUse(
        chain_id=1, sender=SENDER, nonce=nonce, block_number=100, block_hash=f"0x{block:064x}"
    )
