"""What the transaction engine needs of the world, and nothing of how it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from keepers.model.chain import ContractCall, Receipt, Signed, Unsigned
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import (
    ChainView,
    Estimate,
    FeeMarket,
    MadeCall,
    SendAnswer,
)
from keepers.model.transactions.records import (
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
from keepers.model.transactions.states import Hold, IntentState, RequestedAction


class Nodes(Protocol):
    """Several nodes of one chain as one. Reads are of the highest agreed head; writes go to all.

    Every method raises a `ChainError` when too few nodes answer, or when they do not agree.
    """

    async def view(self, account: str) -> ChainView:
        """The chain now, with the nonce of an account by a quorum."""
        ...

    async def market(self) -> FeeMarket:
        """What gas costs."""
        ...

    async def nonce_at(self, account: str, block: int) -> int:
        """How many transactions of an account are included up to a block."""
        ...

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        """Gas for a call, with an access list where that makes it cheaper.

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
        """Hand bytes to every node, once each; to private relays alone where not `public`."""
        ...

    async def knows(self, transaction_hash: str) -> bool:
        """Whether any node has a transaction, included or not."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """The receipt that a quorum gives, of a block that is in the chain; None without one."""
        ...

    async def block_hash(self, block: int) -> str | None:
        """The hash of a block of the chain as it is now; None if it is not that long."""
        ...

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """The hash of the transaction that used a nonce by a block; None if that is not known."""
        ...

    async def call_of(self, transaction_hash: str) -> MadeCall | None:
        """What a transaction does; None if no node has it any more."""
        ...

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """Why signed bytes reverted in a block; a node that cannot say so is no error."""
        ...


class Signer(Protocol):
    """Signs with the keeper's key, wherever that is; what it seals, only the validator reads."""

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
    """The owner of a kind of steps: it knows what a successful receipt means for one."""

    def judge(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Whether the step is done, and what to remember of it."""
        ...


class Telemetry(Protocol):
    """Tells people and machines what happens. It must not fail."""

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Something that a person should hear of; the same one may come at every pass."""
        ...

    def event(self, name: str, **facts: object) -> None:
        """Something that happened."""
        ...


class SenderStore(Protocol):
    """The durable memory about one sender on one chain; every method is one transaction.

    Writes are fenced by the lease that `acquire` got. They raise `StaleLeaseError` once it is over,
    and `StoreUnavailableError` when nothing could be written.
    """

    chain_id: int
    sender: str

    def acquire(self) -> None:
        """Get the lease, or have it for longer; raises `LeaseHeldError` if somebody else has it."""
        ...

    def release(self) -> None:
        """Give the lease back, if it is held."""
        ...

    def now(self) -> datetime:
        """The database's time."""
        ...

    def live(self) -> tuple[IntentRecord, ...]:
        """Intents that are not at their end, in the order of their making."""
        ...

    def intent(self, intent_id: int) -> IntentRecord:
        """One intent."""
        ...

    def of_run(self, run_id: str) -> tuple[IntentRecord, ...]:
        """The intents of a run, ended ones too, in the order of their making."""
        ...

    def step(self, step_id: int) -> StepView:
        """A step."""
        ...

    def pauses(self) -> tuple[Pause, ...]:
        """What is paused."""
        ...

    def first_unknown_nonce(self) -> int | None:
        """From which nonce on nothing is known; None where no nonce of the sender ever was."""
        ...

    def next_nonce(self, chain_nonce: int) -> int:
        """The lowest nonce from the chain's own count on that nothing holds."""
        ...

    def foreign_slots(self) -> tuple[NonceSlot, ...]:
        """Nonces that strangers consumed and no intent had, not final yet."""
        ...

    def last_final(self) -> Inclusion | ForeignUse | None:
        """What is final in the newest block: an inclusion, or a stranger's use of a nonce."""
        ...

    def submit(self, new: NewIntent) -> int:
        """Store a call to be made."""
        ...

    def prepare(self, intent_id: int, estimate: Estimate, chain_nonce: int) -> int:
        """Built, audited and given the lowest free nonce, which is answered."""
        ...

    def reject(self, intent_id: int, reason: str) -> None:
        """It is not signed, and its step has failed."""
        ...

    def withdraw(self, intent_id: int, reason: str) -> None:
        """Called off before anything is signed."""
        ...

    def block(self, intent_id: int, hold: Hold, reason: str) -> None:
        """It waits for a person or for funds."""
        ...

    def unblock(self, intent_id: int) -> None:
        """It goes on from the beginning."""
        ...

    def want(
        self, intent_id: int, wanted: RequestedAction | None, reason: str | None = None
    ) -> None:
        """Remember what is asked for, or that it is done."""
        ...

    def store(self, slot_id: int, signed: SignedBytes) -> int:
        """Store signed bytes; answers the attempt's id."""
        ...

    def seal(self, attempt_id: int, opened: Signed | None) -> None:
        """They may leave; with what was in their box, if they were in one."""
        ...

    def refuse(self, attempt_id: int, reason: str) -> None:
        """They may not leave."""
        ...

    def sent(self, attempt_id: int, block: int) -> None:
        """A node has them."""
        ...

    def include(self, attempt_id: int, inclusion: Inclusion, verdict: ReceiptVerdict) -> None:
        """They are in a block."""
        ...

    def unsettle(self, intent_id: int) -> None:
        """The block is no longer in the chain."""
        ...

    def safe(self, intent_id: int, block_hash: str) -> None:
        """The block is safe."""
        ...

    def finalise(self, intent_id: int, block_hash: str) -> IntentState:
        """The block is final; answers how the intent has ended."""
        ...

    def foreign(self, use: ForeignUse) -> int:
        """A stranger has consumed the nonce."""
        ...

    def retract_foreign(self, slot_id: int) -> None:
        """It is not consumed after all."""
        ...

    def finalise_foreign(self, slot_id: int, block_hash: str, hold: str | None) -> None:
        """It stays consumed; the intent that had it starts afresh, or waits for a person."""
        ...

    def repair(self) -> int:
        """Ask for a transfer of nothing to oneself that fills a gap; answers the intent."""
        ...

    def pause(self, reason: str) -> None:
        """Nothing is signed or sent for this sender until a person resumes it."""
        ...
