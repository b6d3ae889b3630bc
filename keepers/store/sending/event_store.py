"""What is known of a vault's events, written under the lease on its clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from keepers.model.chain_events import (
    BlockCursor,
    Deposit,
    KnownLevel,
    LevelKind,
    RecordedDeposit,
)
from keepers.store.sending import chain_events as happenings
from keepers.store.sending.held_lease import HeldLease
from keepers.store.sending.transact import Ledger


class SqlWatchLedger:
    """The watcher's `WatchLedger` of one vault; writes may raise `StaleLeaseError`."""

    def __init__(self, ledger: Ledger, vault: str, chain_id: int, lease: HeldLease) -> None:
        self._ledger = ledger
        self._vault = vault
        self._chain_id = chain_id
        self._lease = lease

    def places(self) -> tuple[BlockCursor, ...]:
        """The blocks up to which everything was read, the newest first."""
        return self._ledger.read(lambda c: happenings.places(c, self._vault, self._chain_id))

    def keep(self, found: Sequence[Deposit], until: BlockCursor) -> None:
        """Keep deposits, and up to where everything is read now, in one transaction."""
        self._lease.write(
            "keep_deposits",
            lambda w: happenings.keep_deposits(w, self._vault, self._chain_id, found, until),
        )

    def step_back(self, common: int) -> int:
        """What is above a block is gone; answers how many deposits were withdrawn."""
        return self._lease.write(
            "step_back", lambda w: happenings.step_back(w, self._vault, self._chain_id, common)
        )

    def open_deposits(self) -> tuple[RecordedDeposit, ...]:
        """Deposits that no run was given, in the order of the chain."""
        return self._ledger.read(lambda c: happenings.open_deposits(c, self._vault))

    def levels(self) -> Mapping[tuple[LevelKind, str], KnownLevel]:
        """From which values changes count, by the asset's symbol."""
        return self._ledger.read(lambda c: happenings.levels_of(c, self._vault))

    def rebalanced_at(self) -> datetime | None:
        """When a run last changed the tiers."""
        return self._ledger.read(lambda c: happenings.rebalanced_at(c, self._vault))
