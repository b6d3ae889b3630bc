"""The ticks of a vault's schedules, claimed and ended by whoever has the lease on its clock."""

from __future__ import annotations

from datetime import datetime

from keepers.model.tick import Tick, TickResult
from keepers.store.sending.chain_events import set_levels
from keepers.store.sending.held_lease import HeldLease
from keepers.store.sending.ticks import (
    BEGINNING,
    LATER,
    claim_tick,
    has_tick,
    is_claimed,
    newest_due,
    skip_tick,
    start_tick,
    take_up_tick,
    tick_of,
    unfinished_ticks,
)
from keepers.store.sending.transact import Ledger, Writing


def clock_lease(ledger: Ledger, vault: str, *, holder: str, seconds: int) -> HeldLease:
    """The lease on a vault's clock: one keeper claims its ticks and watches it at a time."""
    return HeldLease(ledger, f"clock:{vault}", holder, seconds)


class SqlTickLedger:
    """The clock's `TickLedger` of one vault.

    A claim needs the lease, so a claimed tick without a result is one's own or that of a keeper
    that has lost it: then it is tried again. Every method may raise `StoreUnavailableError`, and
    what writes `StaleLeaseError`.
    """

    def __init__(self, ledger: Ledger, vault: str, lease: HeldLease) -> None:
        self._ledger = ledger
        self._vault = vault
        self._lease = lease

    def hold(self) -> None:
        """Get the lease, or have it for longer.

        Raises:
            LeaseHeldError: Another keeper has it.
        """
        self._lease.acquire()

    def now(self) -> datetime:
        """The time of the database."""
        return self._ledger.now()

    def newest(self, schedule: str, until: datetime) -> datetime | None:
        """When the newest tick was due that was ever claimed, and is not after a moment."""
        return self._ledger.read(lambda connection: newest_due(connection, schedule, until))

    def unfinished(self, schedule: str) -> Tick | None:
        """The newest tick that was claimed and has no result."""
        found = self._ledger.read(lambda connection: unfinished_ticks(connection, schedule))
        return next(reversed(found), None)

    def begin(self, schedule: str, due: datetime) -> bool:
        """Note from when on a schedule counts; False if somebody did before."""

        def work(writing: Writing) -> bool:
            tick_id = claim_tick(writing, schedule, due, self._lease.holder)
            if tick_id is not None:
                skip_tick(writing, tick_id, BEGINNING)
            return tick_id is not None

        return self._lease.write("begin_schedule", work)

    def claim(self, schedule: str, due: datetime) -> Tick | None:
        """Claim a tick; those without a result become part of it. None if somebody else has it."""

        def work(writing: Writing) -> Tick | None:
            tick_id = claim_tick(writing, schedule, due, self._lease.holder)
            if tick_id is None:
                return None
            for each in unfinished_ticks(writing.connection, schedule):
                if each.tick_id != tick_id:
                    skip_tick(writing, each.tick_id, LATER)
            return tick_of(writing.connection, tick_id, schedule, due)

        return self._lease.write("claim_tick", work)

    def take_up(self, tick: Tick) -> None:
        """Note that an unfinished tick is worked on again."""
        self._lease.write(
            "take_up_tick", lambda w: take_up_tick(w, tick.tick_id, self._lease.holder)
        )

    def finish(self, tick: Tick, result: TickResult) -> None:
        """Keep a tick's result and the levels it has noted.

        The end of a run that was made for it is its result already. A run that was made for
        another tick is gone on with, so this one is skipped then.

        Raises:
            StoreRefusedError: There is no such run.
        """

        def work(writing: Writing) -> None:
            set_levels(writing, self._vault, result.noted, None)
            if not is_claimed(writing.connection, tick.tick_id):
                return
            if result.run_id is None:
                skip_tick(writing, tick.tick_id, result.text)
            elif has_tick(writing.connection, result.run_id):
                skip_tick(writing, tick.tick_id, f"run {result.run_id}: {result.text}")
            else:
                start_tick(writing, tick.tick_id, result.run_id)

        self._lease.write("finish_tick", work)

    def release(self) -> None:
        """Give the lease back, if it is held."""
        self._lease.release()
