"""What a check leaves as it is, one line for each, with asset, chain, amount and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keepers.model.inventory_plan import Uncovered, UncoveredError
from keepers.model.inventory_state import (
    InventorySettings,
    InventorySnapshot,
    chain_id_of,
    state_machine_id,
)
from keepers.model.numerals import format_rounded, format_units
from keepers.planning.inventory.request import unknown_chains
from keepers.transfers.inventory.dependencies import InventoryWorld
from keepers.transfers.inventory.objections import Objection
from keepers.transfers.inventory.result import Leftover
from keepers.transfers.inventory.rulebook import AssetPlanner, Planned


def unknown_leftovers(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> tuple[Leftover, ...]:
    """The chains on which an asset neither gives nor gets, because they cannot be read."""
    return tuple(
        Leftover(f"unknown:{asset}:{chain_id}", f"{asset}: could not look: {'; '.join(reasons)}")
        for chain_id, reasons in sorted(unknown_chains(settings, snapshot, asset).items())
    )


def instructed_leftovers(
    planner: AssetPlanner, asset: str, instructed: Mapping[int, str]
) -> tuple[Leftover, ...]:
    """The chains that are left alone because of an instruction, with what they lack."""
    lacking = {
        each.chain: f" lacks {format_units(each.deficit, each.decimals)} and"
        for each in planner.triggers()
    }
    names = {state_machine_id(chain_id): text for chain_id, text in sorted(instructed.items())}
    return tuple(
        Leftover(
            f"instructed:{asset}:{name}",
            f"{asset}: {name}{lacking.get(name, '')} neither gives nor gets {text}",
        )
        for name, text in names.items()
    )


def uncovered_leftovers(
    asset: str, planned: Planned, unknown: Sequence[str]
) -> tuple[Leftover, ...]:
    """The triggered chains that nothing is brought to, each with what stands in the way."""
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


def untracked_leftovers(world: InventoryWorld, snapshot: InventorySnapshot) -> list[Leftover]:
    """The transfers that cannot be followed now; they count with what must arrive."""
    found: list[Leftover] = []
    for key, reason in sorted(snapshot.untracked.items()):
        terms = world.transfers.transfer(key).terms
        end = state_machine_id(terms.destination_chain)
        text = f"{terms.asset} on the way to {end} by {terms.route} ({key[:10]}): {reason}"
        found.append(Leftover(f"untracked:{key}", text))
    return found


def reasons_for(chain_id: int, objections: Sequence[Objection]) -> list[str]:
    """What stands in the way of transfers to a chain, each once."""
    told = [
        each.text for each in objections if each.is_placed and each.destination in {None, chain_id}
    ]
    return list(dict.fromkeys(told))


def _why(
    uncovered: Uncovered | None,
    chain_id: int,
    objections: Sequence[Objection],
    unknown: Sequence[str],
) -> str:
    if uncovered is not None and uncovered.error is UncoveredError.INSUFFICIENT_SURPLUS:
        available = format_rounded(uncovered.available, 6)
        spare = f"the others have {available} to spare ({uncovered.error})"
        return "; ".join([spare, *unknown])
    reasons = reasons_for(chain_id, objections)
    told = "; ".join([*reasons, *unknown]) or "no route leads there, or all have bounds"
    return f"no way carries it: {told} ({UncoveredError.ROUTE_UNAVAILABLE})"
