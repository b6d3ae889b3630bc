"""Ports of the transaction engine."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

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
    NewCall,
    NewIntent,
    NewPlanStep,
    NonceSlot,
    Pause,
    ReceiptVerdict,
    SignedBytes,
    StepView,
)
from keepers.model.transaction_states import Hold, IntentState, RequestedAction


class Nodes(Protocol):
    """Group of nodes of one chain. Reads use the highest agreed head; writes go to all nodes.

    Every method raises a `ChainError` if too few nodes respond or if they do not agree.
    """

    async def view(self, account: str) -> ChainView:
        """Return the current chain view, with the nonce of an account by a quorum."""
        ...

    async def market(self) -> FeeMarket:
        """Return current gas prices."""
        ...

    async def nonce_at(self, account: str, block: int) -> int:
        """Return the transaction count of an account at a block."""
        ...

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        """Return the gas of a call, with an access list if that lowers it.

        Raises:
            CallRevertedError: The call would revert.
        """
        ...

    async def simulate(self, sender: str, call: ContractCall, value: int, gas: int) -> bytes:
        """Simulate a call at the head; return its result.

        Raises:
            CallRevertedError: The call reverts.
        """
        ...

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        """Send bytes to every node once; only to private relays unless `public`."""
        ...

    async def knows(self, transaction_hash: str) -> bool:
        """Return whether any node has a transaction, included or not."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return the receipt in the current chain, by a quorum."""
        ...

    async def block_hash(self, block: int) -> str | None:
        """Return the hash of a block in the current chain; None if the chain is shorter."""
        ...

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """Return the hash of the transaction that used a nonce up to a block, if known."""
        ...

    async def call_of(self, transaction_hash: str) -> MadeCall | None:
        """Return the call of a transaction; None if no node has it."""
        ...

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """Return the revert reason of signed bytes in a block; does not fail if unavailable."""
        ...


class Signer(Protocol):
    """Signer with the keeper's key; only the validator can decrypt its encrypted results."""

    @property
    def address(self) -> str:
        """Return the keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed | EncryptedPayload:
        """Sign; raise a `SigningError` unless the result matches the request and the account.

        May send a remote request and block: call it in a thread.
        """
        ...


class Auditor(Protocol):
    """Auditor that decodes a transaction independently and checks it against policy."""

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Raise `AuditRefusedError` unless policy allows the transaction.

        Raise `AuditUnavailableError` if the audit cannot be made. May send a remote request and
        block: call it in a thread.
        """
        ...


class Validator(Protocol):
    """Validator that compares signed with audited transactions before it releases the bytes."""

    def open(self, signed: Signed | EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Return the signed bytes if they match the audit; raise a `SigningError` if not.

        May send a remote request and block: call it in a thread.
        """
        ...


class ReceiptInterpreter(Protocol):
    """Interpreter of successful receipts of one kind of steps."""

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return whether the step is done, and its outcome."""
        ...


@runtime_checkable
class ResultInterpreter(Protocol):
    """Receipt interpreter whose calls may succeed without any effect."""

    def problem_of(self, result: bytes) -> str | None:
        """Return why a simulated call with this result would have no effect; None if it has one."""
        ...


class Telemetry(Protocol):
    """Alarms for operators, and events for logs and metrics. Must not raise."""

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Raise an alarm; may be repeated at every pass."""
        ...

    def event(self, name: str, **facts: object) -> None:
        """Report an event."""
        ...


class SenderStore(Protocol):
    """Transactions of one sender on one chain; every method is one database transaction.

    Writes are fenced by the lease from `acquire`. They raise `StaleLeaseError` if it has expired,
    and `StoreUnavailableError` if nothing could be written.
    """

    chain_id: int
    sender: str

    def acquire(self) -> None:
        """Acquire or renew the lease; raise `LeaseHeldError` if another keeper holds it."""
        ...

    def release(self) -> None:
        """Release the lease, if it is held."""
        ...

    def now(self) -> datetime:
        """Return database time."""
        ...

    def live(self) -> tuple[IntentRecord, ...]:
        """Return the unfinished intents, in order of creation."""
        ...

    def intent(self, intent_id: int) -> IntentRecord:
        """Return an intent."""
        ...

    def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """Return all intents of a run, in order of creation."""
        ...

    def step(self, step_id: int) -> StepView:
        """Return a step."""
        ...

    def pauses(self) -> tuple[Pause, ...]:
        """Return all pauses."""
        ...

    def first_unknown_nonce(self) -> int | None:
        """Return the first nonce without a record; None if the sender never had one."""
        ...

    def next_nonce(self, chain_nonce: int) -> int:
        """Return the lowest nonce at or above the chain's count that no slot holds."""
        ...

    def foreign_slots(self) -> tuple[NonceSlot, ...]:
        """Return externally used nonces without an intent that are not final yet."""
        ...

    def last_final(self) -> Inclusion | ForeignUse | None:
        """Return the newest final inclusion or external nonce use."""
        ...

    def submit(self, new: NewIntent) -> int:
        """Store a call to execute."""
        ...

    def submit_plan(self, plan: NewPlanStep, new: NewCall) -> int:
        """Store a call that executes several steps of a run."""
        ...

    def prepare(self, intent_id: int, estimate: Estimate, chain_nonce: int) -> int:
        """Record a call as built and audited; reserve and return the lowest free nonce."""
        ...

    def reject(self, intent_id: int, reason: str) -> None:
        """Reject an unsigned intent; its step fails."""
        ...

    def withdraw(self, intent_id: int, reason: str) -> None:
        """Cancel an unsigned intent."""
        ...

    def block(self, intent_id: int, hold: Hold, reason: str) -> None:
        """Block an intent until an operator or funds release it."""
        ...

    def unblock(self, intent_id: int) -> None:
        """Queue a blocked intent again."""
        ...

    def want(
        self, intent_id: int, wanted: RequestedAction | None, reason: str | None = None
    ) -> None:
        """Record a request, or None once it is executed."""
        ...

    def store(self, slot_id: int, signed: SignedBytes) -> int:
        """Store signed bytes; return the attempt's id."""
        ...

    def seal(self, attempt_id: int, opened: Signed | None) -> None:
        """Record that bytes are validated, with the decrypted bytes if any."""
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
        """Record that the block of the inclusion is no longer in the chain."""
        ...

    def safe(self, intent_id: int, block_hash: str) -> None:
        """Record that the block is safe."""
        ...

    def finalise(self, intent_id: int, block_hash: str) -> IntentState:
        """Record that the block is final; return the terminal state of the intent."""
        ...

    def foreign(self, use: ForeignUse) -> int:
        """Record an external use of a nonce; return the slot's id."""
        ...

    def retract_foreign(self, slot_id: int) -> None:
        """Record that an external use of a nonce was reverted."""
        ...

    def finalise_foreign(self, slot_id: int, block_hash: str, hold: str | None) -> None:
        """Record that an external use is final; restart or block its intent."""
        ...

    def repair(self) -> int:
        """Submit a zero-value self-transfer that fills a nonce gap; return the intent's id."""
        ...

    def pause(self, reason: str) -> None:
        """Pause this sender: sign and send nothing until an operator resumes it."""
        ...
