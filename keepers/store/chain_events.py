"""Chain events of a vault: deposits, block cursors, and levels of assets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from keepers.model.chain_events import (
    BlockCursor,
    Deposit,
    Handled,
    KnownLevel,
    Level,
    LevelKind,
    RecordedDeposit,
)
from keepers.model.run import RunKind, RunStatus
from keepers.store.database import Database, Writing
from keepers.store.leases import HeldLease
from keepers.store.records import record
from keepers.store.tables import deposits, levels, runs, watched_blocks

REMEMBERED = 512
"""Block cursors kept for reorganisations; after a deeper one a vault is read from its start."""

REBALANCED = (RunStatus.DONE, RunStatus.PARTIAL)
PARAMETERS = 1_000
"""Maximum rows per statement; databases limit the number, and deposits are unlimited."""

OF_A_DEPOSIT = ("chain_id", "block_hash", "log_index")
OF_A_LEVEL = ("vault", "kind", "asset")


def places(connection: Connection, vault: str, chain_id: int) -> tuple[BlockCursor, ...]:
    """Return the block cursors of an owner, newest first."""
    query = select(watched_blocks).where(_of(vault, chain_id))
    rows = connection.execute(query.order_by(watched_blocks.c.block_number.desc())).mappings()
    return tuple(BlockCursor(row["block_number"], row["block_hash"]) for row in rows)


def keep_deposits(
    writing: Writing, vault: str, chain_id: int, found: Sequence[Deposit], until: BlockCursor
) -> None:
    """Store deposits and the block cursor; a withdrawn deposit that reappears is restored."""
    for each in found:
        row = {
            "vault": vault,
            "chain_id": chain_id,
            "block_number": each.block.number,
            "block_hash": each.block.block_hash,
            "log_index": each.log_index,
            "amount": each.amount,
            "found_at": writing.now,
        }
        back = {"withdrawn_at": None}
        writing.connection.execute(_upsert(writing, deposits, row, OF_A_DEPOSIT, back))
    row = {"vault": vault, "chain_id": chain_id, "read_at": writing.now}
    row |= {"block_number": until.number, "block_hash": until.block_hash}
    writing.connection.execute(insert(watched_blocks).values(row))
    old = select(watched_blocks.c.block_number).where(_of(vault, chain_id))
    newest = old.order_by(watched_blocks.c.block_number.desc()).offset(REMEMBERED).limit(1)
    last = writing.connection.scalar(newest)
    if last is not None:
        # Keep the cursor just stored: it is the oldest if a vault is read again from its start.
        before = min(last, until.number - 1)
        gone = _of(vault, chain_id) & (watched_blocks.c.block_number <= before)
        writing.connection.execute(delete(watched_blocks).where(gone))


def step_back(writing: Writing, vault: str, chain_id: int, common: int) -> int:
    """Withdraw the deposits above the last common block; return their number."""
    above = _of(vault, chain_id) & (watched_blocks.c.block_number > common)
    writing.connection.execute(delete(watched_blocks).where(above))
    there = (deposits.c.vault == vault) & (deposits.c.chain_id == chain_id)
    gone = there & (deposits.c.block_number > common) & deposits.c.withdrawn_at.is_(None)
    changed = update(deposits).where(gone).values(withdrawn_at=writing.now)
    return writing.connection.execute(changed).rowcount


def open_deposits(connection: Connection, vault: str) -> tuple[RecordedDeposit, ...]:
    """Return deposits that are neither handled by a run nor withdrawn, in chain order."""
    is_open = deposits.c.run_id.is_(None) & deposits.c.withdrawn_at.is_(None)
    query = select(deposits).where((deposits.c.vault == vault) & is_open)
    ordered = query.order_by(deposits.c.block_number, deposits.c.log_index)
    rows = connection.execute(ordered).mappings()
    return tuple(record(RecordedDeposit, row) for row in rows)


def levels_of(connection: Connection, vault: str) -> dict[tuple[LevelKind, str], KnownLevel]:
    """Return the levels of a vault's assets from which changes are measured."""
    rows = connection.execute(select(levels).where(levels.c.vault == vault)).mappings()
    return {(row["kind"], row["asset"]): record(KnownLevel, row) for row in rows}


