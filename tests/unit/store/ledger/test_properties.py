"""Random sequences of writes, legal or not; the invariants hold after each write."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from keepers.model.errors.run import StoreRefusedError
from keepers.model.errors.transaction import (
    AttemptRefusedError,
    IllegalMoveError,
    UnknownRecordError,
)
from keepers.model.transaction_states import (
    AttemptKind,
    AttemptState,
    Hold,
    IntentState,
    SlotState,
)
from keepers.store import attempts, inclusion, intents
from keepers.store import inclusion as foreign
from keepers.store.connection import connect
from keepers.store.database import Database, Writing
from tests.unit.store.ledger import samples
from tests.unit.store.ledger.consistency import Picture, check, picture
from tests.unit.store.ledger.samples import GWEI, INTENT, receipt, signed
from tests.unit.store.ledger.story import Story

pytestmark = [pytest.mark.long, pytest.mark.deep]

REFUSALS = (IllegalMoveError, UnknownRecordError, AttemptRefusedError, StoreRefusedError)
FINAL_SLOTS = {SlotState.OURS_FINAL, SlotState.FOREIGN_FINAL, SlotState.VOID}
SIGNED_FACTS = ("raw", "transaction_hash", "kind", "max_fee_per_gas", "max_priority_fee_per_gas")
WAYS_OUT = ("rebuild", "block", "unblock", "reject", "withdraw")
some_id = st.integers(1, 4)
nonce = st.integers(6, 9)
block = st.integers(1, 2)


@dataclass(frozen=True)
class Databases:
    """Functions that create and remove databases for the machine."""

    new_url: Callable[[], str]
    discard: Callable[[str], None]


class LedgerMachine(RuleBasedStateMachine):
    """Machine that calls any write at any time; sometimes another process takes over."""

    databases: ClassVar[Databases]

    def __init__(self) -> None:
        super().__init__()
        self.url = self.databases.new_url()
        self.ledger = Database(connect(self.url), clock=samples.StillClock())
        self.story = Story(self.ledger)
        self.hashes = 100
        self.seen: Picture | None = None
        _, slot_id, _ = self.story.broadcast()
        self.story.send(self.story.store(slot_id, AttemptKind.BUMP))
        self.story.numbered()
        self.story.audited()
        _, _, attempt_id = self.story.broadcast()
        self.story.include(attempt_id)
        self.before = self.now()

    def teardown(self) -> None:
        self.ledger.close()
        self.databases.discard(self.url)

    def now(self) -> Picture:
        """Return the rows after the last write."""
        if self.seen is None:
            self.seen = self.ledger.read(picture)
        return self.seen

    def tried(self, work: Callable[[Writing], object]) -> None:
        """Try a write; a refused write changes nothing."""
        before, self.seen = self.now(), None
        try:
            self.story.do(work)
        except REFUSALS:
            assert self.now() == before

    @rule()
    def restart(self) -> None:
        self.ledger.close()
        self.ledger = Database(connect(self.url), clock=samples.StillClock())
        self.story.ledger = self.ledger
        self.story.lease = self.story.acquire(samples.SCOPE)
        self.seen = None

    @rule(step_id=some_id)
    def submit(self, step_id: int) -> None:
        if step_id not in self.now().steps:
            step_id, self.seen = self.story.step(), None
        key = f"{step_id}/{len(self.now().intents)}"
        new = replace(INTENT, step_id=step_id, idempotency_key=key)
        self.tried(lambda writing: intents.submit_intent(writing, new))

    @rule(intent_id=some_id, steps=st.integers(1, 5))
    def go_on(self, intent_id: int, steps: int) -> None:
        """Run the next steps of an intent in the order of a keeper."""
        for _ in range(steps):
            row = self.now().intents.get(intent_id)
            if row is not None:
                self.do_next(intent_id, IntentState(row["state"]))

    def do_next(self, intent_id: int, state: IntentState) -> None:
        match state:
            case IntentState.QUEUED:
                self.tried(lambda writing: intents.record_built(writing, intent_id, 21_000))
            case IntentState.BUILT:
                self.tried(lambda writing: intents.record_audited(writing, intent_id))
            case IntentState.AUDITED:
                self.tried(lambda writing: attempts.reserve_nonce(writing, intent_id, 7))
            case IntentState.BLOCKED:
                self.tried(lambda writing: intents.unblock_intent(writing, intent_id))
            case _:
                for slot in self.now().slots_of(intent_id)[-1:]:
                    self.do_next_of_slot(intent_id, slot["slot_id"], state)

    def do_next_of_slot(self, intent_id: int, slot_id: int, state: IntentState) -> None:
        if state is IntentState.NUMBERED:
            self.store(slot_id, AttemptKind.ORIGINAL, 2)
        for attempt in self.now().attempts_of(slot_id):
            match attempt["state"]:
                case AttemptState.SIGNED | AttemptState.SEALED:
                    self.seal_and_broadcast(attempt["attempt_id"])
                case AttemptState.BROADCAST if state is IntentState.BROADCAST:
                    self.include(attempt["attempt_id"], 1, succeeded=True)
                case AttemptState.INCLUDED:
                    self.confirm(intent_id, attempt["block_hash"], state)
                case _:
                    pass

    def confirm(self, intent_id: int, block_hash: str, state: IntentState) -> None:
        if state is IntentState.SAFE:
            self.tried(lambda writing: inclusion.finalise(writing, intent_id, block_hash))
        else:
            self.tried(lambda writing: inclusion.mark_safe(writing, intent_id, block_hash))

    @rule(slot_id=some_id, kind=st.sampled_from(AttemptKind), fee=st.integers(0, 5))
    def store(self, slot_id: int, kind: AttemptKind, fee: int) -> None:
        self.hashes += 1
        new = signed(self.hashes, kind, max_fee_per_gas=(99 + fee) * GWEI)
        new = replace(new, max_priority_fee_per_gas=(9 + fee) * GWEI)
        self.tried(lambda writing: attempts.store_attempt(writing, slot_id, new))

    @rule(attempt_id=some_id, sealed=st.booleans())
    def validate(self, attempt_id: int, *, sealed: bool) -> None:
        if sealed:
            self.tried(lambda writing: attempts.seal_attempt(writing, attempt_id))
        else:
            self.tried(lambda writing: attempts.refuse_attempt(writing, attempt_id, "no"))

    def seal_and_broadcast(self, attempt_id: int) -> None:
        self.tried(lambda writing: attempts.seal_attempt(writing, attempt_id))
        self.tried(lambda writing: attempts.record_broadcast(writing, attempt_id, 1))

    @rule(attempt_id=some_id, block=block, succeeded=st.booleans())
    def include(self, attempt_id: int, block: int, *, succeeded: bool) -> None:
        seen = receipt(block, succeeded=succeeded)
        self.tried(lambda writing: inclusion.record_inclusion(writing, attempt_id, seen))

    @rule(intent_id=some_id, block=block)
    def safe(self, intent_id: int, block: int) -> None:
        hash_ = receipt(block).block_hash
        self.tried(lambda writing: inclusion.mark_safe(writing, intent_id, hash_))

    @rule(intent_id=some_id)
    def reorganise(self, intent_id: int) -> None:
        self.tried(lambda writing: inclusion.unsettle(writing, intent_id))

    @rule(intent_id=some_id, block=block)
    def finalise(self, intent_id: int, block: int) -> None:
        hash_ = receipt(block).block_hash
        self.tried(lambda writing: inclusion.finalise(writing, intent_id, hash_))

    @rule(nonce=nonce, block=block)
    def use_elsewhere(self, nonce: int, block: int) -> None:
        use = samples.foreign(nonce, block)
        self.tried(lambda writing: foreign.record_foreign(writing, use))

    @rule(slot_id=some_id)
    def retract(self, slot_id: int) -> None:
        self.tried(lambda writing: foreign.retract_foreign(writing, slot_id))

    @rule(slot_id=some_id, block=block)
    def finalise_elsewhere(self, slot_id: int, block: int) -> None:
        slot = self.now().slots.get(slot_id)
        seen = None if slot is None else slot["seen_block_hash"]
        hash_ = seen or samples.foreign(0, block).block_hash
        self.tried(lambda writing: foreign.finalise_foreign(writing, slot_id, hash_))

    @rule(
        intent_id=some_id,
        how=st.sampled_from(["block", "unblock", "reject", "withdraw"]),
    )
    def give_up(self, intent_id: int, how: str) -> None:
        ways: dict[str, Callable[[Writing], None]] = {
            "block": lambda writing: intents.block_intent(
                writing, intent_id, Hold.FUNDS, "no funds"
            ),
            "unblock": lambda writing: intents.unblock_intent(writing, intent_id),
            "reject": lambda writing: intents.reject_intent(writing, intent_id, "reverts"),
            "withdraw": lambda writing: intents.withdraw_intent(writing, intent_id, "no"),
        }
        self.tried(ways[how])

    @invariant()
    def everything_fits_together(self) -> None:
        check(self.now())

    @invariant()
    def what_is_final_stays_and_bytes_never_change(self) -> None:
        now = self.now()
        for key, was in self.before.attempts.items():
            assert all(now.attempts[key][name] == was[name] for name in SIGNED_FACTS)
        for key, was in self.before.slots.items():
            assert was["state"] not in FINAL_SLOTS or now.slots[key] == was
        for key, was in self.before.intents.items():
            ended = {"FINAL", "REVERTED", "CANCELLED", "FAILED"}
            assert was["state"] not in ended or now.intents[key] == was
        assert now.events[: len(self.before.events)] == self.before.events
        self.before = now


def test_ledger__any_sequence__keeps_the_invariants(
    new_url: Callable[[], str], discard: Callable[[str], None]
) -> None:
    LedgerMachine.databases = Databases(new_url, discard)
    # A sequence costs as much as twenty examples of a pure function.
    cases = settings.default.max_examples // 20 if settings.default else 3
    steps = settings(max_examples=cases, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(LedgerMachine, settings=steps)
