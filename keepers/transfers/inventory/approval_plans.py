"""Plans that approvers sign for the parts of a batch that need approval, one per chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from keepers.model.inventory_state import InventorySettings, InventorySnapshot, size_of
from keepers.model.transfer_record import (
    NewPlacement,
    NewTransfer,
    PlacementVerb,
    PlanPart,
    VenueTerms,
)
from keepers.model.treasury import TreasuryAction, TreasuryPlan, TreasuryVerb
from keepers.transfers.inventory.dependencies import (
    ChainPlan,
    Draft,
    InventoryDependencies,
    run_id_of,
    word_of,
)
from keepers.transfers.inventory.objections import BatchRefusedError, Objection, ObjectionKind

MOST_ACTIONS = 64
EMPTY: Mapping[int, int] = MappingProxyType({})
VERBS = {PlacementVerb.INVEST: TreasuryVerb.INVEST, PlacementVerb.DIVEST: TreasuryVerb.DIVEST}


@dataclass(frozen=True, slots=True)
class Piece:
    """An action on a chain, in execution order."""

    chain_id: int
    asset: str
    action: TreasuryAction


def pieces_of(settings: InventorySettings, draft: Draft) -> Iterator[Piece]:
    """Yield the actions: divestments, sends, investments, and investments on arrival."""
    divested = [each for each in draft.placements if each.verb is PlacementVerb.DIVEST]
    invested = [each for each in draft.placements if each.verb is PlacementVerb.INVEST]
    yield from map(_placed, divested)
    for each in draft.transfers:
        asset = settings.asset(each.terms.source_chain, each.terms.asset)
        assert asset is not None  # noqa: S101 - a transfer's source chain has the asset
        yield Piece(each.terms.source_chain, each.terms.asset, _sent(each, asset.token))
    yield from map(_placed, invested)
    for each in draft.transfers:
        if each.invest is not None:
            action = _moved(each.transfer_id, TreasuryVerb.INVEST, each.invest)
            yield Piece(each.terms.destination_chain, each.terms.asset, action)


def size_on(settings: InventorySettings, draft: Draft, chain_id: int) -> int:
    """Return what a batch sends and invests on a chain, in US dollars of six decimals."""
    return sum(
        size_of(each.action.amount, settings.decimals(chain_id, each.asset))
        for each in pieces_of(settings, draft)
        if each.chain_id == chain_id and each.action.verb is not TreasuryVerb.DIVEST
    )


def approved(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    draft: Draft,
    sizes: Mapping[int, int] = EMPTY,
) -> Draft:
    """Return a batch with a plan for each chain where its size requires one.

    Args:
        ports: Provides keepers and ledgers.
        snapshot: Provides the size bands.
        draft: The batch.
        sizes: Sizes by chain id that count if they exceed what the batch itself moves.

    Raises:
        BatchRefusedError: A plan would exceed the maximum number of actions.
    """
    settings = ports.settings
    pieces = list(pieces_of(settings, draft))
    plans: dict[int, ChainPlan] = {}
    for chain_id in sorted({each.chain_id for each in pieces}):
        size = max(size_on(settings, draft, chain_id), sizes.get(chain_id, 0))
        required = snapshot.views[chain_id].bands.approvals_for(size)
        if required:
            mine = [each for each in pieces if each.chain_id == chain_id]
            plans[chain_id] = _chain_plan(ports, snapshot, draft, mine, required)
    return _with_parts(replace(draft, plans=plans))


def _chain_plan(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    draft: Draft,
    pieces: list[Piece],
    required: int,
) -> ChainPlan:
    if len(pieces) > MOST_ACTIONS:
        text = f"a plan has at most {MOST_ACTIONS} actions, but this one has {len(pieces)}"
        found = Objection(ObjectionKind.SIZE, text, source=pieces[0].chain_id)
        raise BatchRefusedError([found])
    chain_id = pieces[0].chain_id
    chain, view = ports.machine.chains[chain_id], snapshot.views[chain_id]
    run_id = run_id_of(draft.batch_id, "plan", str(chain_id))
    life = timedelta(seconds=view.bands.maximum_plan_seconds)
    plan = TreasuryPlan(
        chain_id=chain_id,
        ledger=ports.settings.chains[chain_id].ledger,
        treasury=chain.treasury,
        keeper=chain.keeper,
        nonce=UUID(run_id).int,
        deadline=int((view.at + life).timestamp()),
        epoch=view.epoch,
        state=word_of(draft.demand.key),
        actions=tuple(replace(each.action, depends_on=_needs(pieces, each)) for each in pieces),
    )
    return ChainPlan(run_id=run_id, plan=plan, required=required)


def _needs(pieces: list[Piece], piece: Piece) -> tuple[int, ...]:
    """Return the divestments that a send depends on."""
    if piece.action.verb is not TreasuryVerb.SEND:
        return ()
    return tuple(
        index
        for index, each in enumerate(pieces)
        if each.action.verb is TreasuryVerb.DIVEST and each.asset == piece.asset
    )


def _with_parts(draft: Draft) -> Draft:
    return replace(
        draft,
        transfers=tuple(_transfer_part(draft, each) for each in draft.transfers),
        placements=tuple(
            replace(each, move=_move_part(draft, each.chain_id, each.placement_id, each.move))
            for each in draft.placements
        ),
    )


def _transfer_part(draft: Draft, new: NewTransfer) -> NewTransfer:
    part = _part(draft, new.terms.source_chain, TreasuryVerb.SEND, new.transfer_id)
    invest = new.invest
    if invest is not None:
        invest = _move_part(draft, new.terms.destination_chain, new.transfer_id, invest)
    return replace(new, part=part, invest=invest)


def _move_part(draft: Draft, chain_id: int, key: str, move: VenueTerms) -> VenueTerms:
    verbs = (TreasuryVerb.INVEST, TreasuryVerb.DIVEST)
    found = (_part(draft, chain_id, verb, key) for verb in verbs)
    return replace(move, part=next(filter(None, found), None))


def _part(draft: Draft, chain_id: int, verb: TreasuryVerb, key: str) -> PlanPart | None:
    plan = draft.plans.get(chain_id)
    if plan is None:
        return None
    for index, action in enumerate(plan.plan.actions):
        if (action.verb, action.transfer_id) == (verb, key):
            return PlanPart(plan.run_id, index)
    return None


def _sent(new: NewTransfer, token: str) -> TreasuryAction:
    return TreasuryAction(
        verb=TreasuryVerb.SEND,
        asset=token,
        amount=new.terms.amount,
        bound=new.terms.min_received,
        transfer_id=new.transfer_id,
    )


def _placed(new: NewPlacement) -> Piece:
    action = _moved(new.placement_id, VERBS[new.verb], new.move)
    return Piece(new.chain_id, new.asset, action)


def _moved(key: str, verb: TreasuryVerb, move: VenueTerms) -> TreasuryAction:
    return TreasuryAction(
        verb=verb, asset=move.venue, amount=move.amount, bound=move.shares, transfer_id=key
    )
