"""Ports of a transfer: bridges, chains, and the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from keepers.model.batch import (
    BatchRecord,
    BatchState,
    InstructionRecord,
    InstructionState,
    NewBatch,
    PlanRecord,
)
from keepers.model.bridge import (
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Tracking,
)
from keepers.model.chain import ContractCall, Receipt
from keepers.model.notice import NOTHING, Notification
from keepers.model.run import RunStatus
from keepers.model.transaction_records import IntentRecord, NewRequest
from keepers.model.transfer import TransferCause, TransferPosition, TransferTerms
from keepers.model.transfer_record import (
    PlacementRecord,
    PlacementVerb,
    PlanPart,
    TransferRecord,
    Trouble,
    VenueTerms,
)
from keepers.model.treasury import Legs, TreasuryView
from keepers.transactions.engine import TransactionEngine


class Bridge(Protocol):
    """A bridge between chains. Every method may raise a `BridgeError` or a `ChainError`."""

    @property
    def name(self) -> str:
        """The route's name on all chains."""
        ...

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Return what to send so that a given amount arrives, and whether that is possible now."""
        ...

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Request a transfer from the bridge, if the bridge requires a request.

        Calls `effect.record` immediately before the request. A repeated call with the same key,
        after a failure or a restart, finds the earlier request.
        """
        ...

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Return a transfer's progress: stuck if it contradicts the departure, or pending."""
        ...

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Return the proof for `receiveFromBridge`, checked again.

        Raises:
            ArrivedShortError: The treasury would refuse the amount.
        """
        ...

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Return a sentence or two for operators."""
        ...


class TreasuryChain(Protocol):
    """A treasury on its chain, as used by one keeper. Reads may raise a `ChainError`."""

    @property
    def name(self) -> str:
        """The chain's name in the settings."""
        ...

    @property
    def chain_id(self) -> int:
        """The chain's id."""
        ...

    @property
    def treasury(self) -> str:
        """The treasury's address."""
        ...

    @property
    def keeper(self) -> str:
        """The sender's address."""
        ...

    @property
    def gas_limit(self) -> int:
        """The largest gas limit of a call."""
        ...

    @property
    def transactions(self) -> TransactionEngine:
        """The engine that sends transactions."""
        ...

    async def read_view(self, ids: Sequence[str]) -> TreasuryView:
        """Read the treasury at the newest block that the nodes agree on, with transfer legs."""
        ...

    async def legs(self, transfer_id: str) -> Legs:
        """Return when each leg of a transfer happened on this chain, up to the newest block."""
        ...

    async def final_time(self) -> datetime:
        """Return the time of the newest final block."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return a receipt from the current chain, by a quorum."""
        ...

    async def received(self, transfer_id: str, from_block: int) -> int | None:
        """Return the amount received for a transfer, whoever called; None if nothing was."""
        ...

    def send_call(
        self, terms: TransferTerms, options: bytes, part: PlanPart | None
    ) -> ContractCall:
        """Return the call that sends a transfer."""
        ...

    def receive_call(self, terms: TransferTerms, proof: bytes) -> ContractCall:
        """Return the call that receives a transfer."""
        ...

    def venue_call(self, verb: PlacementVerb, transfer_id: str, terms: VenueTerms) -> ContractCall:
        """Return the call that invests or divests."""
        ...


