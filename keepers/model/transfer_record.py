"""Records of transfers between treasuries, and of placements inside one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from keepers.model.transaction_states import StepState
from keepers.model.transfer import CALLED_OFF, DONE, TransferCause, TransferPosition, TransferTerms

TREASURY = "treasury"
"""In whose name runs of the treasuries are kept, and their lease is held."""


class TransferWork(StrEnum):
    """The steps of a transfer's run: what is done on a chain, or asked of a bridge."""

    TRANSFER_OUT = "TRANSFER_OUT"
    CROSS = "CROSS"
    TRANSFER_IN = "TRANSFER_IN"
    INVEST = "INVEST"


@dataclass(frozen=True, slots=True)
class PlanPart:
    """Action of an approved plan that a call is; the run is the one that opens the plan."""

    run_id: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTerms:
    """Tokens into a venue or out of it.

    Attributes:
        venue: The ERC-4626 vault.
        amount: Tokens, in their units.
        shares: Least that an investment brings, or most that a divestment takes.
        part: Of the approved plan, if it needs one.
    """

    venue: str
    amount: int
    shares: int
    part: PlanPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransfer:
    """A transfer as it is planned.

    Attributes:
        transfer_id: The hash of its terms.
        run_id: The run that it is.
        batch_id: What it was planned with.
        options: What its route is told.
        native_fee: Coins that are sent along, in wei.
        seconds: How long the bridge takes, as a rule.
        destination_block: A block of the destination before which nothing of it can be.
        part: Of the approved plan, if sending needs one.
        invest: What goes into a venue of the destination afterwards.
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
    """Reason why a transfer is stuck, and the decisions that an operator has."""

    reason: str
    advice: str


class OperatorRequestKind(StrEnum):
    """Decision of an operator about a transfer."""

    RESUME = "RESUME"
    """It goes on from where it stands: bridge or chain are asked once more."""
    CROSSED = "CROSSED"
    """The proof was found by hand."""
    AGAIN = "AGAIN"
    """The bridge is asked anew, under the same key."""
    GIVE_UP = "GIVE_UP"
    """The rest is done by hand, or not at all."""
    CALL_OFF = "CALL_OFF"
    """The transfer is called off before anything was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRequest:
    """A decision about a transfer, which the keeper carries out.

    Attributes:
        by: Who decides.
        reason: Why.
        proof: What the treasury is told, where it was found by hand.
        amount: What arrives then, in units of the destination.
    """

    # The store keeps it as JSON by pydantic, which needs to know how bytes are written.
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
        """For the timeline."""
        return f"{self.by}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRecord:
    """A transfer as the store holds it.

    Attributes:
        position: Where it stands.
        steps: The ids of its run's steps.
        states: How these stand.
        trouble: Why it is stuck, if it is.
        wait: What it last waited for.
        remote_id: The bridge's name of it.
        proof: What the destination's treasury is told, once it has crossed.
        arriving: What arrives then, in units of the destination.
        received: What the destination's treasury took in.
        refused: How often the treasury refused the proof in a row.
        operator_request: What a person has decided, until it is carried out.
        is_settled: Whether nothing of it can change any more.
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
        """The id under which both treasuries know it."""
        return self.new.transfer_id

    @property
    def terms(self) -> TransferTerms:
        """Its terms."""
        return self.new.terms

    @property
    def has_ended(self) -> bool:
        """Return whether it is done or called off, as far as is known."""
        return self.position in {DONE, CALLED_OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEvent:
    """A line of a transfer's timeline."""

    at: datetime
    start: TransferPosition | None
    end: TransferPosition
    cause: TransferCause | None
    text: str
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


class PlacementVerb(StrEnum):
    """Kind of a placement in a venue, without a transfer."""

    DIVEST = "DIVEST"
    INVEST = "INVEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlacement:
    """A movement between a treasury's idle tokens and one of its venues.

    Attributes:
        placement_id: Under which the chain knows it, as it knows a transfer's.
        run_id: The run that it is.
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
    """A movement as the store holds it: its one step says how it stands."""

    new: NewPlacement
    step_id: int
    state: StepState
    reason: str | None
    created_at: datetime
    is_settled: bool = False

    @property
    def has_ended(self) -> bool:
        """Return whether it is done, or will not be, as far as is known."""
        return self.state in {StepState.DONE, StepState.FAILED, StepState.SKIPPED}
