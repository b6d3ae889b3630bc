"""Objections to a batch: balances, fees, limits on chain, native tokens, pauses. Pure.

Each objection names the transfers that it concerns, so that a new plan can avoid them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from keepers.model.bridge import to_units_down
from keepers.model.inventory_state import (
    SIZE_DECIMALS,
    InventorySettings,
    InventorySnapshot,
    size_of,
    state_machine_id,
)
from keepers.model.limits import Limit
from keepers.model.money import WHOLE_BPS, format_rounded, format_units
from keepers.model.transfer_record import NewTransfer
from keepers.model.treasury import TreasuryVerb
from keepers.transfers.inventory.approval_plans import Piece, pieces_of
from keepers.transfers.inventory.constraints import spoken_for
from keepers.transfers.inventory.dependencies import Draft
from keepers.transfers.inventory.objections import Objection, ObjectionKind

OUTWARD = frozenset({TreasuryVerb.SEND, TreasuryVerb.INVEST})


@dataclass(frozen=True, slots=True)
class DraftReview:
    """A draft, with the settings and snapshot that its risks are checked against."""

    settings: InventorySettings
    snapshot: InventorySnapshot
    draft: Draft

    @property
    def pieces(self) -> list[Piece]:
        """The draft's actions on all chains."""
        return list(pieces_of(self.settings, self.draft))


def objections_to(
    settings: InventorySettings, snapshot: InventorySnapshot, draft: Draft
) -> tuple[Objection, ...]:
    """Return the objections to a draft; none if it is allowed."""
    review = DraftReview(settings, snapshot, draft)
    return (
        *_balances(review),
        *_losses(review),
        *_keeper_limits(review),
        *_route_limits(review),
        *_venue_limits(review),
        *_native_balances(review),
        *_pauses(review),
    )


def fees_of(
    settings: InventorySettings, transfers: Sequence[NewTransfer]
) -> tuple[Fraction, Fraction]:
    """Return what transfers send and the most that they may lose to fees, in whole tokens."""
    sent = lost = Fraction(0)
    for each in transfers:
        terms = each.terms
        left = settings.decimals(terms.source_chain, terms.asset)
        come = settings.decimals(terms.destination_chain, terms.asset)
        amount = Fraction(terms.amount, 10**left)
        sent += amount
        lost += amount - Fraction(terms.min_received, 10**come)
    return sent, lost


def _balances(review: DraftReview) -> Iterator[Objection]:
    """Yield chains that lack the balance to send now, or would end below their floor."""
    settings, snapshot = review.settings, review.snapshot
    now: defaultdict[tuple[str, int], int] = defaultdict(int)
    for each in review.pieces:
        if each.action.verb is TreasuryVerb.DIVEST:
            now[each.asset, each.chain_id] += each.action.amount
        elif each.action.verb is TreasuryVerb.SEND:
            now[each.asset, each.chain_id] -= each.action.amount
    end = now.copy()
    for transfer in review.draft.transfers:
        end[transfer.terms.asset, transfer.terms.destination_chain] += transfer.terms.min_received
    for each in review.pieces:
        if each.action.verb is TreasuryVerb.INVEST:
            end[each.asset, each.chain_id] -= each.action.amount
    for (asset, chain_id), change in sorted(end.items()):
        decimals, name = settings.decimals(chain_id, asset), state_machine_id(chain_id)
        available = snapshot.available(asset, chain_id)
        missing = -(available + now[asset, chain_id])
        if missing > 0 and now[asset, chain_id] < 0:
            text = (
                f"{name} lacks {format_units(missing, decimals)} {asset} to send the planned amount"
            )
            admits = max(0, -now[asset, chain_id] - 2 * missing)
            yield Objection(ObjectionKind.SHORT, text, source=chain_id, admits=admits)
        floor = review.draft.demand.floors.get((asset, chain_id), 0)
        below = floor - (snapshot.effective(asset, chain_id) + change)
        if below > 0 and change < 0:
            text = (
                f"{name} would end {format_units(below, decimals)} {asset} below its required "
                "balance"
            )
            admits = max(0, -change - 2 * below)
            yield Objection(ObjectionKind.FLOOR, text, source=chain_id, admits=admits)


