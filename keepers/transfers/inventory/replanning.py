"""Replan until there are no objections: each objection becomes a constraint of the next plan.

Each pass leaves out at least one route or lowers one limit, so that the passes terminate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.inventory import PlannedTransfer, Uncovered, UncoveredError
from keepers.model.inventory_state import (
    InventorySettings,
    InventorySnapshot,
    chain_id_of,
    state_machine_id,
)
from keepers.model.money import format_rounded, format_units
from keepers.planning.inventory.needs import tokens
from keepers.planning.inventory.request import unknown_chains
from keepers.transfers.inventory.approval_plans import size_on
from keepers.transfers.inventory.dependencies import (
    Draft,
    InventoryDependencies,
    Leftover,
)
from keepers.transfers.inventory.draft_transfers import draft_of, drafted
from keepers.transfers.inventory.objections import BatchRefusedError, Objection, ObjectionKind
from keepers.transfers.inventory.risk import objections_to
from keepers.transfers.inventory.rulebook import AssetPlanner, AssetProposal
from keepers.transfers.inventory.simulation import simulate


def parts_of(
    transfers: Sequence[PlannedTransfer], approved: Collection[int]
) -> list[tuple[PlannedTransfer, ...]]:
    """Split a plan into its independent parts, in the order of their first destinations.

    Args:
        transfers: All transfers of the plan.
        approved: Ids of the chains whose outgoing transfers need approval.
    """
    groups = [{each} for each in sorted({transfer.destination for transfer in transfers})]
    for source in sorted({each.source for each in transfers}):
        if chain_id_of(source) in approved:
            groups = _joined(groups, {t.destination for t in transfers if t.source == source})
    return [
        tuple(each for each in transfers if each.destination in group)
        for group in sorted(groups, key=min)
    ]


def _joined(groups: Iterable[set[str]], shared: set[str]) -> list[set[str]]:
    """Return the groups, merging those that contain any shared destination."""
    apart: list[set[str]] = []
    together: set[str] = set()
    for group in groups:
        if group & shared:
            together |= group
        else:
            apart.append(group)
    return [*apart, together] if together else apart


MOST_PASSES = 40
SOFT_PASSES = 4
"""Number of passes that lower limits; later passes leave out whole routes."""

CHANGING = frozenset({ObjectionKind.QUOTE, ObjectionKind.SHORT, ObjectionKind.FLOOR})
"""Kinds that a new quote may resolve: bridges are asked again before anything is left out."""


@dataclass(frozen=True, slots=True)
class SettledPlan:
    """Result of the passes.

    Attributes:
        planned: The last plan; None if nothing is triggered.
        drafts: The parts of the plan, each a batch without objections.
    """

    planned: AssetProposal | None
    drafts: tuple[Draft, ...] = ()


async def plan_without_objections(
    ports: InventoryDependencies, snapshot: InventorySnapshot, planner: AssetPlanner
) -> SettledPlan:
    """Plan an asset repeatedly, until there are no objections or nothing is left to move."""
    found: list[Objection] = []
    planned = await planner.plan()
    for number in range(MOST_PASSES):
        if planned is None or not planned.plan.transfers:
            return SettledPlan(planned)
        try:
            return SettledPlan(planned, await _drafts(ports, snapshot, planner, planned))
        except BatchRefusedError as error:
            objections = error.objections
        is_changed = number == 0 and any(each.kind in CHANGING for each in objections)
        kept = [each for each in objections if not (is_changed and each.kind in CHANGING)]
        if number >= SOFT_PASSES:
            kept = [_hardened(each, planned.plan.transfers) for each in kept]
        found += kept
        planned = await planner.plan(found, anew=is_changed)
    assert planned is not None  # noqa: S101 - there were objections to it
    return SettledPlan(replace(planned, plan=replace(planned.plan, transfers=())))


async def _drafts(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    planner: AssetPlanner,
    planned: AssetProposal,
) -> tuple[Draft, ...]:
    """Return the batches of a plan.

    Raises:
        BatchRefusedError: There are objections to a part of the plan.
    """
    transfers = planned.plan.transfers
    whole = await draft_of(ports, snapshot, planner.demand(planned, transfers))
    objections = objections_to(ports.settings, snapshot, whole)
    if objections:
        raise BatchRefusedError(objections)
    quotes = dict(zip(transfers, whole.quotes, strict=True))
    sizes = {each: size_on(ports.settings, whole, each) for each in whole.plans}
    drafts: list[Draft] = []
    refused: list[Objection] = []
    for part in parts_of(transfers, whole.plans):
        demand = planner.demand(planned, part)
        draft = drafted(ports, snapshot, demand, tuple(quotes[each] for each in part), sizes)
        try:
            await simulate(ports, draft)
        except BatchRefusedError as error:
            refused += error.objections
        drafts.append(draft)
    if refused:
        raise BatchRefusedError(refused)
    return tuple(drafts)


def _hardened(objection: Objection, transfers: Sequence[PlannedTransfer]) -> Objection:
    """Narrow an objection to the largest transfer that it concerns, and allow no remainder."""
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


def unknown_leftovers(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> tuple[Leftover, ...]:
    """Return the chains on which an asset is left out because they cannot be read."""
    return tuple(
        Leftover(
            f"unknown:{asset}:{chain_id}",
            f"{asset}: not checked: {'; '.join(reasons)}",
            is_unread=True,
        )
        for chain_id, reasons in sorted(unknown_chains(settings, snapshot, asset).items())
    )


def instructed_leftovers(
    planner: AssetPlanner, asset: str, instructed: Mapping[int, str]
) -> tuple[Leftover, ...]:
    """Return the chains left out because of an instruction, with what they lack."""
    lacking = {
        each.chain: f" lacks {format_units(each.deficit, each.decimals)} and"
        for each in planner.triggers()
    }
    names = {state_machine_id(chain_id): text for chain_id, text in sorted(instructed.items())}
    return tuple(
        Leftover(
            f"instructed:{asset}:{name}",
            f"{asset}: {name}{lacking.get(name, '')} neither sends nor receives {text}",
            is_note=name not in lacking,
        )
        for name, text in names.items()
    )


def uncovered_leftovers(
    asset: str, planned: AssetProposal, unknown: Sequence[str]
) -> tuple[Leftover, ...]:
    """Return the triggered chains that receive nothing, each with the reasons."""
    served = {each.destination for each in planned.plan.transfers}
    found = {each.chain: each for each in planned.plan.uncovered}
    left: list[Leftover] = []
    for each in planned.plan.triggers:
        if each.asset != asset or each.chain in served:
            continue
        lacks = format_units(each.deficit, each.decimals)
        why = _why(found.get(each.chain), chain_id_of(each.chain), planned.objections, unknown)
        text = f"{asset}: {each.chain} lacks {lacks}: {why}"
        left.append(Leftover(f"inventory:{asset}:{each.chain}", text))
    return tuple(left)


def untracked_leftovers(
    ports: InventoryDependencies, snapshot: InventorySnapshot
) -> list[Leftover]:
    """Return the transfers that cannot be tracked now; they count with their minimum amount."""
    found: list[Leftover] = []
    for key, reason in sorted(snapshot.untracked.items()):
        terms = ports.transfers.transfer(key).terms
        end = state_machine_id(terms.destination_chain)
        text = f"{terms.asset} in transit to {end} by {terms.route} ({key[:10]}): {reason}"
        found.append(Leftover(f"untracked:{key}", text))
    return found


def reasons_for(chain_id: int, objections: Sequence[Objection]) -> list[str]:
    """Return the objections to transfers to a chain, each once."""
    texts = [
        each.text for each in objections if each.is_placed and each.destination in {None, chain_id}
    ]
    return list(dict.fromkeys(texts))


def _why(
    uncovered: Uncovered | None,
    chain_id: int,
    objections: Sequence[Objection],
    unknown: Sequence[str],
) -> str:
    if uncovered is not None and uncovered.error is UncoveredError.INSUFFICIENT_SURPLUS:
        available = format_rounded(uncovered.available, 6)
        spare = f"the other chains have a surplus of {available} ({uncovered.error})"
        return "; ".join([spare, *unknown])
    reasons = reasons_for(chain_id, objections)
    text = (
        "; ".join([*reasons, *unknown])
        or "no route leads there, or the limits of all routes exclude it"
    )
    return f"no route can carry it: {text} ({UncoveredError.ROUTE_UNAVAILABLE})"
