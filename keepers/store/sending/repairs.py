"""Repairs: runs of the engine's own, each a transfer of nothing that fills a gap."""

from sqlalchemy import select

from keepers.model.run import NewRun, RunKind, RunStatus
from keepers.model.transactions.records import NewIntent
from keepers.model.transactions.states import StepState
from keepers.store.sending.intents import intent_of, submit_intent
from keepers.store.sending.runs import add_step, close_run, open_run
from keepers.store.sending.transact import Writing
from keepers.store.tables import run_steps, runs

FILL = "FILL"


def open_repair(writing: Writing, run_id: str, chain_id: int, sender: str) -> int:
    """A run with one step and its intent, in one transaction; answers the intent's id."""
    run = NewRun(
        run_id=run_id,
        vault=sender,
        chain_id=chain_id,
        trigger="gap",
        armed=True,
        started_at=writing.now,
    )
    open_run(writing, RunKind.REPAIR, run)
    step_id = add_step(writing, run_id, FILL, {})
    new = NewIntent(
        step_id=step_id,
        idempotency_key=f"{run_id}:0",
        chain_id=chain_id,
        sender=sender,
        target=sender,
        calldata="0x",
        value=0,
    )
    return submit_intent(writing, new)


def close_repair(writing: Writing, intent_id: int) -> None:
    """End the run of a repair whose transaction is final; other runs end by themselves."""
    step_id = intent_of(writing, intent_id)["step_id"]
    query = (
        select(run_steps.c.state, run_steps.c.reason, runs.c.run_id)
        .join(runs, runs.c.run_id == run_steps.c.run_id)
        .where(run_steps.c.step_id == step_id)
        .where(runs.c.kind == RunKind.REPAIR, runs.c.status == RunStatus.OPEN)
    )
    row = writing.connection.execute(query).mappings().first()
    if row is not None:
        done = row["state"] == StepState.DONE
        status = RunStatus.DONE if done else RunStatus.FAILED
        close_run(writing, row["run_id"], status, row["reason"])
