"""What speaks against a batch: balances, fees, limits on chain, coins, pauses. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from keepers.domain.inventory_state import (
    InventorySettings,
    InventorySnapshot,
    size_of,
    state_machine_id,
)
from keepers.domain.limits import Limit
from keepers.domain.money import WHOLE_BPS
from keepers.domain.numerals import format_rounded, format_units
from keepers.domain.treasury import TreasuryVerb
from keepers.engine.inventory.draft import Draft
from keepers.engine.inventory.planning import Piece, pieces_of
from keepers.engine.inventory.refusing import Objection, ObjectionKind

OUTWARD = frozenset({TreasuryVerb.SEND, TreasuryVerb.INVEST})


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft with all that it is judged by."""

    settings: InventorySettings
    snapshot: InventorySnapshot
    draft: Draft

    @property
    def pieces(self) -> list[Piece]:
        """Its actions on all chains."""
        return list(pieces_of(self.settings, self.draft))


def objections_to(
    settings: InventorySettings, snapshot: InventorySnapshot, draft: Draft
) -> tuple[Objection, ...]:
    """All that speaks against a draft; nothing if it may be made."""
    judged = Judged(settings, snapshot, draft)
    return (
        *_balances(judged),
        *_losses(judged),
        *_keeper_limits(judged),
        *_route_limits(judged),
        *_venue_limits(judged),
        *_coins(judged),
        *_pauses(judged),
    )


def fees_of(settings: InventorySettings, draft: Draft) -> tuple[Fraction, Fraction]:
    """What all transfers send and what they lose on the way at most, in whole tokens."""
    sent = lost = Fraction(0)
    for each in draft.transfers:
        terms = each.terms
        left = settings.decimals(terms.source_chain, terms.asset)
        come = settings.decimals(terms.destination_chain, terms.asset)
        amount = Fraction(terms.amount, 10**left)
        sent += amount
        lost += amount - Fraction(terms.min_received, 10**come)
    return sent, lost


def _balances(judged: Judged) -> Iterator[Objection]:
    """Enough is there now, and what must be left is left in the end."""
    settings, snapshot = judged.settings, judged.snapshot
    now: defaultdict[tuple[str, int], int] = defaultdict(int)
    for each in judged.pieces:
        if each.action.verb is TreasuryVerb.DIVEST:
            now[each.asset, each.chain_id] += each.action.amount
        elif each.action.verb is TreasuryVerb.SEND:
            now[each.asset, each.chain_id] -= each.action.amount
    end = now.copy()
    for transfer in judged.draft.transfers:
        end[transfer.terms.asset, transfer.terms.destination_chain] += transfer.terms.min_received
    for each in judged.pieces:
        if each.action.verb is TreasuryVerb.INVEST:
            end[each.asset, each.chain_id] -= each.action.amount
    for (asset, chain_id), change in sorted(end.items()):
        decimals, name = settings.decimals(chain_id, asset), state_machine_id(chain_id)
        available = snapshot.available(asset, chain_id)
        missing = -(available + now[asset, chain_id])
        if missing > 0 and now[asset, chain_id] < 0:
            text = f"{name} lacks {format_units(missing, decimals)} {asset} to send what is planned"
            yield Objection(ObjectionKind.SHORT, text)
        floor = judged.draft.demand.floors.get((asset, chain_id), 0)
        below = floor - (snapshot.effective(asset, chain_id) + change)
        if below > 0 and change < 0:
            text = f"{name} would end {format_units(below, decimals)} {asset} below what must stay"
            yield Objection(ObjectionKind.FLOOR, text)


def _losses(judged: Judged) -> Iterator[Objection]:
    sent, lost = fees_of(judged.settings, judged.draft)
    if lost * WHOLE_BPS > sent * judged.settings.maximum_loss_bps:
        bps = format_rounded(lost * WHOLE_BPS / sent, 1)
        text = (
            f"bridges take {format_rounded(lost, 6)} of {format_rounded(sent, 6)}, {bps} basis "
            f"points; {judged.settings.maximum_loss_bps} are allowed"
        )
        yield Objection(ObjectionKind.LOSS, text)


def _keeper_limits(judged: Judged) -> Iterator[Objection]:
    """What needs no plan is taken from the keeper's limits on each chain."""
    for chain_id, pieces in _by_chain(judged).items():
        if chain_id in judged.draft.plans:
            continue
        limits = judged.snapshot.views[chain_id].keeper_limits
        outward = _size(judged, pieces, OUTWARD)
        inward = _size(judged, pieces, frozenset({TreasuryVerb.DIVEST}))
        name = state_machine_id(chain_id)
        if outward:
            yield from _over(
                ObjectionKind.AUTOMATIC_LIMIT,
                f"the keeper's limit on {name}",
                outward + _spoken_for(judged, chain_id),
                limits.automatic,
            )
        if inward:
            what = f"the keeper's limit of divestments on {name}"
            yield from _over(ObjectionKind.REDUCING_LIMIT, what, inward, limits.reducing)


