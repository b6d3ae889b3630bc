"""Drafts of batches: exact terms for a demand, each transfer quoted for the amount to arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from keepers.model.batch import Demand, WantedPlacement, WantedTransfer
from keepers.model.bridge import BridgeQuote, CrossingRequest, Unavailable, Unreadable
from keepers.model.inventory_state import InventorySnapshot, state_machine_id
from keepers.model.transfer import TransferTerms
from keepers.model.transfer_record import (
    NewPlacement,
    NewTransfer,
    PlacementVerb,
    VenueTerms,
)
from keepers.model.treasury import VenuePosition
from keepers.planning.inventory.position import least_shares, most_shares
from keepers.transfers.inventory.approval_plans import approved
from keepers.transfers.inventory.dependencies import (
    Draft,
    InventoryDependencies,
    run_id_of,
    word_of,
)
from keepers.transfers.inventory.objections import BatchRefusedError, Objection, ObjectionKind
from keepers.transfers.machine.dependencies import quote_of


@dataclass(frozen=True, slots=True)
class _Drafter:
    """Snapshot and identifiers shared by all parts of one batch."""

    ports: InventoryDependencies
    snapshot: InventorySnapshot
    batch_id: str

    def transfer(self, index: int, wanted: WantedTransfer, quote: BridgeQuote) -> NewTransfer:
        chains = self.ports.machine.chains
        arrives = min(wanted.receive, quote.receive)
        terms = TransferTerms(
            source_chain=wanted.source,
            source_treasury=chains[wanted.source].treasury,
            destination_chain=wanted.destination,
            destination_treasury=chains[wanted.destination].treasury,
            asset=wanted.asset,
            amount=quote.send,
            min_received=arrives,
            route=wanted.route,
            nonce=int(word_of(self.batch_id, "nonce", str(index)), 16),
        )
        return NewTransfer(
            transfer_id=terms.transfer_id,
            run_id=run_id_of(self.batch_id, "transfer", str(index)),
            batch_id=self.batch_id,
            terms=terms,
            options=quote.options,
            native_fee=quote.native_fee,
            seconds=int(-(-quote.seconds // 1)),
            destination_block=self.snapshot.views[wanted.destination].block_number,
            invest=self._into_venue(wanted, arrives),
        )

    def placement(self, index: int, wanted: WantedPlacement) -> NewPlacement:
        return NewPlacement(
            placement_id=word_of(self.batch_id, "placement", str(index)),
            run_id=run_id_of(self.batch_id, "placement", str(index)),
            batch_id=self.batch_id,
            chain_id=wanted.chain_id,
            asset=wanted.asset,
            verb=wanted.verb,
            move=self._move(wanted),
        )

    def _into_venue(self, wanted: WantedTransfer, arrives: int) -> VenueTerms | None:
        if wanted.venue is None:
            return None
        put = WantedPlacement(
            chain_id=wanted.destination,
            asset=wanted.asset,
            verb=PlacementVerb.INVEST,
            venue=wanted.venue,
            amount=arrives,
        )
        return self._move(put)

    def _move(self, wanted: WantedPlacement) -> VenueTerms:
        position = self._position(wanted)
        tolerance = self.ports.settings.venue_tolerance_bps
        if wanted.verb is PlacementVerb.INVEST:
            shares = least_shares(position, wanted.amount, tolerance)
            return VenueTerms(venue=wanted.venue, amount=wanted.amount, shares=shares)
        if position is None or position.withdrawable < wanted.amount:
            gives = 0 if position is None else position.withdrawable
            where = state_machine_id(wanted.chain_id)
            text = (
                f"{wanted.venue} on {where} pays out {gives} units now, but {wanted.amount} are "
                "required"
            )
            raise BatchRefusedError([Objection(ObjectionKind.VENUE, text)])
        shares = most_shares(position, wanted.amount, tolerance)
        return VenueTerms(venue=wanted.venue, amount=wanted.amount, shares=shares)

    def _position(self, wanted: WantedPlacement) -> VenuePosition | None:
        holding = self.snapshot.views[wanted.chain_id].holdings[wanted.asset]
        return next((each for each in holding.positions if each.venue == wanted.venue), None)


async def draft_of(
    ports: InventoryDependencies, snapshot: InventorySnapshot, demand: Demand
) -> Draft:
    """Quote a demand and draft its terms.

    Raises:
        BatchRefusedError: A bridge cannot carry a whole transfer, or a venue cannot pay out.
    """
    return drafted(ports, snapshot, demand, await _quoted(ports, demand.transfers))


def drafted(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    demand: Demand,
    quotes: tuple[BridgeQuote, ...],
    sizes: Mapping[int, int] | None = None,
) -> Draft:
    """Draft the terms of a demand from quotes of its transfers, in the same order.

    Args:
        ports: Provides chains, clocks and limits.
        snapshot: State that the terms are based on.
        demand: The demand.
        quotes: Quotes from the bridges.
        sizes: Total amounts leaving each chain, if the demand is a part of a plan. They determine
            the approvals required, so that splitting a plan does not lower them.

    Raises:
        BatchRefusedError: A venue cannot pay out, or a plan would be too long.
    """
    drafter = _Drafter(ports, snapshot, run_id_of(demand.key))
    pairs = zip(demand.transfers, quotes, strict=True)
    draft = Draft(
        demand=demand,
        batch_id=drafter.batch_id,
        transfers=tuple(drafter.transfer(i, *each) for i, each in enumerate(pairs)),
        quotes=quotes,
        placements=tuple(drafter.placement(i, each) for i, each in enumerate(demand.placements)),
        plans={},
        deadline=ports.transfers.now() + ports.settings.expiry,
    )
    planned = approved(ports, snapshot, draft, sizes or {})
    if not planned.plans:
        return planned
    return replace(planned, deadline=ports.transfers.now() + ports.settings.approval_window)


async def _quoted(
    ports: InventoryDependencies, wanted: Sequence[WantedTransfer]
) -> tuple[BridgeQuote, ...]:
    answers = await asyncio.gather(*(_quote(ports, each) for each in wanted))
    failed = [each for each in answers if isinstance(each, Objection)]
    if failed:
        raise BatchRefusedError(failed)
    return tuple(each for each in answers if not isinstance(each, Objection))


async def _quote(ports: InventoryDependencies, wanted: WantedTransfer) -> BridgeQuote | Objection:
    seconds = ports.settings.look_seconds
    ends = (wanted.source, wanted.destination, wanted.route)
    try:
        answer = await asyncio.wait_for(_answer(ports, wanted), seconds)
    except TimeoutError:
        text = f"{wanted.route}: no response within {seconds:g} seconds"
        return Objection(ObjectionKind.UNREADABLE, text, *ends)
    if isinstance(answer, BridgeQuote):
        return answer
    is_silent = isinstance(answer, Unreadable)
    kind = ObjectionKind.UNREADABLE if is_silent else ObjectionKind.QUOTE
    return Objection(kind, answer.reason, *ends)


async def _answer(
    ports: InventoryDependencies, wanted: WantedTransfer
) -> BridgeQuote | Unavailable | Unreadable:
    ends = f"{state_machine_id(wanted.source)} to {state_machine_id(wanted.destination)}"
    name = f"{wanted.asset} by {wanted.route} from {ends}"
    bridge = ports.machine.bridges.get(wanted.route)
    if bridge is None:
        return Unavailable(f"{name}: this route is not configured")
    request = CrossingRequest(
        asset=wanted.asset,
        source=wanted.source,
        destination=wanted.destination,
        receive=wanted.receive,
    )
    match await quote_of(bridge, request):
        case Unavailable(reason):
            return Unavailable(f"{name}: {reason}")
        case Unreadable(reason):
            return Unreadable(f"{name}: {reason}")
        case quote if not quote.whole:
            most = f"at most {quote.send} units can be sent at once, which is too little"
            return Unavailable(f"{name}: {most}")
        case quote:
            return quote