def _losses(review: DraftReview) -> Iterator[Objection]:
    """Yield destinations whose bridge fees are too high, each with its most expensive transfer."""
    into: defaultdict[tuple[str, int], list[NewTransfer]] = defaultdict(list)
    for each in review.draft.transfers:
        into[each.terms.asset, each.terms.destination_chain].append(each)
    for _, transfers in sorted(into.items()):
        sent, lost = fees_of(review.settings, transfers)
        if lost * WHOLE_BPS <= sent * review.settings.maximum_loss_bps:
            continue
        bps = format_rounded(lost * WHOLE_BPS / sent, 1)
        dearest = max(transfers, key=partial(_lost_share, review.settings)).terms
        end = state_machine_id(dearest.destination_chain)
        text = (
            f"bridges to {end} cost {format_rounded(lost, 6)} of {format_rounded(sent, 6)}, "
            f"{bps} basis points; {review.settings.maximum_loss_bps} are allowed"
        )
        yield Objection(
            ObjectionKind.LOSS,
            text,
            source=dearest.source_chain,
            destination=dearest.destination_chain,
            route=dearest.route,
        )


def _lost_share(settings: InventorySettings, transfer: NewTransfer) -> Fraction:
    sent, lost = fees_of(settings, [transfer])
    return lost / sent


def _keeper_limits(review: DraftReview) -> Iterator[Objection]:
    """Yield exceeded keeper limits; actions without a plan count against them."""
    for chain_id, pieces in _by_chain(review).items():
        if chain_id in review.draft.plans:
            continue
        limits = review.snapshot.views[chain_id].keeper_limits
        outward = _size(review, pieces, OUTWARD)
        inward = _size(review, pieces, frozenset({TreasuryVerb.DIVEST}))
        name = state_machine_id(chain_id)
        if outward:
            taken = spoken_for(review.settings, review.snapshot, chain_id)
            admits = None
            if assets := {each.asset for each in pieces}:
                decimals = review.settings.decimals(chain_id, min(assets))
                left = max(0, limits.automatic.available - taken)
                admits = to_units_down(left, SIZE_DECIMALS, decimals)
            yield from _over(
                Objection(
                    ObjectionKind.AUTOMATIC_LIMIT,
                    f"the keeper's limit on {name}",
                    source=chain_id,
                    admits=admits,
                ),
                outward + taken,
                limits.automatic,
            )
        if inward:
            what = f"the keeper's limit of divestments on {name}"
            kind = ObjectionKind.REDUCING_LIMIT
            yield from _over(Objection(kind, what, source=chain_id), inward, limits.reducing)


def _route_limits(review: DraftReview) -> Iterator[Objection]:
    sums: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    for each in review.draft.transfers:
        sums[each.terms.source_chain, each.terms.asset, each.terms.route] += each.terms.amount
    for (chain_id, asset, route), amount in sorted(sums.items()):
        limit = review.snapshot.views[chain_id].route_limits.get((asset, route))
        name = f"route {route} of {asset} on {state_machine_id(chain_id)}"
        if limit is None:
            text = f"there is no {name}"
            yield Objection(ObjectionKind.ROUTE_LIMIT, text, source=chain_id, route=route)
            continue
        wanted = amount + review.snapshot.leaving(asset, chain_id)
        admits = max(0, amount - 2 * (wanted - limit.available))
        found = Objection(
            ObjectionKind.ROUTE_LIMIT, name, source=chain_id, route=route, admits=admits
        )
        yield from _over(found, wanted, limit)


