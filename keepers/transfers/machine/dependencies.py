"""The ports of the transfer machine, and what it has seen in one pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from keepers.model.bridge import (
    CrossingRequest,
    Departure,
    Pending,
    QuoteAnswer,
    Tracking,
    Unavailable,
    read_failure,
)
from keepers.model.chain_view import ChainView
from keepers.model.errors.chain import ChainError, ChainGoneError
from keepers.model.errors.run import NoTicketError, TicketClosedError
from keepers.model.errors.transaction import IllegalMoveError, KeyReusedError, UnknownRecordError
from keepers.model.errors.transfers import BridgeError, BridgeGoneError
from keepers.model.ports import Clock, Notifier, Progress
from keepers.model.transfer_record import TransferRecord
from keepers.transfers.machine.ports import Bridge, Transfers, TreasuryChain

Decimals = Callable[[int, str], int | None]


def _unknown(chain_id: int, asset: str) -> int | None:
    del chain_id, asset


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDependencies:
    """The ports.

    Attributes:
        chains: By chain id.
        bridges: By the name of their route.
        decimals: Of an asset's token on a chain; None where they are not known.
        pass_seconds: How long a chain's engine, and a transfer, have in one pass; each on its own.
    """

    chains: Mapping[int, TreasuryChain]
    bridges: Mapping[str, Bridge]
    transfers: Transfers
    notifier: Notifier
    clock: Clock
    progress: Progress
    decimals: Decimals = _unknown
    pass_seconds: float = 30.0

    def chain(self, chain_id: int) -> TreasuryChain:
        """A chain.

        Raises:
            ChainGoneError: The settings do not have it any more.
        """
        if chain_id not in self.chains:
            raise ChainGoneError(chain_id)
        return self.chains[chain_id]

    def source(self, record: TransferRecord) -> TreasuryChain:
        """Where a transfer leaves; raises as `chain`."""
        return self.chain(record.terms.source_chain)

    def destination(self, record: TransferRecord) -> TreasuryChain:
        """Where it arrives; raises as `chain`."""
        return self.chain(record.terms.destination_chain)

    def bridge(self, record: TransferRecord) -> Bridge:
        """What carries it.

        Raises:
            BridgeGoneError: The settings do not have it any more.
        """
        if record.terms.route not in self.bridges:
            raise BridgeGoneError(record.terms.route)
        return self.bridges[record.terms.route]


Seen = Mapping[int, ChainView | None]
"""The chains as the last passes of their engines have seen them; None where nodes do not answer."""


async def quote_of(bridge: Bridge, request: CrossingRequest) -> QuoteAnswer:
    """Ask a bridge for a quote.

    Returns:
        A quote that can be used now, or why there is none: the route is unavailable, or nothing
        is known of it. No failure of one bridge is an exception for those who ask several.
    """
    try:
        quote = await bridge.quote(request)
    except (BridgeError, ChainError) as error:
        return read_failure(error)
    if quote.unavailable:
        return Unavailable(quote.unavailable)
    if quote.send == 0 or quote.receive == 0:
        return Unavailable("nothing can go through now")
    return quote


FAULTS = (IllegalMoveError, KeyReusedError, NoTicketError, TicketClosedError, UnknownRecordError)
"""The database refuses it, or lacks what belongs to it."""

MEND = (
    "Other transfers go on. Look at its rows and at what was done to the database by hand; report "
    "it as a defect of Ballast if nothing was; then `ballast transfers resume`."
)


SLOW = 2
ANSWER_SECONDS = 10.0
GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A transfer that has left: with whom it is, and under which name there."""

    bridge: str
    departure: Departure
    remote_id: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, by transfer, and what could not be read, with the reason."""

    found: Mapping[str, Tracking]
    unreadable: Mapping[str, str]


async def survey(
    bridges: Mapping[str, Bridge], underway: Sequence[Underway], seconds: float = ANSWER_SECONDS
) -> Survey:
    """Ask for every transfer, each for itself: one bridge that is down or slow hides no other."""
    answers = await asyncio.gather(
        *(_ask(bridges[each.bridge], each, seconds) for each in underway)
    )
    found: dict[str, Tracking] = {}
    unreadable: dict[str, str] = {}
    for each, answer in zip(underway, answers, strict=True):
        key = each.departure.transfer_id
        if isinstance(answer, str):
            unreadable[key] = answer
        elif isinstance(answer, Pending) and not answer.is_known:
            unreadable[key] = answer.text
        else:
            found[key] = answer
    return Survey(found, unreadable)


def is_overdue(since: datetime, now: datetime, seconds: Fraction) -> bool:
    """Return whether a transfer takes so long that it is reported; it is never given up for it."""
    return now - since > SLOW * timedelta(seconds=int(seconds)) + GRACE


async def _ask(bridge: Bridge, each: Underway, seconds: float) -> Tracking | str:
    try:
        return await asyncio.wait_for(bridge.track(each.departure, each.remote_id), seconds)
    except TimeoutError:
        return f"{bridge.name} gives no answer within {seconds:g} seconds"
    except (BridgeError, ChainError) as error:
        return str(error)
