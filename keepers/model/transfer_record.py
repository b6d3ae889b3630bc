"""Records of transfers between treasuries, and of placements within one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from keepers.model.transaction_states import StepState
from keepers.model.transfer import CALLED_OFF, DONE, TransferCause, TransferPosition, TransferTerms

TREASURY = "treasury"
"""Owner of the treasuries' runs and of their lease."""


class TransferWork(StrEnum):
    """Kind of a step of a transfer's run: a call on a chain, or the crossing of a bridge."""

    TRANSFER_OUT = "TRANSFER_OUT"
    CROSS = "CROSS"
    TRANSFER_IN = "TRANSFER_IN"
    INVEST = "INVEST"


@dataclass(frozen=True, slots=True)
class PlanPart:
    """Action of an approved plan that a call executes; the run is the one that opens the plan."""

    run_id: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTerms:
    """Terms of an investment into a venue or a divestment from it.

    Attributes:
        venue: The ERC-4626 vault.
        amount: Amount in units of the token.
        shares: Minimum shares of an investment, or maximum shares of a divestment.
        part: Action of the approved plan, if one is required.
    """

    venue: str
    amount: int
    shares: int
    part: PlanPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransfer:
    """Planned transfer.

    Attributes:
        transfer_id: Hash of its terms.
        run_id: Its run.
        batch_id: Its batch.
        options: Options for its route.
        native_fee: Native token sent with the call, in wei.
        seconds: Usual duration of the bridge.
        destination_block: Block of the destination before which the transfer cannot appear.
        part: Action of the approved plan, if sending requires one.
        invest: Investment into a venue of the destination afterwards.
    """

    transfer_id: str
    run_id: str
    batch_id: str
    terms: TransferTerms
    options: bytes
    native_fee: int
    seconds: int
    destination_block: int
    part: PlanPart | None = None
    invest: VenueTerms | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Reason why a transfer is stuck, and the possible decisions of an operator."""

    reason: str
    advice: str


class OperatorRequestKind(StrEnum):
    """Decision of an operator about a transfer."""

    RESUME = "RESUME"
    """Resume at the current position: query the bridge or chain again."""
    CROSSED = "CROSSED"
    """Continue with a proof supplied by the operator."""
    AGAIN = "AGAIN"
    """Send the bridge request again, under the same key."""
    GIVE_UP = "GIVE_UP"
    """Abandon the transfer; the rest is done manually or not at all."""
    CALL_OFF = "CALL_OFF"
    """Cancel the transfer before anything was requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRequest:
    """Operator's decision about a transfer, executed by the keeper.

    Attributes:
        by: The operator.
        reason: Reason of the decision.
        proof: Proof for the treasury, if supplied by the operator.
        amount: Amount that arrives with it, in units of the destination.
    """

    # Stored as JSON by pydantic, which must know how to encode bytes.
    __pydantic_config__: ClassVar[dict[str, str]] = {
        "ser_json_bytes": "hex",
        "val_json_bytes": "hex",
    }

    kind: OperatorRequestKind
    by: str
    reason: str
    proof: bytes = b""
    amount: int = 0

    @property
    def text(self) -> str:
        """Return the text for the timeline."""
        return f"{self.by}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRecord:
    """Stored transfer.

    Attributes:
        position: Current position.
        steps: Ids of its run's steps.
        states: States of these steps.
        trouble: Reason why it is stuck, if it is.
        wait: Reason of its last wait.
        remote_id: The bridge's id of the transfer.
        proof: Proof for the destination's treasury, once it has crossed.
        arriving: Amount that arrives with the proof, in units of the destination.
        received: Amount that the destination's treasury received.
        refused: Consecutive rejections of the proof by the treasury.
        operator_request: Pending decision of an operator.
        is_settled: Whether its state is final.
    """

    new: NewTransfer
    position: TransferPosition
    steps: Mapping[TransferWork, int]
    states: Mapping[TransferWork, StepState]
    created_at: datetime
    moved_at: datetime
    trouble: Trouble | None = None
    wait: str | None = None
    remote_id: str = ""
    proof: bytes = b""
    arriving: int | None = None
    received: int | None = None
    refused: int = 0
    operator_request: OperatorRequest | None = None
    is_settled: bool = False

    @property
    def transfer_id(self) -> str:
        """Return the id used by both treasuries."""
        return self.new.transfer_id

    @property
    def terms(self) -> TransferTerms:
        """Return its terms."""
        return self.new.terms

    @property
    def has_ended(self) -> bool:
        """Return whether it is done or cancelled, as far as known."""
        return self.position in {DONE, CALLED_OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEvent:
    """Entry of a transfer's timeline."""

    at: datetime
    start: TransferPosition | None
    end: TransferPosition
    cause: TransferCause | None
    text: str
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


class PlacementVerb(StrEnum):
    """Kind of a placement: a movement to or from a venue without a transfer."""

    DIVEST = "DIVEST"
    INVEST = "INVEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlacement:
    """Planned movement between a treasury's idle tokens and one of its venues.

    Attributes:
        placement_id: Id on chain, like the id of a transfer.
        run_id: Its run.
    """

    placement_id: str
    run_id: str
    batch_id: str
    chain_id: int
    asset: str
    verb: PlacementVerb
    move: VenueTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementRecord:
    """Stored placement; the state of its only step is its state."""

    new: NewPlacement
    step_id: int
    state: StepState
    reason: str | None
    created_at: datetime
    is_settled: bool = False

    @property
    def has_ended(self) -> bool:
        """Return whether it is done, or will not be executed, as far as known."""
        return self.state in {StepState.DONE, StepState.FAILED, StepState.SKIPPED}
