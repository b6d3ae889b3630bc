"""Values exchanged between bridges and the transfer machine.

Unavailable route: the bridge reported that it cannot be used; a plan excludes it immediately.
Unreadable route: its state is unknown and may recover within seconds, so a fallback route is worth
its price only after a delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Protocol, TypeAlias

from keepers.model.chain import Receipt
from keepers.model.errors import InputError
from keepers.model.errors.chain import CallRevertedError, ChainError
from keepers.model.errors.transfers import (
    BridgeError,
    BridgeGoneError,
    BridgeNotConfiguredError,
    BridgeRefusedError,
    LibraryMissingError,
    NoDepartureError,
    RouteUnavailableError,
)
from keepers.model.money import WHOLE_BPS
from keepers.model.transfer import TransferTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingRequest:
    """Request to a bridge: amount, source and destination.

    Attributes:
        receive: Amount that the destination needs, in units of its token.
    """

    asset: str
    source: int
    destination: int
    receive: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeQuote:
    """Quote of a bridge.

    Attributes:
        send: Amount sent from the source, in its units; clipped to `maximum`.
        receive: Minimum that arrives, in units of the destination.
        fee: Maximum fee taken from `send`, in units of the source.
        minimum: Minimum that can be sent; 0 without a limit.
        maximum: Maximum that can be sent at once; None without a limit.
        seconds: Usual duration.
        whole: Whether the full requested amount arrives.
        unavailable: Reason why the route cannot be used now; empty if it can.
        options: Argument of `sendToBridge` besides the terms.
        native_fee: Native token of the source to send with the call, in wei.
        fallback: Whether the route is only for amounts that other routes cannot cover.
    """

    send: int
    receive: int
    fee: int
    minimum: int
    maximum: int | None
    seconds: Fraction
    whole: bool = True
    unavailable: str = ""
    options: bytes = b""
    native_fee: int = 0
    fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Transfer that was sent from its source.

    Attributes:
        transfer_id: The id, as `0x` and 64 digits.
        receipt: Receipt of the sending transaction.
        at: Time of that transaction.
        destination_block: Block of the destination before which the transfer cannot appear.

    Raises:
        NoDepartureError: The transaction reverted.
    """

    transfer_id: str
    terms: TransferTerms
    receipt: Receipt
    at: datetime
    destination_block: int

    def __post_init__(self) -> None:
        if not self.receipt.succeeded:
            raise NoDepartureError(self.transfer_id, "its transaction reverted")


class Wait(StrEnum):
    """Reason why a transfer is still pending."""

    UNSEEN = "UNSEEN"
    CONFIRMING = "CONFIRMING"
    PROCESSING = "PROCESSING"
    FEE_TOO_LOW = "FEE_TOO_LOW"
    TOO_LARGE = "TOO_LARGE"
    NO_ALLOWANCE = "NO_ALLOWANCE"
    EXPIRED = "EXPIRED"
    UNCOMPOSED = "UNCOMPOSED"
    LOCKED = "LOCKED"
    SUSPENDED = "SUSPENDED"
    QUOTA = "QUOTA"
    BUSY = "BUSY"
    UNSURE = "UNSURE"
    """Requested without a response: it may be in progress, and is queried until that is known."""
    UNREADABLE = "UNREADABLE"
    """The bridge could not be queried, so the state is unknown."""


@dataclass(frozen=True, slots=True)
class Pending:
    """In progress or unknown; the only action is to query again."""

    wait: Wait
    text: str

    @property
    def is_known(self) -> bool:
        """Return whether the bridge itself reported the state."""
        return self.wait is not Wait.UNREADABLE


@dataclass(frozen=True, slots=True)
class Accepted:
    """The bridge has accepted the transfer, under its own id if it assigns one."""

    remote_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """The transfer has crossed and can be received with the proof.

    Attributes:
        amount: Amount that arrives, in units of the destination.
        proof: Argument of `receiveFromBridge`.
        facts: Details for operators and the store.
    """

    amount: int
    proof: bytes
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Stuck:
    """The transfer cannot complete without an operator's decision. Nothing is sent again.

    Attributes:
        reason: The problem.
        advice: What to check or do.
    """

    reason: str
    advice: str


Tracking: TypeAlias = Pending | Crossed | Stuck
Initiation: TypeAlias = Pending | Accepted | Stuck


class Effect(Protocol):
    """Stored off-chain effect; the bridge calls `record` before it causes the effect."""

    @property
    def client_key(self) -> str:
        """Return the idempotency key of the request."""
        ...

    @property
    def last_attempt(self) -> datetime | None:
        """Return the time of the last recorded attempt, if any."""
        ...

    async def record(self) -> None:
        """Store durably that the effect is imminent; if this raises, do not cause the effect."""
        ...


DECLINES = (
    BridgeGoneError,
    BridgeNotConfiguredError,
    BridgeRefusedError,
    CallRevertedError,
    LibraryMissingError,
    RouteUnavailableError,
)
"""Errors that are definite responses: a retry returns the same until something changes."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The bridge responded that it does not carry this now; `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The state of the bridge is unknown: no response, a late one, or an invalid one."""

    reason: str


QuoteAnswer: TypeAlias = BridgeQuote | Unavailable | Unreadable


def read_failure(error: BridgeError | ChainError) -> Unavailable | Unreadable:
    """Classify an error of a bridge, or of the chain that was queried, for a route."""
    if isinstance(error, DECLINES):
        return Unavailable(str(error))
    return Unreadable(str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Fees and limits of a bridge, in units of the source's token.

    Attributes:
        fixed: Fixed fee of each transfer.
        bps: Additional fee in basis points of the amount, rounded up; below 10,000.
        step: Amounts are whole multiples of it.
        minimum: Minimum amount that can be sent; 0 without one.
        maximum: Maximum that can be sent at once; None without one.

    Raises:
        InputError: A bound is negative, or the fee would take the whole amount.
    """

    fixed: int = 0
    bps: Fraction = Fraction(0)
    step: int = 1
    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.fixed < 0 or not 0 <= self.bps < WHOLE_BPS:
            raise InputError("fee", "must be at least 0 and below the whole")
        if self.step < 1 or self.minimum < 0:
            raise InputError("step", "and minimum must not be negative, and a step not 0")

    def fee(self, amount: int) -> int:
        """Return the fee on an amount."""
        return self.fixed - int(-self.bps * amount // WHOLE_BPS)

    def arriving(self, amount: int) -> int:
        """Return the amount less its fee; at least 0."""
        return max(0, amount - self.fee(amount))

    def least_for(self, wanted: int) -> int:
        """Return the least amount that leaves `wanted` after fees; applies the minimum only."""
        kept = WHOLE_BPS - self.bps
        needed = int(-(-(wanted + self.fixed) * WHOLE_BPS // kept))
        return _up(max(needed, self.minimum), self.step)

    def most(self) -> int | None:
        """Return the largest amount that can be sent at once; None without a limit."""
        return None if self.maximum is None else self.maximum // self.step * self.step


def to_units(amount: int, decimals: int, wanted: int) -> int:
    """Convert an amount to another token's decimals, rounded up (for required amounts)."""
    if wanted >= decimals:
        return amount * 10 ** (wanted - decimals)
    return -(-amount // 10 ** (decimals - wanted))


def to_units_down(amount: int, decimals: int, wanted: int) -> int:
    """Convert an amount to another token's decimals, rounded down (for received amounts)."""
    return int(Fraction(amount) * Fraction(10) ** (wanted - decimals) // 1)


def _up(amount: int, step: int) -> int:
    return -(-amount // step) * step
