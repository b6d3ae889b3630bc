"""Repository of a sender's transactions, for the transaction engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import select

from keepers.model.chain_view import Estimate
from keepers.model.run import NewRun, RunKind, RunStatus
from keepers.model.transaction_records import (
    ForeignUse,
    Inclusion,
    IntentRecord,
    NewIntent,
    NonceSlot,
    Pause,
    StepView,
    sender_scope,
)
from keepers.model.transaction_states import IntentState, StepState
from keepers.store.attempts import (
    record_broadcast,
    refuse_attempt,
    reserve_nonce,
    seal_attempt,
    store_attempt,
)
from keepers.store.database import Database, Writing, transaction
from keepers.store.inclusion import (
    finalise,
    finalise_foreign,
    mark_safe,
    record_foreign,
    record_inclusion,
    retract_foreign,
    unsettle,
)
from keepers.store.intents import (
    block_intent,
    first_unknown_nonce,
    intent_of,
    next_nonce,
    record_audited,
    record_built,
    reject_intent,
    submit_intent,
    submit_plan,
    unblock_intent,
    want,
    withdraw_intent,
)
from keepers.store.leases import HeldLease
from keepers.store.pauses import pause, read_pauses
from keepers.store.run_writes import add_step, close_run, open_run, step_of
from keepers.store.tables import run_steps, runs
from keepers.store.transaction_queries import (
    foreign_slots,
    intents_of_run,
    last_final,
    live_intents,
    read_intent,
)

FILL = "FILL"


def open_repair(writing: Writing, run_id: str, chain_id: int, sender: str) -> int:
    """Open a repair run with one step and its intent; return the intent's id."""
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
    """Close the run of a repair whose transaction is final; no-op for other runs."""
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


T = TypeVar("T")


def prepare_intent(writing: Writing, intent_id: int, estimate: Estimate, chain_nonce: int) -> int:
    """Build, audit and number an intent, all or nothing; return the lowest free nonce."""
    record_built(writing, intent_id, estimate.gas, estimate.access_list)
    record_audited(writing, intent_id)
    return reserve_nonce(writing, intent_id, chain_nonce)[1]


def finalise_intent(writing: Writing, intent_id: int, block_hash: str) -> IntentState:
    """Finalise an intent whose block is final, and the run of a repair with it."""
    end = finalise(writing, intent_id, block_hash)
    close_repair(writing, intent_id)
    return end


class TransactionRepository:
    """Transactions of one sender; writes are fenced by its lease.

    Every write is one transaction with the crash points of its name, and may raise
    `StaleLeaseError` or `StoreUnavailableError`.
    """

    def __init__(
        self, database: Database, chain_id: int, sender: str, *, holder: str, lease_seconds: int
    ) -> None:
        self.chain_id = chain_id
        self.sender = sender.lower()
        self._database = database
        self._lease = HeldLease(database, sender_scope(chain_id, sender), holder, lease_seconds)

    submit = transaction("submit", submit_intent)
    submit_plan = transaction("submit_plan", submit_plan)
    prepare = transaction("prepare", prepare_intent)
    reject = transaction("reject", reject_intent)
    withdraw = transaction("withdraw", withdraw_intent)
    block = transaction("block", block_intent)
    unblock = transaction("unblock", unblock_intent)
    want = transaction("want", want)
    store = transaction("store", store_attempt)
    seal = transaction("seal", seal_attempt)
    refuse = transaction("refuse", refuse_attempt)
    sent = transaction("sent", record_broadcast)
    include = transaction("include", record_inclusion)
    unsettle = transaction("unsettle", unsettle)
    safe = transaction("safe", mark_safe)
    finalise = transaction("finalise", finalise_intent)
    foreign = transaction("foreign", record_foreign)
    retract_foreign = transaction("retract_foreign", retract_foreign)
    finalise_foreign = transaction("finalise_foreign", finalise_foreign)

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write under the lease, in one named transaction."""
        return self._lease.write(name, work)

    def repair(self) -> int:
        """Submit a zero-value self-transfer that fills a nonce gap; return the intent's id."""
        chain_id, sender, run_id = self.chain_id, self.sender, str(uuid4())
        return self.write("repair", lambda w: open_repair(w, run_id, chain_id, sender))

    def pause(self, reason: str) -> None:
        """Pause this sender: sign and send nothing until an operator resumes it."""
        scope, by = self._lease.scope, self._lease.holder
        self._database.transact("pause", lambda w: pause(w, scope, reason, by))

    @property
    def lease(self) -> HeldLease:
        """Return the lease on the sender, for renewal."""
        return self._lease

    def acquire(self) -> None:
        """Acquire the lease, or renew it once half of its time has passed.

        Raises:
            LeaseHeldError: Another keeper holds it.
        """
        self._lease.acquire()

    def release(self) -> None:
        """Release the lease, if it is held."""
        self._lease.release()

    def now(self) -> datetime:
        """Return database time."""
        return self._database.now()

    def live(self) -> tuple[IntentRecord, ...]:
        """Return the unfinished intents, in order of creation."""
        return self._database.read(lambda c: live_intents(c, self.chain_id, self.sender))

    def intent(self, intent_id: int) -> IntentRecord:
        """Return an intent; raise `UnknownRecordError` if there is none with this id."""
        return self._database.read(lambda c: read_intent(c, intent_id))

    def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """Return all intents of a run, in order of creation."""
        return self._database.read(lambda c: intents_of_run(c, run_id))

    def step(self, step_id: int) -> StepView:
        """Return a step; raise `UnknownRecordError` if there is none with this id."""
        return self._database.read(lambda c: step_of(c, step_id))

    def pauses(self) -> tuple[Pause, ...]:
        """Return every pause."""
        return self._database.read(read_pauses)

    def first_unknown_nonce(self) -> int | None:
        """Return the first nonce without a record; None if the sender never had one."""
        return self._database.read(lambda c: first_unknown_nonce(c, self.chain_id, self.sender))

    def next_nonce(self, chain_nonce: int) -> int:
        """Return the lowest nonce at or above the chain's count that no slot holds."""
        return self._database.read(lambda c: next_nonce(c, self.chain_id, self.sender, chain_nonce))

    def foreign_slots(self) -> tuple[NonceSlot, ...]:
        """Return externally used nonces without an intent that are not final yet."""
        return self._database.read(lambda c: foreign_slots(c, self.chain_id, self.sender))

    def last_final(self) -> Inclusion | ForeignUse | None:
        """Return the newest final inclusion or external nonce use."""
        return self._database.read(lambda c: last_final(c, self.chain_id, self.sender))