class Transfers(Protocol):
    """Store of transfers; every method is one transaction, and a lease fences every write."""

    def now(self) -> datetime:
        """The time of the database."""
        ...

    def begin_batch(self, new: NewBatch, notification: Notification = NOTHING) -> bool:
        """Store a batch with its records; return False if its key already exists."""
        ...

    def move_batch(
        self,
        batch_id: str,
        state: BatchState,
        reason: str | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Move a batch and its instruction to another state, and notify the operators."""
        ...

    def move(
        self,
        transfer_id: str,
        ways: Sequence[TransferPosition],
        cause: TransferCause,
        text: str,
        notification: Notification = NOTHING,
        **facts: object,
    ) -> None:
        """Move a transfer through positions in order, and store the given facts."""
        ...

    def wait(self, transfer_id: str, text: str) -> None:
        """Store what a transfer waits for."""
        ...

    def stick(self, transfer_id: str, trouble: Trouble, notification: Notification) -> None:
        """Store that a transfer is stuck, and notify the operators once."""
        ...

    def note(self, transfer_id: str, text: str, **facts: object) -> None:
        """Store facts of a transfer that keeps its state."""
        ...

    def skip_step(self, step_id: int, reason: str) -> None:
        """Mark a step as skipped."""
        ...

    def settle(self, transfer_id: str, status: RunStatus, reason: str | None) -> None:
        """Close the run of a transfer that can no longer change."""
        ...

    def settle_placement(self, placement_id: str, status: RunStatus, reason: str | None) -> None:
        """Close the run of a placement that can no longer change."""
        ...

    def ask(self, new: NewRequest) -> tuple[int, datetime | None]:
        """Store a bridge request; return its id and the time of its last attempt."""
        ...

    def asking(self, request_id: int) -> None:
        """Record that a bridge is about to be asked."""
        ...

    def accepted(self, request_id: int, remote_id: str) -> None:
        """Record that a bridge accepted a request."""
        ...

    def end_request(self, step_id: int, reason: str | None) -> None:
        """End the bridge request of a step, as done or with a reason; no request, no effect."""
        ...

    def unsettled(self) -> tuple[TransferRecord, ...]:
        """Return the transfers that may still change, oldest first."""
        ...

    def transfer(self, transfer_id: str) -> TransferRecord:
        """Return a transfer."""
        ...

    def of_batch(self, batch_id: str) -> tuple[TransferRecord, ...]:
        """Return the transfers of a batch."""
        ...

    def open_placements(self) -> tuple[PlacementRecord, ...]:
        """Return the placements that may still change, oldest first."""
        ...

    def placements_of(self, batch_id: str) -> tuple[PlacementRecord, ...]:
        """Return the placements of a batch."""
        ...

    def intents(self, run_id: str) -> tuple[IntentRecord, ...]:
        """Return the intents of a run, from all transaction engines."""
        ...

    def batch(self, batch_id: str) -> BatchRecord:
        """Return a batch."""
        ...

    def live_batches(self) -> tuple[BatchRecord, ...]:
        """Return the unfinished batches, oldest first."""
        ...

    def plans_of(self, batch_id: str) -> tuple[PlanRecord, ...]:
        """Return the plans of a batch, by chain id."""
        ...

    def open_plans(self) -> tuple[PlanRecord, ...]:
        """Return the plans that may still change, oldest first."""
        ...

    def settle_plan(self, run_id: str, status: RunStatus, reason: str | None) -> None:
        """Close the run of a plan opening that can no longer change."""
        ...

    def last_begun(self) -> BatchRecord | None:
        """Return the newest batch that was executed at least in part, or still may be."""
        ...

    def batches(self, limit: int | None = 50) -> tuple[BatchRecord, ...]:
        """Return the newest batches, newest first."""
        ...

    def batch_of_key(self, client_key: str) -> BatchRecord | None:
        """Return the batch of a client key, or None."""
        ...

    def instructions(self, *states: InstructionState) -> tuple[InstructionRecord, ...]:
        """Return the instructions in the given states, or all, oldest first."""
        ...

    def hold_back(self, instruction_id: int, reason: str) -> None:
        """Store why a received instruction is not processed yet."""
        ...

    def fallback_waits(self, asset: str, instruction_id: int = 0) -> Mapping[int, datetime]:
        """Return since when only a fallback could serve each chain; id 0 is the rulebook."""
        ...

    def remember_fallback_waits(
        self,
        asset: str,
        begun: Collection[int],
        ended: Collection[int],
        instruction_id: int = 0,
    ) -> None:
        """Store that some chains wait for a fallback, and clear it for others."""
        ...

    def answer(
        self,
        instruction_id: int,
        state: InstructionState,
        reason: str | None,
        notification: Notification = NOTHING,
    ) -> None:
        """Store the outcome of an instruction without a batch."""
        ...
