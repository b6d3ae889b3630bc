"""Writes of runs, stage results and steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from keepers.model.errors.run import (
    DuplicateRecordError,
    IllegalTransitionError,
    RunInProgressError,
    UnknownRunError,
)
from keepers.model.errors.transaction import IllegalMoveError, UnknownRecordError
from keepers.model.json_document import JsonObject
from keepers.model.run import RUN_MOVES, NewRun, RunKind, RunStatus, Stage
from keepers.model.transaction_records import StepView
from keepers.model.transaction_states import EntityType, StepState, Transition
from keepers.store.chain_events import keep_handled
from keepers.store.database import Writing
from keepers.store.records import columns_of, record
from keepers.store.tables import run_steps, runs, stages
from keepers.store.ticks import is_claimed, start_tick
from keepers.store.transitions import append_event, begin, find, move

ORDER = {stage: position for position, stage in enumerate(Stage)}
"""Position of each stage in a run."""

NOT_IN_A_DONE_RUN = (StepState.PENDING, StepState.ACTIVE, StepState.FAILED)


def insert_run(connection: Connection, run: NewRun, kind: RunKind = RunKind.REBALANCE) -> None:
    """Open a run.

    Raises:
        RunInProgressError: It is a rebalance, and the vault already has an open one.
        DuplicateRecordError: A run with this id exists.
    """
    if kind is RunKind.REBALANCE:
        same_vault = (runs.c.vault == run.vault) & (runs.c.kind == kind)
        is_open = runs.c.status == RunStatus.OPEN
        other = connection.scalar(select(runs.c.run_id).where(same_vault, is_open))
        if other is not None:
            raise RunInProgressError(run.vault, other)
    if connection.scalar(select(runs.c.run_id).where(runs.c.run_id == run.run_id)) is not None:
        raise DuplicateRecordError(f"run {run.run_id}")
    connection.execute(insert(runs).values(status=RunStatus.OPEN, kind=kind, **columns_of(run)))


def require_open(connection: Connection, run_id: str, wanted: str) -> None:
    """Require that a run is open.

    Raises:
        UnknownRunError: There is no such run.
        IllegalTransitionError: It is closed.
    """
    status = connection.scalar(select(runs.c.status).where(runs.c.run_id == run_id))
    if status is None:
        raise UnknownRunError(run_id)
    if status != RunStatus.OPEN:
        raise IllegalTransitionError(f"run {run_id}", status, wanted)


def insert_stage(
    connection: Connection, run_id: str, stage: Stage, detail: JsonObject, at: datetime
) -> None:
    """Record the result of a stage; stages are in order, and some may be skipped.

    The last stage may be recorded again, as by a repeated recovery; the newest counts.

    Raises:
        UnknownRunError: There is no such run.
        IllegalTransitionError: The run is closed, or has reached a later stage.
    """
    require_open(connection, run_id, stage)
    recorded = connection.scalars(select(stages.c.stage).where(stages.c.run_id == run_id))
    last = max(recorded, key=ORDER.__getitem__, default=None)
    if last is not None and ORDER[stage] < ORDER[last]:
        raise IllegalTransitionError(f"run {run_id}", f"at stage {last}", f"one at {stage}")
    same = (stages.c.run_id == run_id) & (stages.c.stage == stage)
    connection.execute(delete(stages).where(same))
    connection.execute(insert(stages).values(run_id=run_id, stage=stage, at=at, detail=detail))


def finish_run(
    connection: Connection, run_id: str, status: RunStatus, reason: str | None, at: datetime
) -> None:
    """Close a run without active steps.

    Raises:
        UnknownRunError: There is no such run.
        IllegalTransitionError: It is closed, or `status` is OPEN; a step is active; or `status` is
            DONE and a step is not done.
    """
    require_open(connection, run_id, status)
    if status not in RUN_MOVES[RunStatus.OPEN]:
        raise IllegalTransitionError(f"run {run_id}", RunStatus.OPEN, status)
    blocked = _under_way(connection, run_id)
    if blocked is None and status is RunStatus.DONE:
        blocked = _not_done(connection, run_id)
    if blocked is not None:
        raise IllegalTransitionError(f"run {run_id}", blocked, status)
    closed = {"status": status, "reason": reason, "finished_at": at}
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(closed))


def _under_way(connection: Connection, run_id: str) -> str | None:
    found = _step_in(connection, run_id, (StepState.ACTIVE,))
    return None if found is None else f"waiting for step {found.position}"


def _not_done(connection: Connection, run_id: str) -> str | None:
    found = _step_in(connection, run_id, NOT_IN_A_DONE_RUN)
    return None if found is None else f"not done with step {found.position}, {found.state},"


def _step_in(
    connection: Connection, run_id: str, states: Sequence[StepState]
) -> Row[Any, Any] | None:
    query = select(run_steps.c.position, run_steps.c.state).where(run_steps.c.run_id == run_id)
    return connection.execute(query.where(run_steps.c.state.in_(states))).first()


RUN = "runs"
NOT_HANDLED = frozenset({RunStatus.REFUSED, RunStatus.FAILED})
"""Statuses after which the next run gets the run's chain events again."""