def _venue_limits(review: DraftReview) -> Iterator[Objection]:
    sums: defaultdict[tuple[int, str], int] = defaultdict(int)
    for each in review.pieces:
        if each.action.verb is TreasuryVerb.INVEST:
            sums[each.chain_id, each.action.asset] += each.action.amount
    for (chain_id, venue), amount in sorted(sums.items()):
        limit = review.snapshot.views[chain_id].venue_limits.get(venue)
        name = f"venue {venue} on {state_machine_id(chain_id)}"
        if limit is None:
            text = f"{name} is not one of the treasury's"
            yield Objection(ObjectionKind.VENUE, text, source=chain_id)
            continue
        yield from _over(Objection(ObjectionKind.VENUE_LIMIT, name, source=chain_id), amount, limit)


def _native_balances(review: DraftReview) -> Iterator[Objection]:
    """Yield chains without native tokens for gas, and sources that lack the message fees."""
    needed = dict.fromkeys(_by_chain(review), 0)
    for each in review.draft.transfers:
        needed.setdefault(each.terms.destination_chain, 0)
        chain_id, fee = each.terms.source_chain, each.native_fee
        needed[chain_id] += fee
        most = review.settings.chains[chain_id].maximum_native_fee
        if fee > most:
            text = f"a message from {state_machine_id(chain_id)} costs {fee} wei, above {most}"
            terms = each.terms
            yield Objection(
                ObjectionKind.NATIVE_FEE,
                text,
                source=chain_id,
                destination=terms.destination_chain,
                route=terms.route,
            )
    for chain_id, fees in sorted(needed.items()):
        there = review.snapshot.views[chain_id].keeper_balance_wei
        wanted = fees + review.settings.chains[chain_id].gas_reserve
        if there < wanted:
            text = (
                f"the keeper has {there} wei on {state_machine_id(chain_id)}, {wanted} are required"
            )
            yield from _unpaid(review, chain_id, there - (wanted - fees), text)


def _unpaid(review: DraftReview, chain_id: int, left: int, text: str) -> Iterator[Objection]:
    """Yield the transfers whose message fees are not covered; if none is sent, the whole chain."""
    kind, found = ObjectionKind.COINS, False
    for each in review.draft.transfers:
        terms = each.terms
        if terms.source_chain == chain_id and each.native_fee:
            left -= each.native_fee
            if left < 0:
                found = True
                ends = (chain_id, terms.destination_chain, terms.route)
                yield Objection(kind, text, *ends)
    if not found:
        yield Objection(kind, text, source=chain_id)
        yield Objection(kind, text, destination=chain_id)


def _pauses(review: DraftReview) -> Iterator[Objection]:
    for chain_id, pieces in _by_chain(review).items():
        outward = any(each.action.verb in OUTWARD for each in pieces)
        if outward and review.snapshot.views[chain_id].paused:
            text = f"the treasury on {state_machine_id(chain_id)} is paused"
            yield Objection(ObjectionKind.PAUSED, text, source=chain_id)


def _by_chain(review: DraftReview) -> Mapping[int, list[Piece]]:
    found: defaultdict[int, list[Piece]] = defaultdict(list)
    for each in review.pieces:
        found[each.chain_id].append(each)
    return dict(sorted(found.items()))


def _size(review: DraftReview, pieces: list[Piece], verbs: frozenset[TreasuryVerb]) -> int:
    return sum(
        size_of(each.action.amount, review.settings.decimals(each.chain_id, each.asset))
        for each in pieces
        if each.action.verb in verbs
    )


def _over(found: Objection, wanted: int, limit: Limit) -> Iterator[Objection]:
    """Yield the objection if its limit is exceeded; its text starts with the limit's name."""
    wait = limit.wait_for(wanted)
    if wait:
        when = f"this amount is available in {int(wait.total_seconds())} seconds"
    else:
        when = f"this amount is never available, since the maximum is {limit.cap}"
    if wanted > limit.available:
        name = found.text
        text = f"{name} allows {limit.available} units now, but {wanted} are required; {when}"
        yield replace(found, text=text)
