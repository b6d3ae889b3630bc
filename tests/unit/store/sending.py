"""Helper that brings stored steps to a test's starting state, as their sender's engine does."""

from __future__ import annotations

from keepers.model.chain_view import Estimate
from keepers.model.transaction_records import NewIntent, ReceiptVerdict
from keepers.model.transaction_states import AttemptKind
from keepers.store.database import Database
from keepers.store.transactions import TransactionRepository
from tests.unit.store.ledger.samples import INTENT, SENDER, foreign, receipt, signed

DONE = ReceiptVerdict(done=True, outcome={"received": str(2**256 - 1), "slippage_bps": "1.5"})
REVERTED = ReceiptVerdict(done=False, reason="too little")


class Sending:
    """Store of one sender, with a lease on the sender."""

    def __init__(self, ledger: Database) -> None:
        self.ledger = TransactionRepository(ledger, 1, SENDER, holder="one", lease_seconds=60)
        self.ledger.acquire()
        self.bytes = 0

    def submit(self, step_id: int) -> int:
        """Submit a step's call; return the id of the intent."""
        new = NewIntent(
            step_id=step_id,
            idempotency_key=f"key of step {step_id}",
            chain_id=INTENT.chain_id,
            sender=INTENT.sender,
            target=INTENT.target,
            calldata=INTENT.calldata,
            value=0,
        )
        return self.ledger.submit(new)

    def numbered(self, step_id: int) -> int:
        """Submit a step's call and reserve a nonce; return the id of the intent."""
        intent_id = self.submit(step_id)
        self.ledger.prepare(intent_id, Estimate(100_000, ()), 0)
        return intent_id

    def stored(self, step_id: int) -> tuple[int, int]:
        """Store signed bytes for a step; return the ids of intent and attempt."""
        intent_id = self.numbered(step_id)
        return intent_id, self.store(intent_id, AttemptKind.ORIGINAL)

    def store(self, intent_id: int, kind: AttemptKind) -> int:
        """Store more bytes for an intent's nonce."""
        slot = self.ledger.intent(intent_id).live_slot
        assert slot is not None
        self.bytes += 1
        return self.ledger.store(slot.slot_id, signed(self.bytes, kind))

    def send(self, attempt_id: int) -> None:
        """Seal an attempt and record it as sent."""
        self.ledger.seal(attempt_id, None)
        self.ledger.sent(attempt_id, 1)

    def sent(self, step_id: int) -> tuple[int, int]:
        """Send a step's call; return the ids of intent and attempt."""
        intent_id, attempt_id = self.stored(step_id)
        self.send(attempt_id)
        return intent_id, attempt_id

    def second(self, intent_id: int, kind: AttemptKind) -> int:
        """Send other bytes for an intent's nonce; return the id of the attempt."""
        attempt_id = self.store(intent_id, kind)
        self.send(attempt_id)
        return attempt_id

    def include(self, attempt_id: int, *, succeeded: bool = True) -> None:
        """Record that the bytes are in a block."""
        verdict = DONE if succeeded else REVERTED
        self.ledger.include(attempt_id, receipt(succeeded=succeeded), verdict)

    def finalise(self, intent_id: int) -> None:
        """Record that the block is final."""
        self.ledger.finalise(intent_id, receipt().block_hash)

    def lose(self, intent_id: int) -> int:
        """Record that an external transaction used the nonce; return the id of the slot."""
        slot = self.ledger.intent(intent_id).live_slot
        assert slot is not None
        return self.ledger.foreign(foreign(slot.nonce))
