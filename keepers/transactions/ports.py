"""Ports of the transaction engine."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from keepers.model.alarms import Alarm
from keepers.model.chain import ContractCall, Receipt, Signed, Unsigned
from keepers.model.chain_view import (
    ChainView,
    Estimate,
    FeeMarket,
    MadeCall,
    SendAnswer,
)
from keepers.model.transaction_records import (
    EncryptedPayload,
    ForeignUse,
    Inclusion,
    IntentRecord,
    NewIntent,
    NonceSlot,
    Pause,
    ReceiptVerdict,
    SignedBytes,
    StepView,
)
from keepers.model.transaction_states import Hold, IntentState, RequestedAction


class Nodes(Protocol):
    """Several nodes of one chain as one. Reads are of the highest agreed head; writes go to all.

    Every method raises a `ChainError` when too few nodes answer, or when they do not agree.
    """

    async def view(self, account: str) -> ChainView:
        """Return the chain now, with the nonce of an account by a quorum."""
        ...

    async def market(self) -> FeeMarket:
        """Return the prices of gas."""
        ...

    async def nonce_at(self, account: str, block: int) -> int:
        """Return how many transactions of an account are included up to a block."""
        ...

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        """Return the gas of a call, with an access list where that makes it cheaper.

        Raises:
            CallRevertedError: It would revert.
        """
        ...

    async def simulate(self, sender: str, call: ContractCall, value: int, gas: int) -> None:
        """Run a call on the head without sending it.

        Raises:
            CallRevertedError: It reverts.
        """
        ...

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        """Send bytes to every node, once each; to private relays alone unless `public`."""
        ...

    async def knows(self, transaction_hash: str) -> bool:
        """Return whether any node has a transaction, included or not."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return the receipt that a quorum gives, of a block that is in the chain."""
        ...

    async def block_hash(self, block: int) -> str | None:
        """Return the hash of a block of the chain as it is now; None if it is not that long."""
        ...

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """Return the hash of the transaction that used a nonce by a block, if it is known."""
        ...

    async def call_of(self, transaction_hash: str) -> MadeCall | None:
        """Return the call of a transaction; None if no node has it any more."""
        ...

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """Return why signed bytes reverted in a block; a node that cannot say so is no error."""
        ...


class Signer(Protocol):
    """Signs with the keeper's key; what it encrypts, only the validator reads."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed | EncryptedPayload:
        """Sign; raises a `SigningError` unless the result is what was asked for, of this account.

        It may ask a machine elsewhere, so it takes its time: call it in a thread.
        """
        ...


class Auditor(Protocol):
    """Reads a transaction with code of its own, and says whether policy allows it."""

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Raise `AuditRefusedError` unless policy allows the transaction.

        `AuditUnavailableError` if it cannot tell. It may ask a machine elsewhere, so it takes its
        time: call it in a thread.
        """
        ...