def _route_limits(judged: Judged) -> Iterator[Objection]:
    sums: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    for each in judged.draft.transfers:
        sums[each.terms.source_chain, each.terms.asset, each.terms.route] += each.terms.amount
    for (chain_id, asset, route), amount in sorted(sums.items()):
        limit = judged.snapshot.views[chain_id].route_limits.get((asset, route))
        name = f"route {route} of {asset} on {state_machine_id(chain_id)}"
        if limit is None:
            yield Objection(ObjectionKind.ROUTE_LIMIT, f"there is no {name}")
            continue
        wanted = amount + judged.snapshot.leaving(asset, chain_id)
        yield from _over(ObjectionKind.ROUTE_LIMIT, name, wanted, limit)


def _venue_limits(judged: Judged) -> Iterator[Objection]:
    sums: defaultdict[tuple[int, str], int] = defaultdict(int)
    for each in judged.pieces:
        if each.action.verb is TreasuryVerb.INVEST:
            sums[each.chain_id, each.action.asset] += each.action.amount
    for (chain_id, venue), amount in sorted(sums.items()):
        limit = judged.snapshot.views[chain_id].venue_limits.get(venue)
        name = f"venue {venue} on {state_machine_id(chain_id)}"
        if limit is None:
            yield Objection(ObjectionKind.VENUE, f"{name} is not one of the treasury's")
            continue
        yield from _over(ObjectionKind.VENUE_LIMIT, name, amount, limit)


def _coins(judged: Judged) -> Iterator[Objection]:
    """For gas on all chains that take part, and for messages where transfers leave."""
    needed = dict.fromkeys(_by_chain(judged), 0)
    for each in judged.draft.transfers:
        needed.setdefault(each.terms.destination_chain, 0)
        chain_id, fee = each.terms.source_chain, each.native_fee
        needed[chain_id] += fee
        most = judged.settings.chains[chain_id].maximum_native_fee
        if fee > most:
            text = f"a message from {state_machine_id(chain_id)} costs {fee} wei, above {most}"
            yield Objection(ObjectionKind.NATIVE_FEE, text)
    for chain_id, fees in sorted(needed.items()):
        there = judged.snapshot.views[chain_id].keeper_balance_wei
        wanted = fees + judged.settings.chains[chain_id].gas_reserve
        if there < wanted:
            text = (
                f"the keeper has {there} wei on {state_machine_id(chain_id)}, {wanted} are needed"
            )
            yield Objection(ObjectionKind.COINS, text)


def _pauses(judged: Judged) -> Iterator[Objection]:
    for chain_id, pieces in _by_chain(judged).items():
        outward = any(each.action.verb in OUTWARD for each in pieces)
        if outward and judged.snapshot.views[chain_id].paused:
            text = f"the treasury on {state_machine_id(chain_id)} is paused"
            yield Objection(ObjectionKind.PAUSED, text)


def _by_chain(judged: Judged) -> Mapping[int, list[Piece]]:
    found: defaultdict[int, list[Piece]] = defaultdict(list)
    for each in judged.pieces:
        found[each.chain_id].append(each)
    return dict(sorted(found.items()))


def _size(judged: Judged, pieces: list[Piece], verbs: frozenset[TreasuryVerb]) -> int:
    return sum(
        size_of(each.action.amount, judged.settings.decimals(each.chain_id, each.asset))
        for each in pieces
        if each.action.verb in verbs
    )


def _spoken_for(judged: Judged, chain_id: int) -> int:
    """What is about to be taken from the same limit, as far as it can be told."""
    total = 0
    for asset, settings in judged.settings.chains[chain_id].assets.items():
        withheld = judged.snapshot.withheld.get((asset, chain_id), 0)
        pending = judged.snapshot.leaving(asset, chain_id) + withheld
        total += size_of(pending, settings.decimals)
    return total


def _over(kind: ObjectionKind, name: str, wanted: int, limit: Limit) -> Iterator[Objection]:
    wait = limit.wait_for(wanted)
    if wait:
        when = f"it will in {int(wait.total_seconds())} seconds"
    else:
        when = f"it never does, since it holds {limit.cap} at most"
    if wanted > limit.available:
        text = f"{name} admits {limit.available} units now and {wanted} are needed; {when}"
        yield Objection(kind, text)
