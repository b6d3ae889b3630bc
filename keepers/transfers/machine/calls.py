"""On-chain stages: one step, submitted to the transaction engine, and its status."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from keepers.model.batch import BatchRecord, BatchState
from keepers.model.chain import ContractCall, Receipt
from keepers.model.run import RunStatus
from keepers.model.transaction_records import (
    IntentRecord,
    NewIntent,
    ReceiptVerdict,
    SlotAttempt,
    StepView,
)
from keepers.model.transaction_states import MINED, Hold, IntentState, StepState
from keepers.model.transfer import CHAIN_STEPS, TransferCause, TransferPosition, TransferStep
from keepers.model.transfer_record import (
    PlacementRecord,
    PlacementVerb,
    TransferRecord,
    TransferWork,
)
from keepers.transfers.machine.dependencies import Seen, TransferDependencies
from keepers.transfers.machine.ports import TreasuryChain

STEP_OF: Mapping[IntentState, TransferStep] = MappingProxyType(
    {
        IntentState.QUEUED: TransferStep.BUILD,
        IntentState.BLOCKED: TransferStep.BUILD,
        IntentState.DISPLACED: TransferStep.BUILD,
        IntentState.BUILT: TransferStep.AUDIT,
        IntentState.AUDITED: TransferStep.SIGN,
        IntentState.NUMBERED: TransferStep.SIGN,
        IntentState.SIGNED: TransferStep.VALIDATE,
        IntentState.SEALED: TransferStep.BROADCAST,
        IntentState.BROADCAST: TransferStep.CONFIRM,
        IntentState.INCLUDED: TransferStep.CONFIRM,
        IntentState.SAFE: TransferStep.CONFIRM,
        IntentState.FINAL: TransferStep.CONFIRM,
        IntentState.REVERTED: TransferStep.CONFIRM,
    }
)
"""The chain step in progress for each intent state."""


class CallState(StrEnum):
    """State of a call. DONE and FAILED are reached only at the required depth."""

    UNASKED = "UNASKED"
    UNDER_WAY = "UNDER_WAY"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class CallStatus:
    """Newest intent of a step, its state, and why it failed or waits.

    Attributes:
        is_seen: False if the chain could not be read, so that the depth is unknown.
    """

    state: CallState
    intent: IntentRecord | None = None
    reason: str = ""
    tries: int = 0
    is_seen: bool = True

    @property
    def was_taken_back(self) -> bool:
        """Return whether the chain shows an earlier result as undone or not deep enough."""
        return self.state is CallState.UNDER_WAY and self.is_seen

    @property
    def transaction(self) -> str:
        """Return the hash of the included transaction."""
        mined = self._mined
        assert mined is not None  # noqa: S101 - callers check that it is included
        assert mined.signed.transaction_hash is not None  # noqa: S101 - included, so it has a hash
        return mined.signed.transaction_hash

    @property
    def is_final(self) -> bool:
        """Return whether the result can no longer change."""
        return self.intent is None or self.intent.has_ended

    @property
    def _mined(self) -> SlotAttempt | None:
        if self.intent is None:
            return None
        attempts = [each for slot in self.intent.slots for each in slot.attempts]
        return next((each for each in attempts if each.state in MINED), None)


def status_of_step(
    chain: TreasuryChain,
    intents: Sequence[IntentRecord],
    step_id: int,
    state: StepState,
    seen: Seen,
) -> CallStatus:
    """Return the status of a step's call."""
    mine = [each for each in intents if each.intent.step_id == step_id]
    if not mine:
        return CallStatus(CallState.UNASKED)
    newest, tries, view = mine[-1], len(mine), seen.get(chain.chain_id)
    if state is StepState.ACTIVE or not chain.transactions.is_settled(newest, view):
        waits = newest.reason if newest.hold in {Hold.FUNDS, Hold.DENIED} else ""
        is_seen = state is StepState.ACTIVE or view is not None
        return CallStatus(CallState.UNDER_WAY, newest, waits or "", tries, is_seen)
    if state is StepState.DONE:
        return CallStatus(CallState.DONE, newest, tries=tries)
    return CallStatus(CallState.FAILED, newest, newest.reason or "it had no effect", tries)


def status_of(
    ports: TransferDependencies, record: TransferRecord, work: TransferWork, seen: Seen
) -> CallStatus:
    """Return the status of a call: on the source chain for a send, otherwise on the destination."""
    leaves = work is TransferWork.TRANSFER_OUT
    chain = ports.source(record) if leaves else ports.destination(record)
    intents = ports.transfers.intents(record.new.run_id)
    return status_of_step(chain, intents, record.steps[work], record.states[work], seen)


