"""Pauses: scopes for which nothing is signed or sent until an operator resumes them."""

from sqlalchemy import Connection, delete, insert, select

from keepers.model.transaction_records import Pause
from keepers.model.transaction_states import Annotation
from keepers.store.database import Writing
from keepers.store.records import record
from keepers.store.tables import pauses
from keepers.store.transitions import append_event

PAUSE = "pauses"


def pause(writing: Writing, scope: str, reason: str, by: str) -> bool:
    """Pause a scope, without a lease; return False if it was already paused."""
    known = select(pauses.c.scope).where(pauses.c.scope == scope)
    if writing.connection.scalar(known) is not None:
        return False
    row = {"scope": scope, "reason": reason, "paused_by": by, "paused_at": writing.now}
    writing.connection.execute(insert(pauses).values(row))
    detail = {"reason": reason, "by": by}
    append_event(writing, PAUSE, scope, Annotation.PAUSE, detail=detail)
    return True


def resume(writing: Writing, scope: str, by: str) -> bool:
    """Lift a pause; return whether there was one."""
    lifted = writing.connection.execute(delete(pauses).where(pauses.c.scope == scope))
    if not lifted.rowcount:
        return False
    append_event(writing, PAUSE, scope, Annotation.RESUME, detail={"by": by})
    return True


def read_pauses(connection: Connection) -> tuple[Pause, ...]:
    """Return all pauses, ordered by scope."""
    rows = connection.execute(select(pauses).order_by(pauses.c.scope)).mappings()
    return tuple(record(Pause, row) for row in rows)
