"""Runs on the transaction engine, and their steps."""

from sqlalchemy import Connection, func, select

from keepers.model.errors.transaction import IllegalMoveError, UnknownRecordError
from keepers.model.run import JsonObject, NewRun, RunKind, RunStatus
from keepers.model.transactions.records import StepView
from keepers.model.transactions.states import EntityType, StepState, Transition
from keepers.store.records import handled
from keepers.store.runs import finish_run, insert_run
from keepers.store.sending.chain_events import keep_handled
from keepers.store.sending.ticks import is_claimed, start_tick
from keepers.store.sending.transact import Writing
from keepers.store.sending.transitions import append_event, begin, find, move
from keepers.store.tables import run_steps, runs

RUN = "runs"
UNHEEDED = frozenset({RunStatus.REFUSED, RunStatus.FAILED})
"""What such a run was given is offered again."""

FACTS = ("step_id", "run_id", "position", "kind", "detail", "reason", "outcome")


def open_run(writing: Writing, kind: RunKind, run: NewRun) -> None:
    """Open a run.

    Raises:
        RunInProgressError: It is a rebalance, and the vault has one already.
        DuplicateRecordError: There was a run of this id.
    """
    insert_run(writing.connection, run, kind)
    append_event(writing, RUN, run.run_id, Transition.PLAN, to_state=RunStatus.OPEN)


def add_step(writing: Writing, run_id: str, kind: str, detail: JsonObject) -> int:
    """Add a step at the end of an open run; answers its id."""
    steps = select(func.count()).select_from(run_steps).where(run_steps.c.run_id == run_id)
    position = writing.connection.execute(steps).scalar_one()
    where = {"run_id": run_id, "position": position, "kind": kind, "detail": detail}
    return begin(writing, EntityType.STEP, StepState.PENDING, Transition.PLAN, **where)


def step_of(connection: Connection, step_id: int) -> StepView:
    """A step.

    Raises:
        UnknownRecordError: There is no such step.
    """
    query = select(run_steps).where(run_steps.c.step_id == step_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownRecordError(f"{EntityType.STEP} {step_id}")
    facts = {name: row[name] for name in FACTS}
    return StepView(state=StepState(row["state"]), **facts)


def skip_step(writing: Writing, step_id: int, reason: str) -> None:
    """The step is not done."""
    move(writing, EntityType.STEP, step_id, StepState.SKIPPED, Transition.SKIP, reason=reason)


def fail_step(writing: Writing, step_id: int, reason: str) -> None:
    """The step cannot be done; nothing was asked for.

    Raises:
        UnknownRecordError: There is no such step.
        IllegalMoveError: It is not pending; what was asked for it decides then.
    """
    state = StepState(find(writing, EntityType.STEP, step_id)["state"])
    if state is not StepState.PENDING:
        raise IllegalMoveError(
            f"{EntityType.STEP} {step_id}", state, StepState.FAILED, Transition.REJECT
        )
    move(writing, EntityType.STEP, step_id, StepState.FAILED, Transition.REJECT, reason=reason)


def close_run(writing: Writing, run_id: str, status: RunStatus, reason: str | None) -> None:
    """Close a run of which nothing is under way; its receipts are followed until they are final.

    Raises:
        UnknownRunError: There is no such run.
        IllegalTransitionError: It is closed.
        StoreRefusedError: A step of it is active, or an intent is neither included nor at its end.
    """
    finish_run(writing.connection, run_id, status, reason, writing.now)
    append_event(
        writing, RUN, run_id, Transition.FINALITY, from_state=RunStatus.OPEN, to_state=status
    )
    _end_occasion(writing, run_id, status)


def _end_occasion(writing: Writing, run_id: str, status: RunStatus) -> None:
    """The run's tick has a result, and its events are handled; an interrupted run is no result."""
    if status is RunStatus.INTERRUPTED:
        return
    row = writing.connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().one()
    if row["tick_id"] is not None and is_claimed(writing.connection, row["tick_id"]):
        start_tick(writing, row["tick_id"], run_id)
    if status not in UNHEEDED:
        keep_handled(writing, row["vault"], handled(row["handles"]), run_id)