async def submit_call(
    chain: TreasuryChain,
    call: ContractCall,
    *,
    step_id: int,
    key: str,
    value: int = 0,
    expires_at: datetime | None = None,
) -> int:
    """Submit a step's call to the engine; the same key submits once."""
    return await chain.transactions.submit(
        NewIntent(
            step_id=step_id,
            idempotency_key=key,
            chain_id=chain.chain_id,
            sender=chain.keeper,
            target=call.target,
            calldata=call.calldata,
            value=value,
            gas_cap=chain.gas_limit,
            expires_at=expires_at,
        )
    )


def follow(ports: TransferDependencies, record: TransferRecord, asked: CallStatus) -> bool:
    """Move a transfer to the step that its call has reached; return whether it moved."""
    if asked.intent is None:
        return False
    stage, step = record.position.stage, STEP_OF.get(asked.intent.state)
    if step is None or record.position.step is None:
        return False
    now, then = CHAIN_STEPS.index(record.position.step), CHAIN_STEPS.index(step)
    if asked.reason and record.wait != asked.reason:
        ports.transfers.wait(record.transfer_id, asked.reason)
    if now == then:
        return False
    if then < now:
        back = [TransferPosition(stage, CHAIN_STEPS[0])]
        ports.transfers.move(record.transfer_id, back, TransferCause.REBUILD, "rebuilt")
        return True
    positions = [TransferPosition(stage, each) for each in CHAIN_STEPS[now + 1 : then + 1]]
    text = f"transaction {asked.intent.intent_id} is {asked.intent.state.lower()}"
    ports.transfers.move(record.transfer_id, positions, TransferCause.ADVANCE, text)
    return True


def to_the_end(stage_place: TransferPosition, end: TransferPosition) -> list[TransferPosition]:
    """Return the remaining steps of a stage, followed by the next position."""
    assert stage_place.step is not None  # noqa: S101 - on-chain stages have steps
    now = CHAIN_STEPS.index(stage_place.step)
    return [*(TransferPosition(stage_place.stage, each) for each in CHAIN_STEPS[now + 1 :]), end]


ENDS = {
    StepState.DONE: RunStatus.DONE,
    StepState.SKIPPED: RunStatus.REFUSED,
    StepState.FAILED: RunStatus.FAILED,
}


async def place(
    ports: TransferDependencies, record: PlacementRecord, batch: BatchRecord, seen: Seen
) -> bool:
    """Advance a placement; return whether anything changed."""
    chain, new = ports.chain(record.new.chain_id), record.new
    intents = ports.transfers.intents(new.run_id)
    asked = status_of_step(chain, intents, record.step_id, record.state, seen)
    if record.state is StepState.SKIPPED or asked.state in {CallState.DONE, CallState.FAILED}:
        if not asked.is_final:
            return False
        ports.transfers.settle_placement(new.placement_id, ENDS[record.state], record.reason)
        return True
    if asked.state is CallState.UNDER_WAY or not _may_begin(ports, record, batch):
        return False
    if batch.state is not BatchState.RUNNING or ports.transfers.now() >= batch.deadline:
        reason = batch.reason or "its plan has expired"
        ports.transfers.skip_step(record.step_id, reason)
        return True
    await submit_call(
        chain,
        chain.venue_call(new.verb, new.placement_id, new.move),
        step_id=record.step_id,
        key=f"{new.placement_id}:{new.verb.lower()}",
        expires_at=batch.deadline,
    )
    return True


def _may_begin(ports: TransferDependencies, record: PlacementRecord, batch: BatchRecord) -> bool:
    """Return whether a placement may start: investments follow all transfers and divestments."""
    if batch.state is BatchState.WAITING:
        return False
    if record.new.verb is PlacementVerb.DIVEST:
        return True
    others = ports.transfers.placements_of(batch.batch_id)
    divested = [each for each in others if each.new.verb is PlacementVerb.DIVEST]
    transfers = ports.transfers.of_batch(batch.batch_id)
    return all(each.has_ended for each in (*divested, *transfers))


@dataclass(frozen=True, slots=True)
class TransferInterpreter:
    """Receipt interpreter of one kind of step.

    Attributes:
        amounts_of: Reads the transfer ids of a receipt, each with an amount.
    """

    amounts_of: Callable[[Receipt], Mapping[str, int]]

    def interpret(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Return done if the treasury emitted the event of this transfer."""
        transfer_id = str(step.detail["transfer_id"]).lower()
        amounts = {each.lower(): amount for each, amount in self.amounts_of(receipt).items()}
        if transfer_id not in amounts:
            return ReceiptVerdict(
                done=False, reason="included, but the treasury emitted no event for it"
            )
        return ReceiptVerdict(done=True, outcome={"amount": str(amounts[transfer_id])})
