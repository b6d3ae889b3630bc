"""Invariants of store and chain together, independent of the implementation of the engine."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import RowMapping

from keepers.model.transaction_states import AttemptKind, IntentState, SlotState, StepState
from tests.unit.store.ledger.consistency import STEP_OF, Picture, check_rows
from tests.unit.transactions.model.world import POLICY, World
from tests.unit.transactions.paper_chain import Block, Paper

Found = tuple[Block, Paper, RowMapping]
NEVER_CALLED = {IntentState.CANCELLED, IntentState.FAILED}
ENDED = {IntentState.FINAL, IntentState.REVERTED, *NEVER_CALLED}


class Check:
    """One check of all invariants."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now: Picture = world.rows()
        self.by_hash = {row["transaction_hash"]: row for row in self.now.attempts.values()}
        self.executed: defaultdict[int, list[Found]] = defaultdict(list)
        self.final_users: dict[int, str] = {}
        for block, each in world.chain.included():
            if block.head.number <= world.final:
                self.final_users[each.decoded.nonce] = each.hash
            row = self.by_hash.get(each.hash)
            if row is not None:
                intent_id = self.now.slots[row["slot_id"]]["intent_id"]
                self.executed[intent_id].append((block, each, row))

    def everything(self) -> None:
        """Check the invariants that hold at any time."""
        check_rows(self.now)
        for intent_id, intent in self.now.intents.items():
            self.at_most_one_execution(intent_id)
            self.one_nonce_at_a_time(intent_id)
            self.too_late_is_never_signed(intent_id, intent)
            if intent["state"] in ENDED:
                self.ended_as_the_chain_says(intent_id, intent)
        for slot_id in self.now.slots:
            self.fees_rise_within_limits(slot_id)

    def calls(self, intent_id: int) -> list[Found]:
        """Return the executions of an intent's call in the current chain."""
        found = self.executed[intent_id]
        return [each for each in found if each[2]["kind"] != AttemptKind.CANCEL]

    def at_most_one_execution(self, intent_id: int) -> None:
        assert len(self.calls(intent_id)) <= 1, f"intent {intent_id} was executed twice"

    def one_nonce_at_a_time(self, intent_id: int) -> None:
        """Check that bytes for another nonce exist only after the old nonce is lost finally."""
        signed = [each for each in self.now.slots_of(intent_id) if self._attempts(each)]
        for slot in signed[:-1]:
            self._is_gone(slot)

    def too_late_is_never_signed(self, intent_id: int, intent: RowMapping) -> None:
        """Check that an intent that had expired before its submission has no signed bytes."""
        if intent["expires_at"] is not None and intent["expires_at"] <= intent["created_at"]:
            assert not any(map(self._attempts, self.now.slots_of(intent_id)))

    def ended_as_the_chain_says(self, intent_id: int, intent: RowMapping) -> None:
        step = self.now.steps[intent["step_id"]]["state"]
        assert step == STEP_OF[intent["state"]]
        calls = self.calls(intent_id)
        if intent["state"] in NEVER_CALLED:
            assert not calls, f"intent {intent_id} is {intent['state']} and was executed"
            for slot in self.now.slots_of(intent_id):
                if any(each["raw"] in self.world.sent for each in self._attempts(slot)):
                    self._is_consumed(slot)
            return
        block, each, _ = calls[0]
        assert block.head.number <= self.world.final
        succeeded = not self.world.chain.reverts(each)
        assert succeeded == (intent["state"] == IntentState.FINAL)

    def fees_rise_within_limits(self, slot_id: int) -> None:
        attempts = self.now.attempts_of(slot_id)
        for position, each in enumerate(attempts):
            limits = POLICY.limits_of(AttemptKind(each["kind"]))
            assert each["max_fee_per_gas"] <= limits.maximum
            assert each["max_priority_fee_per_gas"] <= limits.priority
            for before in attempts[:position]:
                for name in ("max_fee_per_gas", "max_priority_fee_per_gas"):
                    assert each[name] * 10 >= before[name] * 11, "nodes refuse such a replacement"

    def nothing_is_left(self) -> None:
        """Check that everything has ended, once no fault remains."""
        held = [each for each in self.now.intents.values() if each["hold"] is not None]
        waiting = {each["intent_id"] for each in held if each["hold"] == "DENIED"}
        for intent_id, intent in self.now.intents.items():
            assert intent["state"] in ENDED or intent_id in waiting
        live = {SlotState.RESERVED, SlotState.IN_USE, SlotState.OURS, SlotState.FOREIGN}
        slots = self.now.slots.values()
        assert not [each for each in slots if each["state"] in live]
        known = {each["nonce"] for each in slots if each["state"] != SlotState.VOID}
        for nonce in range(max(known, default=-1) + 1):
            assert nonce in known or nonce in self.final_users, f"nonce {nonce} is left free"
        for slot in slots:
            self._is_told_by_the_chain(slot)
        for step in self.now.steps.values():
            assert step["state"] != StepState.ACTIVE or step["step_id"] in {
                self.now.intents[each]["step_id"] for each in waiting
            }

    def is_quiet(self) -> bool:
        """Return whether everything has ended or waits for an operator."""
        try:
            self.nothing_is_left()
        except AssertionError:
            return False
        return True

    def _is_told_by_the_chain(self, slot: RowMapping) -> None:
        user = self.final_users.get(slot["nonce"])
        ours = {each["transaction_hash"] for each in self._attempts(slot)}
        if slot["state"] == SlotState.OURS_FINAL:
            final = [each for each in self._attempts(slot) if each["state"] == "FINAL"]
            assert [each["transaction_hash"] for each in final] == [user]
        if slot["state"] == SlotState.FOREIGN_FINAL:
            assert user is not None
            assert user not in ours

    def _is_consumed(self, slot: RowMapping) -> None:
        assert slot["nonce"] in self.final_users, f"nonce {slot['nonce']} may still be used"

    def _is_gone(self, slot: RowMapping) -> None:
        """Check that the nonce was finally consumed by an external transaction."""
        self._is_consumed(slot)
        ours = {each["transaction_hash"] for each in self._attempts(slot)}
        assert self.final_users[slot["nonce"]] not in ours, "an own nonce was left for another"

    def _attempts(self, slot: RowMapping) -> list[RowMapping]:
        return self.now.attempts_of(slot["slot_id"])
