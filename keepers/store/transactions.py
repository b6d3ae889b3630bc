"""Repository of a sender for the transaction engine: one method, one transaction, crash points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection, select

from keepers.model.chain import Signed
from keepers.model.run import NewRun, RunKind, RunStatus
from keepers.model.transactions.chain_view import Estimate
from keepers.model.transactions.records import (
    ForeignUse,
    Inclusion,
    IntentRecord,
    NewIntent,
    NonceSlot,
    Pause,
    ReceiptVerdict,
    SignedBytes,
    StepView,
    sender_scope,
)
from keepers.model.transactions.states import Hold, IntentState, RequestedAction, StepState
from keepers.store.attempts import (
    record_broadcast,
    refuse_attempt,
    reserve_nonce,
    seal_attempt,
    store_attempt,
)
from keepers.store.database import Database, Writing
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


T = TypeVar("T")


class TransactionRepository:
    """What the engine remembers of one sender; writes are fenced by the lease on it."""

    def __init__(
        self, ledger: Database, chain_id: int, sender: str, *, holder: str, lease_seconds: int
    ) -> None:
        self.chain_id = chain_id
        self.sender = sender.lower()
        self._ledger = ledger
        self._lease = HeldLease(ledger, sender_scope(chain_id, sender), holder, lease_seconds)

    @property
    def lease(self) -> HeldLease:
        """The lease on the sender, for whoever renews it."""
        return self._lease

    def acquire(self) -> None:
        """Get the lease; have it for longer once half of it is over.

        Raises:
            LeaseHeldError: Somebody else has it.
        """
        self._lease.acquire()

    def release(self) -> None:
        """Give the lease back, if it is held."""
        self._lease.release()

    def now(self) -> datetime:
        """The database's time."""
        return self._ledger.now()

    def live(self) -> tuple[IntentRecord, ...]:
        """Intents that are not at their end, in the order of their making."""
        return self._read(lambda c: live_intents(c, self.chain_id, self.sender))

    def intent(self, intent_id: int) -> IntentRecord:
        """One intent; raises `UnknownRecordError` if there is none of this id."""
        return self._read(lambda c: read_intent(c, intent_id))

    def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """The intents of a run, ended ones too, in the order of their making."""
        return self._read(lambda c: intents_of_run(c, run_id))

    def step(self, step_id: int) -> StepView:
        """A step; raises `UnknownRecordError` if there is none of this id."""
        return self._read(lambda c: step_of(c, step_id))

    def pauses(self) -> tuple[Pause, ...]:
        """What is paused."""
        return self._read(read_pauses)

    def first_unknown_nonce(self) -> int | None:
        """From which nonce on nothing is known; None where no nonce of the sender ever was."""
        return self._read(lambda c: first_unknown_nonce(c, self.chain_id, self.sender))

    def next_nonce(self, chain_nonce: int) -> int:
        """The lowest nonce from the chain's own count on that nothing holds."""
        return self._read(lambda c: next_nonce(c, self.chain_id, self.sender, chain_nonce))

    def strangers(self) -> tuple[NonceSlot, ...]:
        """Nonces that strangers consumed and no intent had, not final yet."""
        return self._read(lambda c: foreign_slots(c, self.chain_id, self.sender))

    def last_final(self) -> Inclusion | ForeignUse | None:
        """What is final in the newest block: an inclusion, or a stranger's use of a nonce."""
        return self._read(lambda c: last_final(c, self.chain_id, self.sender))

    def submit(self, new: NewIntent) -> int:
        """Store a call to be made; the same one again answers the same id."""
        return self._write("submit", lambda w: submit_intent(w, new))

    def prepare(self, intent_id: int, estimate: Estimate, chain_nonce: int) -> int:
        """Built, audited and given the lowest free nonce, which is answered; all or nothing."""

        def work(writing: Writing) -> int:
            record_built(writing, intent_id, estimate.gas, estimate.access_list)
            record_audited(writing, intent_id)
            return reserve_nonce(writing, intent_id, chain_nonce)[1]

        return self._write("prepare", work)

    def reject(self, intent_id: int, reason: str) -> None:
        """It is not signed, and its step has failed."""
        self._write("reject", lambda w: reject_intent(w, intent_id, reason))

    def withdraw(self, intent_id: int, reason: str) -> None:
        """Called off before anything is signed."""
        self._write("withdraw", lambda w: withdraw_intent(w, intent_id, reason))

    def block(self, intent_id: int, hold: Hold, reason: str) -> None:
        """It waits for a person or for funds."""
        self._write("block", lambda w: block_intent(w, intent_id, hold, reason))

    def unblock(self, intent_id: int) -> None:
        """It goes on from the beginning."""
        self._write("unblock", lambda w: unblock_intent(w, intent_id))

    def want(
        self, intent_id: int, wanted: RequestedAction | None, reason: str | None = None
    ) -> None:
        """Remember what is asked for, or that it is done."""
        self._write("want", lambda w: want(w, intent_id, wanted, reason))

    def store(self, slot_id: int, signed: SignedBytes) -> int:
        """Store signed bytes; answers the attempt's id."""
        return self._write("store", lambda w: store_attempt(w, slot_id, signed))

    def seal(self, attempt_id: int, opened: Signed | None) -> None:
        """They may leave; with what was in their box, if they were in one."""
        self._write("seal", lambda w: seal_attempt(w, attempt_id, opened))

    def refuse(self, attempt_id: int, reason: str) -> None:
        """They may not leave."""
        self._write("refuse", lambda w: refuse_attempt(w, attempt_id, reason))

    def sent(self, attempt_id: int, block: int) -> None:
        """A node has them."""
        self._write("sent", lambda w: record_broadcast(w, attempt_id, block))

    def include(self, attempt_id: int, seen: Inclusion, verdict: ReceiptVerdict) -> None:
        """They are in a block."""
        self._write("include", lambda w: record_inclusion(w, attempt_id, seen, verdict))

    def unsettle(self, intent_id: int) -> None:
        """The block is no longer in the chain."""
        self._write("unsettle", lambda w: unsettle(w, intent_id))

    def safe(self, intent_id: int, block_hash: str) -> None:
        """The block is safe."""
        self._write("safe", lambda w: mark_safe(w, intent_id, block_hash))

    def finalise(self, intent_id: int, block_hash: str) -> IntentState:
        """The block is final; answers how the intent has ended. A repair ends with it."""

        def work(writing: Writing) -> IntentState:
            end = finalise(writing, intent_id, block_hash)
            close_repair(writing, intent_id)
            return end

        return self._write("finalise", work)

    def foreign(self, use: ForeignUse) -> int:
        """A stranger has consumed the nonce."""
        return self._write("foreign", lambda w: record_foreign(w, use))

    def retract_foreign(self, slot_id: int) -> None:
        """It is not consumed after all."""
        self._write("retract_foreign", lambda w: retract_foreign(w, slot_id))

    def finalise_foreign(self, slot_id: int, block_hash: str, hold: str | None) -> None:
        """It stays consumed; the intent that had it starts afresh, or waits for a person."""
        self._write("finalise_foreign", lambda w: finalise_foreign(w, slot_id, block_hash, hold))

    def repair(self) -> int:
        """Ask for a transfer of nothing to oneself that fills a gap; answers the intent."""
        chain_id, sender, run_id = self.chain_id, self.sender, str(uuid4())
        return self._write("repair", lambda w: open_repair(w, run_id, chain_id, sender))

    def pause(self, reason: str) -> None:
        """Nothing is signed or sent for this sender until a person resumes it."""
        scope, by = self._lease.scope, self._lease.holder
        self._ledger.transact("pause", lambda w: pause(w, scope, reason, by))

    def _write(self, name: str, work: Callable[[Writing], T]) -> T:
        return self._lease.write(name, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        return self._ledger.read(work)
