"""A stage on chain: one step, asked of the transaction engine, and where that stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from keepers.model.batch import BatchRecord, BatchState
from keepers.model.chain import ContractCall, Receipt
from keepers.model.run import RunStatus
from keepers.model.transactions.records import (
    IntentRecord,
    NewIntent,
    ReceiptVerdict,
    SlotAttempt,
    StepView,
)
from keepers.model.transactions.states import MINED, Hold, IntentState, StepState
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
"""Which of the six steps is under way while an intent is in a state."""


class Standing(StrEnum):
    """How a call stands. DONE and FAILED count: they are as deep in the chain as they must be."""

    UNASKED = "UNASKED"
    UNDER_WAY = "UNDER_WAY"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Asked:
    """A step's newest intent, how it stands, and why it failed or waits.

    Attributes:
        is_seen: False where the chain could not be looked at, so that a depth is not known.
    """

    standing: Standing
    intent: IntentRecord | None = None
    reason: str = ""
    tries: int = 0
    is_seen: bool = True

    @property
    def was_taken_back(self) -> bool:
        """Whether the chain says that what was done before is not, or not deep enough any more."""
        return self.standing is Standing.UNDER_WAY and self.is_seen

    @property
    def transaction(self) -> str:
        """The hash of the transaction that is included."""
        mined = self._mined
        assert mined is not None  # noqa: S101 - who asks knows that it is included
        assert mined.signed.transaction_hash is not None  # noqa: S101 - it is known by its hash
        return mined.signed.transaction_hash

    @property
    def is_final(self) -> bool:
        """Whether nothing can change it any more."""
        return self.intent is None or self.intent.has_ended

    @property
    def _mined(self) -> SlotAttempt | None:
        if self.intent is None:
            return None
        attempts = [each for slot in self.intent.slots for each in slot.attempts]
        return next((each for each in attempts if each.state in MINED), None)


def asked_for(
    chain: TreasuryChain,
    intents: Sequence[IntentRecord],
    step_id: int,
    state: StepState,
    seen: Seen,
) -> Asked:
    """How the call of a step stands."""
    mine = [each for each in intents if each.intent.step_id == step_id]
    if not mine:
        return Asked(Standing.UNASKED)
    newest, tries, view = mine[-1], len(mine), seen.get(chain.chain_id)
    if state is StepState.ACTIVE or not chain.transactions.is_settled(newest, view):
        waits = newest.reason if newest.hold in {Hold.FUNDS, Hold.DENIED} else ""
        is_seen = state is StepState.ACTIVE or view is not None
        return Asked(Standing.UNDER_WAY, newest, waits or "", tries, is_seen)
    if state is StepState.DONE:
        return Asked(Standing.DONE, newest, tries=tries)
    return Asked(Standing.FAILED, newest, newest.reason or "it did nothing", tries)


def standing_of(
    world: TransferDependencies, record: TransferRecord, work: TransferWork, seen: Seen
) -> Asked:
    """How a transfer's call stands: of its source as it leaves, else of its destination."""
    leaves = work is TransferWork.TRANSFER_OUT
    chain = world.source(record) if leaves else world.destination(record)
    intents = world.transfers.intents(record.new.run_id)
    return asked_for(chain, intents, record.steps[work], record.states[work], seen)


async def ask(
    chain: TreasuryChain,
    call: ContractCall,
    *,
    step_id: int,
    key: str,
    value: int = 0,
    expires_at: datetime | None = None,
) -> int:
    """Ask the engine for a step's call; the same key asks once."""
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


def follow(world: TransferDependencies, record: TransferRecord, asked: Asked) -> bool:
    """Bring a transfer's place to where its call is; answers whether it moved."""
    if asked.intent is None:
        return False
    stage, step = record.place.stage, STEP_OF.get(asked.intent.state)
    if step is None or record.place.step is None:
        return False
    now, then = CHAIN_STEPS.index(record.place.step), CHAIN_STEPS.index(step)
    if asked.reason and record.wait != asked.reason:
        world.transfers.wait(record.transfer_id, asked.reason)
    if now == then:
        return False
    if then < now:
        back = [TransferPosition(stage, CHAIN_STEPS[0])]
        world.transfers.move(record.transfer_id, back, TransferCause.REBUILD, "built again")
        return True
    ways = [TransferPosition(stage, each) for each in CHAIN_STEPS[now + 1 : then + 1]]
    text = f"transaction {asked.intent.intent_id} is {asked.intent.state.lower()}"
    world.transfers.move(record.transfer_id, ways, TransferCause.ADVANCE, text)
    return True


def to_the_end(stage_place: TransferPosition, end: TransferPosition) -> list[TransferPosition]:
    """The way through what is left of a stage's steps, and on to the next place."""
    assert stage_place.step is not None  # noqa: S101 - stages on chain have steps
    now = CHAIN_STEPS.index(stage_place.step)
    return [*(TransferPosition(stage_place.stage, each) for each in CHAIN_STEPS[now + 1 :]), end]


ENDS = {
    StepState.DONE: RunStatus.DONE,
    StepState.SKIPPED: RunStatus.REFUSED,
    StepState.FAILED: RunStatus.FAILED,
}


async def place(
    world: TransferDependencies, record: PlacementRecord, batch: BatchRecord, seen: Seen
) -> bool:
    """Bring a placement on; answers whether anything has changed."""
    chain, new = world.chain(record.new.chain_id), record.new
    intents = world.transfers.intents(new.run_id)
    asked = asked_for(chain, intents, record.step_id, record.state, seen)
    if record.state is StepState.SKIPPED or asked.standing in {Standing.DONE, Standing.FAILED}:
        if not asked.is_final:
            return False
        world.transfers.settle_placement(new.placement_id, ENDS[record.state], record.reason)
        return True
    if asked.standing is Standing.UNDER_WAY or not _may_begin(world, record, batch):
        return False
    if batch.state is not BatchState.RUNNING or world.transfers.now() >= batch.deadline:
        reason = batch.reason or "its plan has expired"
        world.transfers.skip_step(record.step_id, reason)
        return True
    await ask(
        chain,
        chain.venue_call(new.verb, new.placement_id, new.move),
        step_id=record.step_id,
        key=f"{new.placement_id}:{new.verb.lower()}",
        expires_at=batch.deadline,
    )
    return True


def _may_begin(world: TransferDependencies, record: PlacementRecord, batch: BatchRecord) -> bool:
    """Investments come last: after all transfers of the batch, and after what is divested."""
    if batch.state is BatchState.WAITING:
        return False
    if record.new.verb is PlacementVerb.DIVEST:
        return True
    others = world.transfers.placements_of(batch.batch_id)
    divested = [each for each in others if each.new.verb is PlacementVerb.DIVEST]
    transfers = world.transfers.of_batch(batch.batch_id)
    return all(each.has_ended for each in (*divested, *transfers))


@dataclass(frozen=True, slots=True)
class TransferInterpreter:
    """The engine's judge of one kind of steps.

    Attributes:
        amounts_of: Reads the ids that a receipt is about, each with an amount.
    """

    amounts_of: Callable[[Receipt], Mapping[str, int]]

    def judge(self, step: StepView, receipt: Receipt) -> ReceiptVerdict:
        """Done if the treasury has told of this very transfer."""
        transfer_id = str(step.detail["transfer_id"]).lower()
        amounts = {each.lower(): amount for each, amount in self.amounts_of(receipt).items()}
        if transfer_id not in amounts:
            return ReceiptVerdict(
                done=False, reason="included, but the treasury told nothing of it"
            )
        return ReceiptVerdict(done=True, outcome={"amount": str(amounts[transfer_id])})
