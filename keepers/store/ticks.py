"""Ticks: due times of schedules, each claimed once, by the holder of the lease on the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Insert, func, select
from sqlalchemy.dialects import postgresql, sqlite

from keepers.model.tick import Tick, TickResult
from keepers.model.transaction_states import Annotation, EntityType, TickState, Transition
from keepers.store.chain_events import set_levels
from keepers.store.database import Database, Writing
from keepers.store.leases import HeldLease
from keepers.store.tables import ticks
from keepers.store.transitions import append_event, move

KEY = ("schedule", "due")

LATER = "part of a later tick"
"""Why a tick is skipped that has no result when the next one is claimed."""

BEGINNING = "the schedule counts from here on"


def claim_tick(writing: Writing, schedule: str, due: datetime, claimed_by: str) -> int | None:
    """Claim a tick; returns its id, or None if it was claimed before."""
    row = {
        "schedule": schedule,
        "due": due,
        "claimed_by": claimed_by,
        "claimed_at": writing.now,
        "state": TickState.CLAIMED,
    }
    claimed = writing.connection.execute(_insert(writing, row)).scalar()
    if claimed is not None:
        append_event(
            writing, EntityType.TICK, claimed, Transition.CLAIM, to_state=TickState.CLAIMED
        )
    return claimed


def start_tick(writing: Writing, tick_id: int, run_id: str) -> None:
    """Record a run as the result of a tick; it closes in the same transaction."""
    move(writing, EntityType.TICK, tick_id, TickState.RUN, Transition.START, run_id=run_id)


def skip_tick(writing: Writing, tick_id: int, reason: str) -> None:
    """Record that nothing is done for a tick."""
    move(writing, EntityType.TICK, tick_id, TickState.SKIPPED, Transition.SKIP, reason=reason)


def take_up_tick(writing: Writing, tick_id: int, by: str) -> None:
    """Record that a claimed tick without a result is worked on again."""
    append_event(writing, EntityType.TICK, tick_id, Annotation.TAKE_UP, detail={"by": by})


def newest_due(connection: Connection, schedule: str, until: datetime) -> datetime | None:
    """Return when the newest tick of a schedule was due until a moment; None where it has none."""
    newest = select(ticks.c.due).where(ticks.c.schedule == schedule, ticks.c.due <= until)
    return connection.scalar(newest.order_by(ticks.c.due.desc()).limit(1))


def unfinished_ticks(connection: Connection, schedule: str) -> tuple[Tick, ...]:
    """Return the claimed ticks of a schedule without a result, the oldest first."""
    claimed = (ticks.c.schedule == schedule) & (ticks.c.state == TickState.CLAIMED)
    rows = connection.execute(select(ticks).where(claimed).order_by(ticks.c.due)).mappings()
    return tuple(tick_of(connection, row["tick_id"], schedule, row["due"]) for row in rows.all())


def tick_of(connection: Connection, tick_id: int, schedule: str, due: datetime) -> Tick:
    """Return a tick, with the due time of the last decided one before it."""
    decided = (ticks.c.state == TickState.RUN) | (
        (ticks.c.state == TickState.SKIPPED) & (ticks.c.reason != LATER)
    )
    before = (ticks.c.schedule == schedule) & (ticks.c.due < due) & decided
    since = select(ticks.c.due).where(before).order_by(ticks.c.due.desc()).limit(1)
    return Tick(tick_id=tick_id, schedule=schedule, due=due, since=connection.scalar(since))


def is_claimed(connection: Connection, tick_id: int) -> bool:
    """Return whether a tick still has no result."""
    state = connection.scalar(select(ticks.c.state).where(ticks.c.tick_id == tick_id))
    return state == TickState.CLAIMED


def has_tick(connection: Connection, run_id: str) -> bool:
    """Return whether a run was made for a tick."""
    counted = select(func.count()).select_from(ticks).where(ticks.c.run_id == run_id)
    return bool(connection.scalar(counted))


def _insert(writing: Writing, row: Mapping[str, object]) -> Insert:
    if writing.connection.dialect.name == "postgresql":
        there = postgresql.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
        return there.returning(ticks.c.tick_id)
    here = sqlite.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
    return here.returning(ticks.c.tick_id)


def clock_lease(database: Database, vault: str, *, holder: str, seconds: int) -> HeldLease:
    """Return the lease on a vault's clock: one keeper claims its ticks and watches it at a time."""
    return HeldLease(database, f"clock:{vault}", holder, seconds)


class TickRepository:
    """Ticks of one owner's schedules.

    A claim needs the lease, so a claimed tick without a result is the holder's own, or that of a
    keeper that has lost the lease: then it is tried again. Every method may raise
    `StoreUnavailableError`, and what writes `StaleLeaseError`.
    """

    def __init__(self, database: Database, vault: str, lease: HeldLease) -> None:
        self._database = database
        self._vault = vault
        self._lease = lease

    def hold(self) -> None:
        """Get the lease, or have it for longer.

        Raises:
            LeaseHeldError: Another keeper has it.
        """
        self._lease.acquire()

    def now(self) -> datetime:
        """Return the time of the database."""
        return self._database.now()

    def newest(self, schedule: str, until: datetime) -> datetime | None:
        """Return when the newest tick was due that was ever claimed, and is not after a moment."""
        return self._database.read(lambda connection: newest_due(connection, schedule, until))

    def unfinished(self, schedule: str) -> Tick | None:
        """Return the newest tick that was claimed and has no result."""
        found = self._database.read(lambda connection: unfinished_ticks(connection, schedule))
        return next(reversed(found), None)

    def begin(self, schedule: str, due: datetime) -> bool:
        """Note from when on a schedule counts; False if that was done before."""

        def work(writing: Writing) -> bool:
            tick_id = claim_tick(writing, schedule, due, self._lease.holder)
            if tick_id is not None:
                skip_tick(writing, tick_id, BEGINNING)
            return tick_id is not None

        return self._lease.write("begin_schedule", work)

    def claim(self, schedule: str, due: datetime) -> Tick | None:
        """Claim a tick; those without a result become part of it. None if another keeper has it."""

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
        """Store a tick's result and the levels it has noted.

        The end of a run that was made for it is its result already. A run that was made for
        another tick is resumed, so this one is skipped then.

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
