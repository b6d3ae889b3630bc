"""Ticks: due times of schedules, each claimed by whoever comes first."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from keepers.adapters.store.ledger.events import append_event
from keepers.adapters.store.ledger.moving import move
from keepers.adapters.store.ledger.transact import Writing
from keepers.adapters.store.tables import ticks
from keepers.domain.transaction.causes import Cause
from keepers.domain.transaction.states import Thing, TickState

KEY = ("schedule", "due")


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
        append_event(writing, Thing.TICK, claimed, Cause.CLAIM, to_state=TickState.CLAIMED)
    return claimed


def start_tick(writing: Writing, tick_id: int, run_id: str) -> None:
    """The tick has a run; it is opened in the same transaction."""
    move(writing, Thing.TICK, tick_id, TickState.RUN, Cause.START, run_id=run_id)


def skip_tick(writing: Writing, tick_id: int, reason: str) -> None:
    """Nothing is done for the tick."""
    move(writing, Thing.TICK, tick_id, TickState.SKIPPED, Cause.SKIP, reason=reason)


def _insert(writing: Writing, row: Mapping[str, object]) -> Insert:
    if writing.connection.dialect.name == "postgresql":
        there = postgresql.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
        return there.returning(ticks.c.tick_id)
    here = sqlite.insert(ticks).values(row).on_conflict_do_nothing(index_elements=KEY)
    return here.returning(ticks.c.tick_id)