def open_run(writing: Writing, kind: RunKind, run: NewRun) -> None:
    """Open a run.

    Raises:
        RunInProgressError: It is a rebalance, and the vault already has an open one.
        DuplicateRecordError: A run with this id exists.
    """
    insert_run(writing.connection, run, kind)
    append_event(writing, RUN, run.run_id, Transition.PLAN, to_state=RunStatus.OPEN)


def add_step(writing: Writing, run_id: str, kind: str, detail: JsonObject) -> int:
    """Add a step at the end of an open run; return its id."""
    steps = select(func.count()).select_from(run_steps).where(run_steps.c.run_id == run_id)
    position = writing.connection.execute(steps).scalar_one()
    where = {"run_id": run_id, "position": position, "kind": kind, "detail": detail}
    return begin(writing, EntityType.STEP, StepState.PENDING, Transition.PLAN, **where)


def step_of(connection: Connection, step_id: int) -> StepView:
    """Return a step with the steps that it carries.

    Raises:
        UnknownRecordError: There is no such step.
    """
    query = select(run_steps).where(run_steps.c.step_id == step_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownRecordError(f"{EntityType.STEP} {step_id}")
    carried = tuple(step_of(connection, each) for each in carried_by(connection, step_id))
    return record(StepView, row, carried=carried)


def carried_by(connection: Connection, step_id: int) -> tuple[int, ...]:
    """Return the ids of the steps that a step's call executes, in order."""
    query = select(run_steps.c.step_id).where(run_steps.c.carrier_id == step_id)
    return tuple(connection.scalars(query.order_by(run_steps.c.position)))


def skip_step(writing: Writing, step_id: int, reason: str) -> None:
    """Mark a step as skipped."""
    move(writing, EntityType.STEP, step_id, StepState.SKIPPED, Transition.SKIP, reason=reason)


def fail_step(writing: Writing, step_id: int, reason: str) -> None:
    """Mark a pending step as failed, for which nothing was submitted.

    Raises:
        UnknownRecordError: There is no such step.
        IllegalMoveError: It is not pending; its intent or request determines its state.
    """
    state = find(writing, EntityType.STEP, step_id)["state"]
    if state is not StepState.PENDING:
        raise IllegalMoveError(
            f"{EntityType.STEP} {step_id}", state, StepState.FAILED, Transition.REJECT
        )
    move(writing, EntityType.STEP, step_id, StepState.FAILED, Transition.REJECT, reason=reason)


def close_run(writing: Writing, run_id: str, status: RunStatus, reason: str | None) -> None:
    """Close a run without active steps; its receipts are tracked until they are final.

    Raises:
        UnknownRunError: There is no such run.
        IllegalTransitionError: It is closed.
        StoreRefusedError: A step is active, or an intent is neither included nor terminal.
    """
    finish_run(writing.connection, run_id, status, reason, writing.now)
    append_event(
        writing, RUN, run_id, Transition.FINALITY, from_state=RunStatus.OPEN, to_state=status
    )
    _end_occasion(writing, run_id, status)


def _end_occasion(writing: Writing, run_id: str, status: RunStatus) -> None:
    """Record the result of a run's tick and mark its events as handled, unless interrupted."""
    if status is RunStatus.INTERRUPTED:
        return
    row = writing.connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().one()
    if row["tick_id"] is not None and is_claimed(writing.connection, row["tick_id"]):
        start_tick(writing, row["tick_id"], run_id)
    if status not in NOT_HANDLED and row["handles"] is not None:
        keep_handled(writing, row["vault"], row["handles"], run_id)
