"""Base of the bridges: lanes, arrivals that meet a transfer's terms, and texts for states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Generic, NoReturn

from keepers.bridges.lane import Chains, L, Lanes
from keepers.model.bridge import (
    Accepted,
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import (
    ArrivedShortError,
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeError,
    BridgeNotConfiguredError,
    BridgeRefusedError,
    BridgeUnreachableError,
    ClockBehindError,
)

WAIT_TEXTS: dict[Wait, str] = {
    Wait.UNSEEN: "The bridge has not seen it yet, which is usual in the first minutes.",
    Wait.CONFIRMING: "It waits for block confirmations.",
    Wait.PROCESSING: "The bridge is processing it.",
    Wait.FEE_TOO_LOW: "Its fee is too low for a fast transfer now; it uses a standard transfer.",
    Wait.TOO_LARGE: "It is too large for a fast transfer; it uses a standard transfer.",
    Wait.NO_ALLOWANCE: (
        "The allowance for fast transfers is used up; it uses a standard transfer, or waits."
    ),
    Wait.EXPIRED: "Its proof has expired; a new one was requested.",
    Wait.UNCOMPOSED: "The tokens have arrived; the message that assigns them is in transit.",
    Wait.LOCKED: "It is credited, but cannot be withdrawn yet.",
    Wait.SUSPENDED: "Withdrawals are suspended; it continues once they are enabled.",
    Wait.QUOTA: "The daily withdrawal limit is used up; it continues tomorrow.",
    Wait.BUSY: "The service is rate limited; it is queried again later.",
    Wait.UNSURE: "The request is looked up, and repeated only under the same id.",
    Wait.UNREADABLE: (
        "The bridge cannot be queried, so the state is unknown. Nothing is planned with it."
    ),
}
UNREADABLE = (
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeRefusedError,
    BridgeUnreachableError,
    ClockBehindError,
)


class LaneBridge(Generic[L]):
    """Base of the bridges behind the port `Bridge`; each reads the chains of its lanes."""

    name: ClassVar[str]

    def __init__(self, chains: Chains, lanes: tuple[L, ...]) -> None:
        self._chains = chains
        self._lanes = Lanes(self.name, lanes)

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Return the proof of an arrival for the treasury.

        Raises:
            ArrivedShortError: The arrival is below the transfer's minimum.
        """
        require_enough(departure, crossed.amount)
        return crossed.proof

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Describe a state in a sentence or two."""
        return explain(self.name, state)


class UnconfiguredBridge:
    """Bridge without a configured service: it sends nothing, and unfinished transfers wait."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Raise `BridgeNotConfiguredError`, as do the other requests."""
        del request
        self._refuse()

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Raise `BridgeNotConfiguredError`."""
        del departure, effect
        self._refuse()

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Raise `BridgeNotConfiguredError`."""
        del departure, remote_id
        self._refuse()

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Raise `BridgeNotConfiguredError`."""
        del departure, crossed
        self._refuse()

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Describe a state stored while the bridge was configured."""
        return explain(self.name, state)

    def _refuse(self) -> NoReturn:
        raise BridgeNotConfiguredError(self.name)


def arrived(
    departure: Departure, amount: int, proof: bytes, facts: Mapping[str, str]
) -> Crossed | Stuck:
    """Return the end of a crossing; stuck if less arrived than the terms allow."""
    least = departure.terms.min_received
    if amount < least:
        reason = f"{amount} units arrived, less than the required {least}"
        return Stuck(reason, "Decide how to handle them; the treasury does not accept less.")
    return Crossed(amount=amount, proof=proof, facts=facts)


def require_enough(departure: Departure, amount: int) -> None:
    """Check an arrival's amount against the transfer's minimum.

    Raises:
        ArrivedShortError: The amount is below the minimum.
    """
    least = departure.terms.min_received
    if amount < least:
        raise ArrivedShortError(departure.transfer_id, amount, least)


def unreadable(error: BridgeError) -> Pending:
    """Return the pending state after a failed request, which leaves the transfer's state unknown.

    Raises:
        BridgeError: The error is about the transfer itself.
    """
    if not isinstance(error, UNREADABLE):
        raise error
    return Pending(Wait.UNREADABLE, str(error))


def explain(name: str, state: BridgeQuote | Initiation | Tracking) -> str:
    """Describe a bridge's response in a sentence or two."""
    match state:
        case Pending(wait, text):
            return f"{name}: {text}. {WAIT_TEXTS[wait]}"
        case Stuck(reason, advice):
            return f"{name}: stuck, {reason}. {advice} Nothing is sent again automatically."
        case Crossed(amount=amount):
            return f"{name}: crossed with {amount} units; the treasury can receive them."
        case Accepted(remote_id):
            known = f" as {remote_id}" if remote_id else ""
            return f"{name}: in progress{known}."
        case BridgeQuote(unavailable=reason) if reason:
            return f"{name}: cannot be used now, {reason}."
        case BridgeQuote():
            part = "" if state.whole else " (the maximum at once)"
            return (
                f"{name}: {state.send} units are sent and at least {state.receive} "
                f"arrive{part}; about {int(state.seconds)} s."
            )
