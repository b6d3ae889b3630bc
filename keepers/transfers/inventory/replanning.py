"""A plan is made again until nothing objects to it: what objects becomes a constraint of the next.

Each pass leaves out at least one way or lowers one limit, so that the passes come to an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.inventory_plan import PlannedTransfer
from keepers.model.inventory_state import InventorySnapshot, chain_id_of
from keepers.planning.inventory.needs import tokens
from keepers.transfers.inventory.approval_plans import size_on
from keepers.transfers.inventory.dependencies import InventoryWorld
from keepers.transfers.inventory.draft import Draft
from keepers.transfers.inventory.draft_transfers import draft_of, drafted
from keepers.transfers.inventory.objections import BatchRefusedError, Objection, ObjectionKind
from keepers.transfers.inventory.parts import parts_of
from keepers.transfers.inventory.risk import objections_to
from keepers.transfers.inventory.rulebook import AssetPlanner, Planned
from keepers.transfers.inventory.simulation import simulate

MOST_PASSES = 40
SOFT_PASSES = 4
"""So often limits are lowered; from then on ways are left out altogether."""

CHANGING = frozenset({ObjectionKind.QUOTE, ObjectionKind.SHORT, ObjectionKind.FLOOR})
"""What a bridge's new answer explains: bridges are asked once more before anything is left out."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of the passes.

    Attributes:
        planned: The last plan; None where nothing is triggered.
        drafts: The parts of it, each a batch to which nothing objects.
    """

    planned: Planned | None
    drafts: tuple[Draft, ...] = ()


async def settle(
    world: InventoryWorld, snapshot: InventorySnapshot, planner: AssetPlanner
) -> Settled:
    """Plan an asset, again and again, until nothing objects or nothing is left to move."""
    found: list[Objection] = []
    planned = await planner.plan()
    for number in range(MOST_PASSES):
        if planned is None or not planned.plan.transfers:
            return Settled(planned)
        try:
            return Settled(planned, await _drafts(world, snapshot, planner, planned))
        except BatchRefusedError as error:
            objections = error.objections
        is_changed = number == 0 and any(each.kind in CHANGING for each in objections)
        kept = [each for each in objections if not (is_changed and each.kind in CHANGING)]
        if number >= SOFT_PASSES:
            kept = [_hardened(each, planned.plan.transfers) for each in kept]
        found += kept
        planned = await planner.plan(found, anew=is_changed)
    assert planned is not None  # noqa: S101 - it was objected to
    return Settled(replace(planned, plan=replace(planned.plan, transfers=())))


async def _drafts(
    world: InventoryWorld, snapshot: InventorySnapshot, planner: AssetPlanner, planned: Planned
) -> tuple[Draft, ...]:
    """The batches of a plan.

    Raises:
        BatchRefusedError: Something speaks against some of it.
    """
    transfers = planned.plan.transfers
    whole = await draft_of(world, snapshot, planner.demand(planned, transfers))
    objections = objections_to(world.settings, snapshot, whole)
    if objections:
        raise BatchRefusedError(objections)
    quotes = dict(zip(transfers, whole.quotes, strict=True))
    sizes = {each: size_on(world.settings, whole, each) for each in whole.plans}
    drafts: list[Draft] = []
    refused: list[Objection] = []
    for part in parts_of(transfers, whole.plans):
        demand = planner.demand(planned, part)
        draft = drafted(world, snapshot, demand, tuple(quotes[each] for each in part), sizes)
        try:
            await simulate(world, draft)
        except BatchRefusedError as error:
            refused += error.objections
        drafts.append(draft)
    if refused:
        raise BatchRefusedError(refused)
    return tuple(drafts)


def _hardened(objection: Objection, transfers: Sequence[PlannedTransfer]) -> Objection:
    """The same, to the largest transfer that it is about, and without a rest that may go."""
    concerned = [each for each in transfers if _is_about(objection, each)] or list(transfers)
    largest = max(concerned, key=_size)
    return replace(
        objection,
        source=chain_id_of(largest.source),
        destination=chain_id_of(largest.destination),
        route=largest.route,
        admits=None,
    )


def _is_about(objection: Objection, each: PlannedTransfer) -> bool:
    ends = chain_id_of(each.source), chain_id_of(each.destination)
    return objection.concerns(*ends, each.route)


def _size(each: PlannedTransfer) -> Fraction:
    return tokens(each.amount, each.source_decimals)
