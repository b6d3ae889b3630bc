"""Ticks: due times of schedules, each claimed once by the holder of the clock lease."""

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
"""Reason for skipping a tick without a result when the next one is claimed."""

BEGINNING = "the schedule starts here"


def claim_tick(writing: Writing, schedule: str, due: datetime, claimed_by: str) -> int | None:
    """Claim a tick; return its id, or None if it was already claimed."""
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
    """Record a run as the result of a tick; the run is closed in the same transaction."""
    move(writing, EntityType.TICK, tick_id, TickState.RUN, Transition.START, run_id=run_id)


def skip_tick(writing: Writing, tick_id: int, reason: str) -> None:
    """Mark a tick as skipped."""
    move(writing, EntityType.TICK, tick_id, TickState.SKIPPED, Transition.SKIP, reason=reason)


def take_up_tick(writing: Writing, tick_id: int, by: str) -> None:
    """Record that a claimed tick without a result is processed again."""
    append_event(writing, EntityType.TICK, tick_id, Annotation.TAKE_UP, detail={"by": by})


def newest_due(connection: Connection, schedule: str, until: datetime) -> datetime | None:
    """Return the newest due time of a schedule's ticks up to a time; None if there is none."""
    newest = select(ticks.c.due).where(ticks.c.schedule == schedule, ticks.c.due <= until)
    return connection.scalar(newest.order_by(ticks.c.due.desc()).limit(1))


def unfinished_ticks(connection: Connection, schedule: str) -> tuple[Tick, ...]:
    """Return the claimed ticks of a schedule without a result, oldest first."""
    claimed = (ticks.c.schedule == schedule) & (ticks.c.state == TickState.CLAIMED)
    rows = connection.execute(select(ticks).where(claimed).order_by(ticks.c.due)).mappings()
    return tuple(tick_of(connection, row["tick_id"], schedule, row["due"]) for row in rows.all())


def tick_of(connection: Connection, tick_id: int, schedule: str, due: datetime) -> Tick:
    """Return a tick, with the due time of the previous processed one."""
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
    """Return whether a run belongs to a tick."""
    counted = select(func.count()).select_from(ticks).where(ticks.c.run_id == run_id)
    return bool(connection.scalar(counted))


def _insert(writing: Writing, row: Mapping[str, object]) -> Insert:
    if writing.connection.dialect.name == "postgresql":
        there = postgresql.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
        return there.returning(ticks.c.tick_id)
    here = sqlite.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
    return here.returning(ticks.c.tick_id)


def clock_lease(database: Database, vault: str, *, holder: str, seconds: int) -> HeldLease:
    """Return a vault's clock lease: one keeper at a time claims its ticks and watches it."""
    return HeldLease(database, f"clock:{vault}", holder, seconds)


class TickRepository:
    """Ticks of one owner's schedules.

    A claim requires the lease, so a claimed tick without a result belongs to the holder, or to a
    keeper that lost the lease; the holder then processes it again. Every method may raise
    `StoreUnavailableError`, and every write `StaleLeaseError`.
    """

    def __init__(self, database: Database, vault: str, lease: HeldLease) -> None:
        self._database = database
        self._vault = vault
        self._lease = lease

    def hold(self) -> None:
        """Acquire or renew the lease.

        Raises:
            LeaseHeldError: Another keeper holds it.
        """
        self._lease.acquire()

    def now(self) -> datetime:
        """Return database time."""
        return self._database.now()

    def newest(self, schedule: str, until: datetime) -> datetime | None:
        """Return the due time of the newest claimed tick that is not after `until`."""
        return self._database.read(lambda connection: newest_due(connection, schedule, until))

    def unfinished(self, schedule: str) -> Tick | None:
        """Return the newest claimed tick without a result."""
        found = self._database.read(lambda connection: unfinished_ticks(connection, schedule))
        return next(reversed(found), None)

    def begin(self, schedule: str, due: datetime) -> bool:
        """Record the start of a schedule; return False if it was already recorded."""

        def work(writing: Writing) -> bool:
            tick_id = claim_tick(writing, schedule, due, self._lease.holder)
            if tick_id is not None:
                skip_tick(writing, tick_id, BEGINNING)
            return tick_id is not None

        return self._lease.write("begin_schedule", work)

    def claim(self, schedule: str, due: datetime) -> Tick | None:
        """Claim a tick with older unfinished ones; return None if another keeper has it."""

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
        """Record that an unfinished tick is processed again."""
        self._lease.write(
            "take_up_tick", lambda w: take_up_tick(w, tick.tick_id, self._lease.holder)
        )

    def finish(self, tick: Tick, result: TickResult) -> None:
        """Store a tick's result and its recorded levels.

        If its own run is closed, the result is already stored. If the run belongs to another tick,
        that run is resumed, and this tick is skipped.

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
        """Release the lease, if it is held."""
        self._lease.release()
