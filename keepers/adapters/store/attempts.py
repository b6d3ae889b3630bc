"""Writing attempts: signed transactions, before they leave and after they are settled."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from keepers.adapters.store.records import ATTEMPT_FIELDS, OUTCOME_FIELDS
from keepers.adapters.store.steps import move_step
from keepers.adapters.store.tables import attempts
from keepers.domain.errors_run import DuplicateRecord, IllegalTransition, UnknownAttempt
from keepers.domain.run import AttemptOutcome, AttemptStatus, NewAttempt, StepStatus
from keepers.domain.run_moves import ATTEMPT_MOVES, SETTLED, step_after


def insert_attempt(connection: Connection, step_id: int, attempt: NewAttempt, at: datetime) -> int:
    """Store a signed transaction; its step is now being sent.

    Raises:
        UnknownStep: There is no such step.
        IllegalTransition: The step is not pending, or its run is closed.
        DuplicateRecord: The same transaction is stored already.
    """
    facts = {name: getattr(attempt, name) for name in ATTEMPT_FIELDS}
    same = select(attempts.c.attempt_id).where(
        attempts.c.chain_id == attempt.chain_id,
        attempts.c.sender == attempt.sender,
        attempts.c.nonce == attempt.nonce,
        attempts.c.transaction_hash == attempt.transaction_hash,
    )
    move_step(connection, step_id, StepStatus.SENDING)
    if connection.scalar(same) is not None:
        raise DuplicateRecord(f"transaction {attempt.transaction_hash}")
    row = insert(attempts).values(
        step_id=step_id, stored_at=at, status=AttemptStatus.STORED, **facts
    )
    return connection.execute(row.returning(attempts.c.attempt_id)).scalar_one()


def set_broadcast(connection: Connection, attempt_id: int, at: datetime) -> None:
    """Note that the bytes have left; again is allowed, and keeps the first time.

    Raises:
        UnknownAttempt: There is no such attempt.
        IllegalTransition: It is settled.
    """
    row = _movable(connection, attempt_id, AttemptStatus.BROADCAST)
    first = row["broadcast_at"] or at
    _write(connection, attempt_id, status=AttemptStatus.BROADCAST, broadcast_at=first)


def settle(connection: Connection, attempt_id: int, outcome: AttemptOutcome, at: datetime) -> None:
    """Write the outcome of an attempt and what it makes of its step.

    Raises:
        UnknownAttempt: There is no such attempt.
        IllegalTransition: It is settled, or the outcome is none.
    """
    row = _movable(connection, attempt_id, outcome.status)
    if outcome.status not in SETTLED:
        raise IllegalTransition(f"attempt {attempt_id}", row["status"], f"settled {outcome.status}")
    facts = {name: getattr(outcome, name) for name in OUTCOME_FIELDS}
    _write(connection, attempt_id, status=outcome.status, settled_at=at, **facts)
    step = step_after(outcome.status)
    failed = step is StepStatus.FAILED
    move_step(connection, row["step_id"], step, outcome.error if failed else None)


def _movable(connection: Connection, attempt_id: int, wanted: AttemptStatus) -> RowMapping:
    query = select(attempts).where(attempts.c.attempt_id == attempt_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownAttempt(attempt_id)
    current = AttemptStatus(row["status"])
    if wanted not in ATTEMPT_MOVES.get(current, ()):
        raise IllegalTransition(f"attempt {attempt_id}", current, wanted)
    return row


def _write(connection: Connection, attempt_id: int, **values: object) -> None:
    changed = update(attempts).where(attempts.c.attempt_id == attempt_id)
    connection.execute(changed.values(**values))