def rebalanced_at(connection: Connection, vault: str) -> datetime | None:
    """Return the time at which a run last changed a vault's tiers."""
    ended = (runs.c.vault == vault) & (runs.c.kind == RunKind.REBALANCE)
    query = select(runs.c.finished_at).where(ended & runs.c.status.in_(REBALANCED))
    return connection.scalar(query.order_by(runs.c.finished_at.desc()).limit(1))


def set_levels(writing: Writing, vault: str, new: Sequence[Level], run_id: str | None) -> None:
    """Set the levels from which changes are measured."""
    for each in new:
        key = {"vault": vault, "kind": each.kind, "asset": each.asset}
        values = {"value": each.value, "set_at": writing.now, "run_id": run_id}
        writing.connection.execute(_upsert(writing, levels, key | values, OF_A_LEVEL, values))


def keep_handled(writing: Writing, vault: str, handled: Handled, run_id: str) -> None:
    """Record that a run has handled deposits and levels.

    Deposits withdrawn in the meantime or already handled stay unchanged.
    """
    set_levels(writing, vault, handled.levels, run_id)
    if not handled.deposits:
        return
    changed = {"run_id": run_id, "handled_at": writing.now}
    for part in _batched(handled.deposits, PARAMETERS):
        given = deposits.c.deposit_id.in_(part) & deposits.c.run_id.is_(None)
        writing.connection.execute(update(deposits).where(given).values(changed))


def _batched(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Yield the numbers in chunks of the given size."""
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _of(vault: str, chain_id: int) -> ColumnElement[bool]:
    return (watched_blocks.c.vault == vault) & (watched_blocks.c.chain_id == chain_id)


def _upsert(
    writing: Writing,
    table: Table,
    row: Mapping[str, Any],
    key: Sequence[str],
    changed: Mapping[str, Any],
) -> Insert:
    if writing.connection.dialect.name == "postgresql":
        there = postgresql.insert(table).values(row)
        return there.on_conflict_do_update(index_elements=key, set_=changed)
    here = sqlite.insert(table).values(row)
    return here.on_conflict_do_update(index_elements=key, set_=changed)


class ChainEventRepository:
    """Events of one owner on one chain; writes may raise `StaleLeaseError`."""

    def __init__(self, database: Database, vault: str, chain_id: int, lease: HeldLease) -> None:
        self._database = database
        self._vault = vault
        self._chain_id = chain_id
        self._lease = lease

    def places(self) -> tuple[BlockCursor, ...]:
        """Return the block cursors, newest first."""
        return self._database.read(lambda c: places(c, self._vault, self._chain_id))

    def keep(self, found: Sequence[Deposit], until: BlockCursor) -> None:
        """Store deposits and the block cursor in one transaction."""
        self._lease.write(
            "keep_deposits",
            lambda w: keep_deposits(w, self._vault, self._chain_id, found, until),
        )

    def step_back(self, common: int) -> int:
        """Withdraw the deposits above the last common block; return their number."""
        return self._lease.write(
            "step_back", lambda w: step_back(w, self._vault, self._chain_id, common)
        )

    def open_deposits(self) -> tuple[RecordedDeposit, ...]:
        """Return the deposits that no run has handled, in chain order."""
        return self._database.read(lambda c: open_deposits(c, self._vault))

    def levels(self) -> Mapping[tuple[LevelKind, str], KnownLevel]:
        """Return the levels from which changes are measured, by kind and asset symbol."""
        return self._database.read(lambda c: levels_of(c, self._vault))

    def rebalanced_at(self) -> datetime | None:
        """Return the time at which a run last changed the tiers."""
        return self._database.read(lambda c: rebalanced_at(c, self._vault))


class FailureCursors:
    """Block cursors of a scope's failure events."""

    def __init__(self, repository: ChainEventRepository, lease: HeldLease) -> None:
        self._repository = repository
        self._lease = lease

    def known(self) -> tuple[BlockCursor, ...]:
        """Return the block cursors, newest first."""
        return self._repository.places()

    def keep(self, until: BlockCursor) -> None:
        """Store the block cursor, and delete cursors at or above it."""
        self._lease.acquire()
        self._repository.step_back(until.number - 1)
        self._repository.keep((), until)
