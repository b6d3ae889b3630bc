"""Why a fallback carries a transfer, and not a route that comes before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from keepers.model.inventory import Route
from keepers.model.inventory_plan import PlannedTransfer
from keepers.model.inventory_state import InventorySettings, chain_id_of
from keepers.transfers.inventory.objections import Objection


def fallback_lines(
    settings: InventorySettings,
    used: Iterable[Route | PlannedTransfer],
    offered: Iterable[Route],
    objections: Iterable[Objection],
) -> Iterator[str]:
    """One line for each fallback that is used.

    Args:
        settings: Which routes are fallbacks.
        used: What carries.
        offered: Routes that could be asked; those that are no fallback were too small.
        objections: What stands in the way of others.
    """
    known, others = tuple(objections), tuple(offered)
    for way in used:
        if way.fallback:
            ends = chain_id_of(way.source), chain_id_of(way.destination)
            reasons = [
                *(
                    each.text
                    for each in known
                    if each.route is not None
                    and each.route not in settings.fallbacks
                    and each.is_placed
                    and each.concerns(*ends)
                ),
                *(
                    f"{each.route} cannot carry so much at once"
                    for each in others
                    if not each.fallback
                    and (each.source, each.destination) == (way.source, way.destination)
                ),
            ]
            why = "; ".join(reasons) or "no other route leads there"
            yield f"{way.route} from {way.source} to {way.destination} is a fallback: {why}"
