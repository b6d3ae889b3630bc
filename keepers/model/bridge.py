"""Values that a bridge and the transfer machine exchange.

A route that is unavailable is a fact, like a limit that is used up: a plan does without it at once.
Of a route that is unreadable nothing is known; it may work again a second later, so a fallback is
worth its price only after a while.
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
    """Request to a bridge: amount and ends.

    Attributes:
        receive: What the destination needs, in units of its token.
    """

    asset: str
    source: int
    destination: int
    receive: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeQuote:
    """Quote of a bridge.

    Attributes:
        send: What leaves the source, in its units; clipped to `maximum`.
        receive: Least that then arrives, in units of the destination.
        fee: Most that is taken of it, in units of the source.
        minimum: Least that can be sent; 0 without a limit.
        maximum: Most that can be sent at once; None without a limit.
        seconds: How long it takes, as a rule.
        whole: Whether all that was asked for arrives.
        unavailable: Why it cannot be used now; empty if it can.
        options: What `sendToBridge` is told besides the terms.
        native_fee: Coins of the source that must be sent along, in wei.
        fallback: Whether it is only for what the others cannot cover.
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
    """A transfer that has left its source.

    Attributes:
        transfer_id: The id, as `0x` and 64 digits.
        receipt: Of the transaction by which it left.
        at: When that was.
        destination_block: A block of the destination before which nothing of it can be.

    Raises:
        NoDepartureError: The transaction did nothing.
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
    """Reason why a transfer is still on its way."""

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
    """Asked for without an answer: it may be under way, and is looked up until that is known."""
    UNREADABLE = "UNREADABLE"
    """The bridge could not be asked, so nothing is known."""


@dataclass(frozen=True, slots=True)
class Pending:
    """On its way, or not known: nothing is done but to ask again."""

    wait: Wait
    text: str

    @property
    def is_known(self) -> bool:
        """Return whether the bridge itself said so."""
        return self.wait is not Wait.UNREADABLE


@dataclass(frozen=True, slots=True)
class Accepted:
    """The bridge knows of the transfer, under a name of its own where it has one."""

    remote_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """It is there, and this shows it.

    Attributes:
        amount: What arrives, in units of the destination.
        proof: What `receiveFromBridge` takes.
        facts: For people and for the record.
    """

    amount: int
    proof: bytes
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Stuck:
    """It will not come by itself: an operator decides. Nothing is sent again.

    Attributes:
        reason: What is wrong.
        advice: What to look at or do.
    """

    reason: str
    advice: str


Tracking: TypeAlias = Pending | Crossed | Stuck
Initiation: TypeAlias = Pending | Accepted | Stuck


class Effect(Protocol):
    """One effect off-chain, as its record has it; the bridge says when it is about to happen."""

    @property
    def client_key(self) -> str:
        """The key under which asking twice does no harm."""
        ...

    @property
    def last_attempt(self) -> datetime | None:
        """When it was last about to happen, as far as anything is recorded."""
        ...

    async def record(self) -> None:
        """Record durably that it is about to happen; if this raises, it must not."""
        ...


DECLINES = (
    BridgeGoneError,
    BridgeNotConfiguredError,
    BridgeRefusedError,
    CallRevertedError,
    LibraryMissingError,
    RouteUnavailableError,
)
"""Errors that are answers: asking again without a change elsewhere brings the same."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A bridge that was asked, and does not carry this now; `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A bridge of which nothing is known: silent, slow, or with an answer that is none."""

    reason: str


QuoteAnswer: TypeAlias = BridgeQuote | Unavailable | Unreadable


def read_failure(error: BridgeError | ChainError) -> Unavailable | Unreadable:
    """Say what an error of a bridge, or of the chain that it was asked on, means for a route."""
    if isinstance(error, DECLINES):
        return Unavailable(str(error))
    return Unreadable(str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Fees and limits of a bridge, in units of the source's token.

    Attributes:
        fixed: Taken from each transfer.
        bps: Taken besides, in basis points of the amount, rounded up; below 10,000.
        step: Amounts are whole multiples of it.
        minimum: Least amount that can be sent; 0 without one.
        maximum: Most that can be sent at once; None without one.

    Raises:
        InputError: A bound is negative, or everything would be taken.
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
        """The least amount of which so much is left, the minimum heeded and the maximum not."""
        kept = WHOLE_BPS - self.bps
        needed = int(-(-(wanted + self.fixed) * WHOLE_BPS // kept))
        return _up(max(needed, self.minimum), self.step)

    def most(self) -> int | None:
        """The largest amount that can be sent at once."""
        return None if self.maximum is None else self.maximum // self.step * self.step


def to_units(amount: int, decimals: int, wanted: int) -> int:
    """An amount in the units of another token, rounded up, as a need is."""
    if wanted >= decimals:
        return amount * 10 ** (wanted - decimals)
    return -(-amount // 10 ** (decimals - wanted))


def to_units_down(amount: int, decimals: int, wanted: int) -> int:
    """An amount in the units of another token, rounded down, as what arrives is."""
    return int(Fraction(amount) * Fraction(10) ** (wanted - decimals) // 1)


def _up(amount: int, step: int) -> int:
    return -(-amount // step) * step
