"""Ports of the transfer machine, and the chain views of one pass."""

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
    """Ports of the transfer machine.

    Attributes:
        chains: By chain id.
        bridges: By route name.
        decimals: Decimals of an asset's token on a chain; None if unknown.
        pass_seconds: Time limit in one pass of each chain's engine and of each transfer.
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
        """Return the chain of an id.

        Raises:
            ChainGoneError: The settings no longer have the chain.
        """
        if chain_id not in self.chains:
            raise ChainGoneError(chain_id)
        return self.chains[chain_id]

    def source(self, record: TransferRecord) -> TreasuryChain:
        """Return the chain that a transfer leaves; raises as `chain`."""
        return self.chain(record.terms.source_chain)

    def destination(self, record: TransferRecord) -> TreasuryChain:
        """Return the chain where a transfer arrives; raises as `chain`."""
        return self.chain(record.terms.destination_chain)

    def bridge(self, record: TransferRecord) -> Bridge:
        """Return the bridge that carries a transfer.

        Raises:
            BridgeGoneError: The settings no longer have the bridge.
        """
        if record.terms.route not in self.bridges:
            raise BridgeGoneError(record.terms.route)
        return self.bridges[record.terms.route]


Seen = Mapping[int, ChainView | None]
"""Chain views by chain id, from the last engine passes; None if the nodes do not respond."""


async def quote_of(bridge: Bridge, request: CrossingRequest) -> QuoteAnswer:
    """Ask a bridge for a quote.

    Returns:
        A quote that can be used now, or the reason why there is none: the route is unavailable or
        its state is unknown. A bridge failure raises nothing, since callers ask several bridges.
    """
    try:
        quote = await bridge.quote(request)
    except (BridgeError, ChainError) as error:
        return read_failure(error)
    if quote.unavailable:
        return Unavailable(quote.unavailable)
    if quote.send == 0 or quote.receive == 0:
        return Unavailable("no amount can be transferred now")
    return quote


FAULTS = (IllegalMoveError, KeyReusedError, NoTicketError, TicketClosedError, UnknownRecordError)
"""The database refuses a write, or a record that belongs to the transfer is missing."""

REPAIR_ADVICE = (
    "Other transfers continue. Check its rows in the database and any manual changes to "
    "them; if there are none, report a defect of Ballast. Then run `ballast transfers "
    "resume`."
)


SLOW = 2
ANSWER_SECONDS = 10.0
GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A transfer that has left, with its bridge and its id at that bridge."""

    bridge: str
    departure: Departure
    remote_id: str


@dataclass(frozen=True, slots=True)
class Survey:
    """Tracking results by transfer id, and the reasons why transfers could not be read."""

    found: Mapping[str, Tracking]
    unreadable: Mapping[str, str]


async def survey(
    bridges: Mapping[str, Bridge], underway: Sequence[Underway], seconds: float = ANSWER_SECONDS
) -> Survey:
    """Track all transfers at once; a bridge that is down or slow affects no other."""
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
    """Return whether a transfer takes long enough to be reported; it is never abandoned."""
    return now - since > SLOW * timedelta(seconds=int(seconds)) + GRACE


async def _ask(bridge: Bridge, each: Underway, seconds: float) -> Tracking | str:
    try:
        return await asyncio.wait_for(bridge.track(each.departure, each.remote_id), seconds)
    except TimeoutError:
        return f"no response from {bridge.name} within {seconds:g} seconds"
    except (BridgeError, ChainError) as error:
        return str(error)
