"""The ledger as the engine of one sender uses it: one method, one transaction, one crash point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection

from keepers.model.chain import Signed
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
from keepers.model.transactions.states import Hold, IntentState, RequestedAction
from keepers.store.sending import attempts, inclusion, intents, nonces, repairs
from keepers.store.sending import external_transactions as foreign
from keepers.store.sending import queries as reading
from keepers.store.sending.held_lease import HeldLease
from keepers.store.sending.pauses import pause, read_pauses
from keepers.store.sending.runs import step_of
from keepers.store.sending.transact import Ledger, Writing

T = TypeVar("T")


class SqlSenderLedger:
    """What the engine remembers of one sender; writes are fenced by the lease on it."""

    def __init__(
        self, ledger: Ledger, chain_id: int, sender: str, *, holder: str, lease_seconds: int
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
        return self._read(lambda c: reading.live_intents(c, self.chain_id, self.sender))

    def intent(self, intent_id: int) -> IntentRecord:
        """One intent; raises `UnknownRecordError` if there is none of this id."""
        return self._read(lambda c: reading.read_intent(c, intent_id))

    def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """The intents of a run, ended ones too, in the order of their making."""
        return self._read(lambda c: reading.intents_of_run(c, run_id))

    def step(self, step_id: int) -> StepView:
        """A step; raises `UnknownRecordError` if there is none of this id."""
        return self._read(lambda c: step_of(c, step_id))

    def pauses(self) -> tuple[Pause, ...]:
        """What is paused."""
        return self._read(read_pauses)

    def first_unknown_nonce(self) -> int | None:
        """From which nonce on nothing is known; None where no nonce of the sender ever was."""
        return self._read(lambda c: nonces.first_unknown_nonce(c, self.chain_id, self.sender))

    def next_nonce(self, chain_nonce: int) -> int:
        """The lowest nonce from the chain's own count on that nothing holds."""
        return self._read(lambda c: nonces.next_nonce(c, self.chain_id, self.sender, chain_nonce))

    def strangers(self) -> tuple[NonceSlot, ...]:
        """Nonces that strangers consumed and no intent had, not final yet."""
        return self._read(lambda c: reading.strangers(c, self.chain_id, self.sender))

    def last_final(self) -> Inclusion | ForeignUse | None:
        """What is final in the newest block: an inclusion, or a stranger's use of a nonce."""
        return self._read(lambda c: reading.last_final(c, self.chain_id, self.sender))

    def submit(self, new: NewIntent) -> int:
        """Store a call to be made; the same one again answers the same id."""
        return self._write("submit", lambda w: intents.submit_intent(w, new))

    def prepare(self, intent_id: int, estimate: Estimate, chain_nonce: int) -> int:
        """Built, audited and given the lowest free nonce, which is answered; all or nothing."""

        def work(writing: Writing) -> int:
            intents.record_built(writing, intent_id, estimate.gas, estimate.access_list)
            intents.record_audited(writing, intent_id)
            return attempts.reserve_nonce(writing, intent_id, chain_nonce)[1]

        return self._write("prepare", work)

    def reject(self, intent_id: int, reason: str) -> None:
        """It is not signed, and its step has failed."""
        self._write("reject", lambda w: intents.reject_intent(w, intent_id, reason))

    def withdraw(self, intent_id: int, reason: str) -> None:
        """Called off before anything is signed."""
        self._write("withdraw", lambda w: intents.withdraw_intent(w, intent_id, reason))

    def block(self, intent_id: int, hold: Hold, reason: str) -> None:
        """It waits for a person or for funds."""
        self._write("block", lambda w: intents.block_intent(w, intent_id, hold, reason))

    def unblock(self, intent_id: int) -> None:
        """It goes on from the beginning."""
        self._write("unblock", lambda w: intents.unblock_intent(w, intent_id))

    def want(
        self, intent_id: int, wanted: RequestedAction | None, reason: str | None = None
    ) -> None:
        """Remember what is asked for, or that it is done."""
        self._write("want", lambda w: intents.want(w, intent_id, wanted, reason))

    def store(self, slot_id: int, signed: SignedBytes) -> int:
        """Store signed bytes; answers the attempt's id."""
        return self._write("store", lambda w: attempts.store_attempt(w, slot_id, signed))

    def seal(self, attempt_id: int, opened: Signed | None) -> None:
        """They may leave; with what was in their box, if they were in one."""
        self._write("seal", lambda w: attempts.seal_attempt(w, attempt_id, opened))

    def refuse(self, attempt_id: int, reason: str) -> None:
        """They may not leave."""
        self._write("refuse", lambda w: attempts.refuse_attempt(w, attempt_id, reason))

    def sent(self, attempt_id: int, block: int) -> None:
        """A node has them."""
        self._write("sent", lambda w: attempts.record_broadcast(w, attempt_id, block))

    def include(self, attempt_id: int, seen: Inclusion, verdict: ReceiptVerdict) -> None:
        """They are in a block."""
        self._write("include", lambda w: inclusion.record_inclusion(w, attempt_id, seen, verdict))

    def unsettle(self, intent_id: int) -> None:
        """The block is no longer in the chain."""
        self._write("unsettle", lambda w: inclusion.unsettle(w, intent_id))

    def safe(self, intent_id: int, block_hash: str) -> None:
        """The block is safe."""
        self._write("safe", lambda w: inclusion.mark_safe(w, intent_id, block_hash))

    def finalise(self, intent_id: int, block_hash: str) -> IntentState:
        """The block is final; answers how the intent has ended. A repair ends with it."""

        def work(writing: Writing) -> IntentState:
            end = inclusion.finalise(writing, intent_id, block_hash)
            repairs.close_repair(writing, intent_id)
            return end

        return self._write("finalise", work)

    def foreign(self, use: ForeignUse) -> int:
        """A stranger has consumed the nonce."""
        return self._write("foreign", lambda w: foreign.record_foreign(w, use))

    def retract_foreign(self, slot_id: int) -> None:
        """It is not consumed after all."""
        self._write("retract_foreign", lambda w: foreign.retract_foreign(w, slot_id))

    def finalise_foreign(self, slot_id: int, block_hash: str, hold: str | None) -> None:
        """It stays consumed; the intent that had it starts afresh, or waits for a person."""
        self._write(
            "finalise_foreign", lambda w: foreign.finalise_foreign(w, slot_id, block_hash, hold)
        )

    def repair(self) -> int:
        """Ask for a transfer of nothing to oneself that fills a gap; answers the intent."""
        chain_id, sender, run_id = self.chain_id, self.sender, str(uuid4())
        return self._write("repair", lambda w: repairs.open_repair(w, run_id, chain_id, sender))

    def pause(self, reason: str) -> None:
        """Nothing is signed or sent for this sender until a person resumes it."""
        scope, by = self._lease.scope, self._lease.holder
        self._ledger.transact("pause", lambda w: pause(w, scope, reason, by))

    def _write(self, name: str, work: Callable[[Writing], T]) -> T:
        return self._lease.write(name, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        return self._ledger.read(work)
