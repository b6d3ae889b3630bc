"""Writing events, in the transaction of what they tell of."""

from sqlalchemy import insert

from keepers.model.run import JsonObject
from keepers.store.sending.transact import Writing
from keepers.store.tables import events

NOTHING: JsonObject = {}


def append_event(
    writing: Writing,
    thing: str,
    key: int | str,
    cause: str,
    *,
    from_state: str | None = None,
    to_state: str | None = None,
    detail: JsonObject = NOTHING,
) -> None:
    """Remember that something happened to a thing; events are never changed."""
    lease = writing.lease
    row = insert(events).values(
        at=writing.now,
        write_name=writing.name,
        scope=None if lease is None else lease.scope,
        epoch=None if lease is None else lease.epoch,
        thing=thing,
        key=str(key),
        from_state=from_state,
        to_state=to_state,
        cause=cause,
        detail=detail,
    )
    writing.connection.execute(row)
