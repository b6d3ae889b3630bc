"""Writing steps."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, insert, select, update

from keepers.adapters.store.records import STEP_FIELDS
from keepers.adapters.store.runs import require_open
from keepers.adapters.store.tables import steps
from keepers.domain.errors_run import DuplicateRecord, IllegalTransition, UnknownStep
from keepers.domain.run import NewStep, StepStatus
from keepers.domain.run_moves import STEP_MOVES

WITHOUT_ATTEMPT = frozenset({StepStatus.FAILED, StepStatus.SKIPPED})


def insert_steps(connection: Connection, run_id: str, new: Sequence[NewStep]) -> tuple[int, ...]:
    """Add steps to an open run; their ids come in the same order.

    Raises:
        UnknownRun: There is no such run.
        IllegalTransition: It is closed.
        DuplicateRecord: It has a step of one of these indices.
    """
    require_open(connection, run_id, "a run with more steps")
    taken = set(connection.scalars(select(steps.c.position).where(steps.c.run_id == run_id)))
    ids: list[int] = []
    for step in new:
        if step.index in taken:
            raise DuplicateRecord(f"step {step.index} of run {run_id}")
        taken.add(step.index)
        ids.append(_insert(connection, run_id, step))
    return tuple(ids)


def _insert(connection: Connection, run_id: str, step: NewStep) -> int:
    facts = {name: getattr(step, name) for name in STEP_FIELDS}
    row = insert(steps).values(
        run_id=run_id,
        position=step.index,
        depends_on=list(step.depends_on),
        status=StepStatus.PENDING,
        **facts,
    )
    return connection.execute(row.returning(steps.c.step_id)).scalar_one()


def move_step(
    connection: Connection, step_id: int, wanted: StepStatus, error: str | None = None
) -> None:
    """Bring a step to its next status.

    Raises:
        UnknownStep: There is no such step.
        IllegalTransition: It cannot go there, or its run is closed.
    """
    row = _step(connection, step_id)
    require_open(connection, row["run_id"], f"one in which step {row['position']} is {wanted}")
    current = StepStatus(row["status"])
    if wanted not in STEP_MOVES.get(current, ()):
        raise IllegalTransition(f"step {step_id}", current, wanted)
    moved = update(steps).where(steps.c.step_id == step_id)
    connection.execute(moved.values(status=wanted, error=error))


def finish_unsent(
    connection: Connection, step_id: int, wanted: StepStatus, error: str | None
) -> None:
    """End a step for which nothing was signed.

    Raises:
        UnknownStep: There is no such step.
        IllegalTransition: It is not pending, or the status is not FAILED or SKIPPED.
    """
    current = StepStatus(_step(connection, step_id)["status"])
    if current is not StepStatus.PENDING or wanted not in WITHOUT_ATTEMPT:
        raise IllegalTransition(f"step {step_id}", current, wanted)
    move_step(connection, step_id, wanted, error)


def _step(connection: Connection, step_id: int) -> RowMapping:
    row = connection.execute(select(steps).where(steps.c.step_id == step_id)).mappings().first()
    if row is None:
        raise UnknownStep(step_id)
    return row
