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
    """One way from chain to chain. Every method may raise a `BridgeError` or a `ChainError`."""

    @property
    def name(self) -> str:
        """The route's name on all chains."""
        ...

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """What to send so that so much arrives, and whether that is possible now."""
        ...

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Ask the bridge to carry what has left, where it must be asked.

        It calls `effect.record` right before anything happens. Asking again under the same key,
        after a failure or a restart, finds what was asked for.
        """
        ...

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Where it is. What contradicts the departure is stuck, what nobody says is pending."""
        ...

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """The proof for `receiveFromBridge`, looked at once more.

        Raises:
            ArrivedShortError: The treasury would refuse it.
        """
        ...

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """A sentence or two for people."""
        ...


class TreasuryChain(Protocol):
    """A treasury, on its chain, as one keeper works for it. Reads may raise a `ChainError`."""

    @property
    def name(self) -> str:
        """The chain's name in the settings."""
        ...

    @property
    def chain_id(self) -> int:
        """The chain."""
        ...

    @property
    def treasury(self) -> str:
        """Its address."""
        ...

    @property
    def keeper(self) -> str:
        """Who sends."""
        ...

    @property
    def gas_limit(self) -> int:
        """The most gas that a call may be given."""
        ...

    @property
    def transactions(self) -> TransactionEngine:
        """What sends."""
        ...

    async def read_view(self, ids: Sequence[str]) -> TreasuryView:
        """The treasury at the newest block that the nodes agree on, with legs of transfers."""
        ...

    async def legs(self, transfer_id: str) -> Legs:
        """When the legs of a transfer happened here, as far as the newest block says."""
        ...

    async def final_time(self) -> datetime:
        """When the newest block was made that stays."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """A receipt of the chain as it is now, by a quorum."""
        ...

    async def received(self, transfer_id: str, from_block: int) -> int | None:
        """What the treasury took in for a transfer, whoever had it do so; None if nothing."""
        ...

    def send_call(
        self, terms: TransferTerms, options: bytes, part: PlanPart | None
    ) -> ContractCall:
        """The call that sends a transfer."""
        ...

    def receive_call(self, terms: TransferTerms, proof: bytes) -> ContractCall:
        """The call that takes one in."""
        ...

    def venue_call(self, verb: PlacementVerb, transfer_id: str, terms: VenueTerms) -> ContractCall:
        """The call that invests or divests."""
        ...


class Transfers(Protocol):
    """The durable memory; every method is one transaction, and what writes is fenced by a lease."""

    def now(self) -> datetime:
        """The time of the database."""
        ...

    def begin_batch(self, new: NewBatch, notification: Notification = NOTHING) -> bool:
        """Keep a batch with all that belongs to it; False if its key was there before."""
        ...

    def move_batch(
        self,
        batch_id: str,
        state: BatchState,
        reason: str | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Bring a batch to another state, with its instruction, and tell people."""
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
        """Bring a transfer along a way, place by place, with what is known of it then."""
        ...

    def wait(self, transfer_id: str, text: str) -> None:
        """Remember what a transfer waits for."""
        ...

    def stick(self, transfer_id: str, trouble: Trouble, notification: Notification) -> None:
        """Remember that a transfer is stuck, and tell people once."""
        ...

    def note(self, transfer_id: str, text: str, **facts: object) -> None:
        """Write what is known of a transfer that stays where it is."""
        ...

    def skip_step(self, step_id: int, reason: str) -> None:
        """A step that is not to be done."""
        ...

    def settle(self, transfer_id: str, status: RunStatus, reason: str | None) -> None:
        """Nothing of a transfer can change any more: its run is closed."""
        ...

    def settle_placement(self, placement_id: str, status: RunStatus, reason: str | None) -> None:
        """The same of a placement."""
        ...

    def ask(self, new: NewRequest) -> tuple[int, datetime | None]:
        """Store what a bridge is to be asked; answers its id, and when it last was asked."""
        ...

    def asking(self, request_id: int) -> None:
        """A bridge is about to be asked."""
        ...

    def accepted(self, request_id: int, remote_id: str) -> None:
        """A bridge has it."""
        ...

    def end_request(self, step_id: int, reason: str | None) -> None:
        """A crossing has come to its end: done, or not for a reason; nothing asked is nothing."""
        ...

    def unsettled(self) -> tuple[TransferRecord, ...]:
        """Transfers of which something may still change, oldest first."""
        ...

    def transfer(self, transfer_id: str) -> TransferRecord:
        """A transfer."""
        ...

    def of_batch(self, batch_id: str) -> tuple[TransferRecord, ...]:
        """The transfers of a batch."""
        ...

    def open_placements(self) -> tuple[PlacementRecord, ...]:
        """Placements of which something may still change, oldest first."""
        ...

    def placements_of(self, batch_id: str) -> tuple[PlacementRecord, ...]:
        """The placements of a batch."""
        ...

    def intents(self, run_id: str) -> tuple[IntentRecord, ...]:
        """All that was asked of the transaction engines for a run."""
        ...

    def batch(self, batch_id: str) -> BatchRecord:
        """A batch."""
        ...

    def live_batches(self) -> tuple[BatchRecord, ...]:
        """Batches that have not ended, oldest first."""
        ...

    def plans_of(self, batch_id: str) -> tuple[PlanRecord, ...]:
        """The plans of a batch, by chain id."""
        ...

    def open_plans(self) -> tuple[PlanRecord, ...]:
        """Plans of which something may still change, oldest first."""
        ...

    def settle_plan(self, run_id: str, status: RunStatus, reason: str | None) -> None:
        """Nothing of a plan's opening can change any more: its run is closed."""
        ...

    def last_begun(self) -> BatchRecord | None:
        """The newest batch that was carried out, in part at least, or still may be."""
        ...

    def batches(self, limit: int | None = 50) -> tuple[BatchRecord, ...]:
        """The newest batches, newest first."""
        ...

    def batch_of_key(self, client_key: str) -> BatchRecord | None:
        """The batch of a key, if there is one."""
        ...

    def instructions(self, *states: InstructionState) -> tuple[InstructionRecord, ...]:
        """Instructions in some states, or all, oldest first."""
        ...

    def hold_back(self, instruction_id: int, reason: str) -> None:
        """Say why an instruction that has come in is not taken up yet."""
        ...

    def fallback_waits(self, asset: str, instruction_id: int = 0) -> Mapping[int, datetime]:
        """Since when only a fallback could serve a chain, by chain id; 0 is the rulebook."""
        ...

    def remember_fallback_waits(
        self,
        asset: str,
        begun: Collection[int],
        ended: Collection[int],
        instruction_id: int = 0,
    ) -> None:
        """Keep from now on that chains wait for a fallback, and forget it of others."""
        ...

    def answer(
        self,
        instruction_id: int,
        state: InstructionState,
        reason: str | None,
        notification: Notification = NOTHING,
    ) -> None:
        """Say what became of an instruction for which no batch is made."""
        ...
