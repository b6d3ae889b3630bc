"""Parts of a plan that go their own way: destinations that need no approval in common.

What one destination waits for, is refused for, or fails by then stops no other. Transfers to one
chain stay together, since nothing is covered in part; and so do transfers from a chain whose plan
people have to approve, since they sign one plan for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from keepers.model.inventory_plan import PlannedTransfer
from keepers.model.inventory_state import chain_id_of


def parts_of(
    transfers: Sequence[PlannedTransfer], approved: Collection[int]
) -> list[tuple[PlannedTransfer, ...]]:
    """Cut a plan into its independent parts, in the order of their first destinations.

    Args:
        transfers: All of the plan.
        approved: Chain ids where what leaves has to be approved.
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
    """The groups, those that have any of some destinations made into one."""
    apart: list[set[str]] = []
    together: set[str] = set()
    for group in groups:
        if group & shared:
            together |= group
        else:
            apart.append(group)
    return [*apart, together] if together else apart
