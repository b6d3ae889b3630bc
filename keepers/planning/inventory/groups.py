"""Small groups of chains that settle among themselves, for large and tight markets.

Where surpluses hardly exceed deficits, few transfers means many groups that need nobody else: each
saves one. All groups of up to four chains are listed, and the mixed-integer solver chooses among
them; whatever they leave forms larger groups, which take at least four transfers for five chains.
That bounds the number of transfers from below, far better than transfers one by one would.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

MOST_GROUPS = 20_000
"""Beyond so many groups the market is not tight, and other ways are better."""

LEFTOVER_RATE = 0.8
"""Transfers for each chain in a group of five or more, at the least."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sources and triggers that need nobody else, and cannot be cut into two such groups."""

    sources: tuple[int, ...]
    sinks: tuple[int, ...]
    waste: int

    @property
    def edges(self) -> int:
        """How many transfers settle it."""
        return len(self.sources) + len(self.sinks) - 1


def small_groups(supplies: Sequence[int], needs: Sequence[int]) -> list[Group] | None:
    """All groups of two to four chains; None where there are too many."""
    spare = sum(supplies) - sum(needs)
    found: list[Group] = []
    for group in _candidates(supplies, needs, spare):
        found.append(group)
        if len(found) > MOST_GROUPS:
            return None
    return found


def _candidates(supplies: Sequence[int], needs: Sequence[int], spare: int) -> Iterator[Group]:
    sources, sinks = range(len(supplies)), range(len(needs))
    for giving in (1, 2, 3):
        for chosen in combinations(sources, giving):
            total = sum(supplies[source] for source in chosen)
            for taking in range(1, 5 - giving):
                for served in combinations(sinks, taking):
                    waste = total - sum(needs[sink] for sink in served)
                    if 0 <= waste <= spare and _whole(chosen, served, supplies, needs, waste):
                        yield Group(chosen, served, waste)


def _whole(
    chosen: tuple[int, ...],
    served: tuple[int, ...],
    supplies: Sequence[int],
    needs: Sequence[int],
    waste: int,
) -> bool:
    """Whether all sources are needed and the group cannot be cut in two."""
    if len(chosen) == 1:
        return True
    if min(supplies[source] for source in chosen) <= waste:
        return False
    if len(served) == 1:
        return True
    small, large = sorted(supplies[source] for source in chosen)
    less, more = sorted(needs[sink] for sink in served)
    return not (small >= less and large >= more)