class Validator(Protocol):
    """Compares what was signed with what was audited, and only then opens it."""

    def open(self, signed: Signed | EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """The signed bytes, if they are what was audited; raises a `SigningError` if not.

        It may ask a machine elsewhere, so it takes its time: call it in a thread.
        """
        ...


class ReceiptInterpreter(Protocol):
    """Interprets successful receipts of one kind of steps."""

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return whether the step is done, and its outcome."""
        ...


class Telemetry(Protocol):
    """Alarms for operators, and events for logs and metrics. It must not fail."""

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Raise an alarm; the same one may come at every pass."""
        ...

    def event(self, name: str, **facts: object) -> None:
        """Report an event."""
        ...


class SenderStore(Protocol):
    """Transactions of one sender on one chain; every method is one database transaction.

    Writes are fenced by the lease that `acquire` got. They raise `StaleLeaseError` once it is over,
    and `StoreUnavailableError` when nothing could be written.
    """

    chain_id: int
    sender: str

    def acquire(self) -> None:
        """Get the lease, or renew it; raises `LeaseHeldError` if another keeper has it."""
        ...

    def release(self) -> None:
        """Give the lease back, if it is held."""
        ...

    def now(self) -> datetime:
        """Return the database's time."""
        ...

    def live(self) -> tuple[IntentRecord, ...]:
        """Return the intents that are not at their end, in the order of their making."""
        ...

    def intent(self, intent_id: int) -> IntentRecord:
        """Return an intent."""
        ...

    def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """Return the intents of a run, ended ones too, in the order of their making."""
        ...

    def step(self, step_id: int) -> StepView:
        """Return a step."""
        ...

    def pauses(self) -> tuple[Pause, ...]:
        """Return every pause."""
        ...

    def first_unknown_nonce(self) -> int | None:
        """Return the nonce from which on nothing is known; None if none of the sender ever was."""
        ...

    def next_nonce(self, chain_nonce: int) -> int:
        """Return the lowest nonce from the chain's own count on that nothing holds."""
        ...

    def foreign_slots(self) -> tuple[NonceSlot, ...]:
        """Return foreign nonces that no intent had, not final yet."""
        ...

    def last_final(self) -> Inclusion | ForeignUse | None:
        """Return what is final in the newest block: an inclusion, or a foreign use of a nonce."""
        ...

    def submit(self, new: NewIntent) -> int:
        """Store a call to be made."""
        ...

    def prepare(self, intent_id: int, estimate: Estimate, chain_nonce: int) -> int:
        """Record a call as built and audited; returns the lowest free nonce, now reserved."""
        ...

    def reject(self, intent_id: int, reason: str) -> None:
        """End an unsigned intent as refused; its step has failed."""
        ...

    def withdraw(self, intent_id: int, reason: str) -> None:
        """Call an unsigned intent off."""
        ...

    def block(self, intent_id: int, hold: Hold, reason: str) -> None:
        """Hold an intent until an operator or funds release it."""
        ...

    def unblock(self, intent_id: int) -> None:
        """Queue a held intent again."""
        ...

    def want(
        self, intent_id: int, wanted: RequestedAction | None, reason: str | None = None
    ) -> None:
        """Record what is requested, or None once it is done."""
        ...

    def store(self, slot_id: int, signed: SignedBytes) -> int:
        """Store signed bytes; returns the attempt's id."""
        ...

    def seal(self, attempt_id: int, opened: Signed | None) -> None:
        """Record that bytes are validated, with those that were decrypted."""
        ...

    def refuse(self, attempt_id: int, reason: str) -> None:
        """Record that bytes must not be sent."""
        ...

    def sent(self, attempt_id: int, block: int) -> None:
        """Record that a node has the bytes."""
        ...

    def include(self, attempt_id: int, inclusion: Inclusion, verdict: ReceiptVerdict) -> None:
        """Record that bytes are included in a block."""
        ...

    def unsettle(self, intent_id: int) -> None:
        """Record that the block is no longer in the chain."""
        ...

    def safe(self, intent_id: int, block_hash: str) -> None:
        """Record that the block is safe."""
        ...

    def finalise(self, intent_id: int, block_hash: str) -> IntentState:
        """Record that the block is final; returns the end of the intent."""
        ...

    def foreign(self, use: ForeignUse) -> int:
        """Record a foreign use of a nonce; returns the slot's id."""
        ...

    def retract_foreign(self, slot_id: int) -> None:
        """Record that a nonce is not consumed after all."""
        ...

    def finalise_foreign(self, slot_id: int, block_hash: str, hold: str | None) -> None:
        """Record that a foreign use is final; its intent starts afresh, or is held."""
        ...

    def repair(self) -> int:
        """Submit a transfer of nothing to the sender that fills a gap; returns the intent's id."""
        ...

    def pause(self, reason: str) -> None:
        """Sign and send nothing for this sender until an operator resumes it."""
        ...
