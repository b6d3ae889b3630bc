"""Ticks: due times of schedules, each claimed by whoever comes first."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Insert, func, select
from sqlalchemy.dialects import postgresql, sqlite

from keepers.model.tick import Tick
from keepers.model.transactions.states import EntityType, TickState
from keepers.model.transactions.transitions import Annotation, Transition
from keepers.store.sending.events import append_event
from keepers.store.sending.transact import Writing
from keepers.store.sending.transitions import move
from keepers.store.tables import ticks

KEY = ("schedule", "due")

LATER = "part of a later tick"
"""Why a tick is skipped that has no result when the next one is claimed."""

BEGINNING = "the schedule counts from here on"


def claim_tick(writing: Writing, schedule: str, due: datetime, claimed_by: str) -> int | None:
    """The id of the tick if it was claimed just now; None if somebody has claimed it before."""
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
    """The tick has a run as its result; what was made for it closes in the same transaction."""
    move(writing, EntityType.TICK, tick_id, TickState.RUN, Transition.START, run_id=run_id)


def skip_tick(writing: Writing, tick_id: int, reason: str) -> None:
    """Nothing is done for the tick."""
    move(writing, EntityType.TICK, tick_id, TickState.SKIPPED, Transition.SKIP, reason=reason)


def take_up_tick(writing: Writing, tick_id: int, by: str) -> None:
    """Somebody works on a tick again that was claimed before and has no result."""
    append_event(writing, EntityType.TICK, tick_id, Annotation.TAKE_UP, detail={"by": by})


def newest_due(connection: Connection, schedule: str, until: datetime) -> datetime | None:
    """When the newest tick of a schedule was due until a moment; None where it has none."""
    newest = select(ticks.c.due).where(ticks.c.schedule == schedule, ticks.c.due <= until)
    return connection.scalar(newest.order_by(ticks.c.due.desc()).limit(1))


def unfinished_ticks(connection: Connection, schedule: str) -> tuple[Tick, ...]:
    """The claimed ticks of a schedule without a result, the oldest first."""
    claimed = (ticks.c.schedule == schedule) & (ticks.c.state == TickState.CLAIMED)
    rows = connection.execute(select(ticks).where(claimed).order_by(ticks.c.due)).mappings()
    return tuple(tick_of(connection, row["tick_id"], schedule, row["due"]) for row in rows.all())


def tick_of(connection: Connection, tick_id: int, schedule: str, due: datetime) -> Tick:
    """A tick, with the due time of the one before it that something was decided for."""
    decided = (ticks.c.state == TickState.RUN) | (
        (ticks.c.state == TickState.SKIPPED) & (ticks.c.reason != LATER)
    )
    before = (ticks.c.schedule == schedule) & (ticks.c.due < due) & decided
    since = select(ticks.c.due).where(before).order_by(ticks.c.due.desc()).limit(1)
    return Tick(tick_id=tick_id, schedule=schedule, due=due, since=connection.scalar(since))


def is_claimed(connection: Connection, tick_id: int) -> bool:
    """Whether a tick still has no result."""
    state = connection.scalar(select(ticks.c.state).where(ticks.c.tick_id == tick_id))
    return state == TickState.CLAIMED


def has_tick(connection: Connection, run_id: str) -> bool:
    """Whether a run was made for a tick."""
    counted = select(func.count()).select_from(ticks).where(ticks.c.run_id == run_id)
    return bool(connection.scalar(counted))


def _insert(writing: Writing, row: Mapping[str, object]) -> Insert:
    if writing.connection.dialect.name == "postgresql":
        there = postgresql.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
        return there.returning(ticks.c.tick_id)
    here = sqlite.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
    return here.returning(ticks.c.tick_id)
