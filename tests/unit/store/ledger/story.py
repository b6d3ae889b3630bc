"""Helper that brings a store to a test's starting state by legal transitions only."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from keepers.model.run import RunKind
from keepers.model.transaction_records import IntentRecord, LeaseGrant
from keepers.model.transaction_states import AttemptKind, EntityType, IntentState
from keepers.store import attempts, inclusion, intents, run_writes
from keepers.store.database import Database, Writing
from keepers.store.inclusion import record_foreign
from keepers.store.leases import acquire_lease
from keepers.store.transaction_queries import read_intent
from keepers.store.transitions import find
from tests.unit.store.ledger.samples import INTENT, RUN, SCOPE, foreign, receipt, signed

T = TypeVar("T")
CHAIN_NONCE = 7


class Story:
    """A run with steps, and a lease on its sender."""

    def __init__(self, ledger: Database) -> None:
        self.ledger = ledger
        self.lease = self.acquire(SCOPE)
        self.do(lambda writing: run_writes.open_run(writing, RunKind.TRANSFER, RUN))
        self.hashes = 0

    def acquire(self, scope: str, holder: str = "one", seconds: int = 60) -> LeaseGrant:
        return self.ledger.transact(
            "acquire", lambda writing: acquire_lease(writing, scope, holder, seconds)
        )

    def do(self, work: Callable[[Writing], T], name: str = "test") -> T:
        """Run a database transaction under the lease."""
        return self.ledger.transact(name, work, self.lease)

    def step(self) -> int:
        return self.do(lambda writing: run_writes.add_step(writing, RUN.run_id, "SEND", {}))

    def submit(self, step_id: int | None = None, key: str | None = None) -> int:
        step = self.step() if step_id is None else step_id
        new = replace(INTENT, step_id=step, idempotency_key=key or f"t1/{step}")
        return self.do(lambda writing: intents.submit_intent(writing, new))

    def audited(self) -> int:
        intent_id = self.submit()
        self.do(lambda writing: intents.record_built(writing, intent_id, 21_000))
        self.do(lambda writing: intents.record_audited(writing, intent_id))
        return intent_id

    def numbered(self, chain_nonce: int = CHAIN_NONCE) -> tuple[int, int]:
        """Return the ids of an intent with a nonce and of its slot."""
        intent_id = self.audited()
        slot_id, _ = self.do(
            lambda writing: attempts.reserve_nonce(writing, intent_id, chain_nonce)
        )
        return intent_id, slot_id

    def store(self, slot_id: int, kind: AttemptKind = AttemptKind.ORIGINAL) -> int:
        """Store new bytes that pay more than all earlier ones."""
        self.hashes += 1
        new = signed(self.hashes, kind)
        return self.do(lambda writing: attempts.store_attempt(writing, slot_id, new))

    def seal(self, attempt_id: int) -> None:
        self.do(lambda writing: attempts.seal_attempt(writing, attempt_id))

    def refuse(self, attempt_id: int) -> None:
        self.do(lambda writing: attempts.refuse_attempt(writing, attempt_id, "not ours"))

    def send(self, attempt_id: int) -> None:
        self.seal(attempt_id)
        self.do(lambda writing: attempts.record_broadcast(writing, attempt_id, 1))

    def broadcast(self) -> tuple[int, int, int]:
        """Return the ids of an intent whose call was sent, of its slot and of its attempt."""
        intent_id, slot_id = self.numbered()
        attempt_id = self.store(slot_id)
        self.send(attempt_id)
        return intent_id, slot_id, attempt_id

    def include(self, attempt_id: int, block: int = 1, *, succeeded: bool = True) -> None:
        seen = receipt(block, succeeded=succeeded)
        self.do(lambda writing: inclusion.record_inclusion(writing, attempt_id, seen))

    def finalise(self, intent_id: int, block: int = 1) -> IntentState:
        hash_ = receipt(block).block_hash
        return self.do(lambda writing: inclusion.finalise(writing, intent_id, hash_))

    def unsettle(self, intent_id: int) -> None:
        self.do(lambda writing: inclusion.unsettle(writing, intent_id))

    def displace(self, nonce: int = CHAIN_NONCE, block: int = 1) -> int:
        return self.do(lambda writing: record_foreign(writing, foreign(nonce, block)))

    def intent(self, intent_id: int) -> IntentRecord:
        return self.ledger.read(lambda connection: read_intent(connection, intent_id))

    def states(self, intent_id: int) -> tuple[str, str, list[str]]:
        """Return the states of an intent, of its last slot and of that slot's attempts."""
        record = self.intent(intent_id)
        slot = record.slots[-1]
        return record.state, slot.state, [each.state for each in slot.attempts]

    def step_state(self, step_id: int = 1) -> str:
        return self.do(lambda writing: find(writing, EntityType.STEP, step_id)["state"])
