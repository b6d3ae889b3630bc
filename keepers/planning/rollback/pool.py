"""What sales of a rollback bring, and which purchases may spend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from keepers.model.rollback import Executed

Key = TypeVar("Key")
Funding = list[tuple[int, int]]
"""Sales by their place among the orders, with what is spent of each."""


@dataclass(slots=True)
class Pool:
    """Proceeds by sale: what is kept for a certain purchase, and what is free.

    A purchase that was paid by a sale is undone by a sale that pays for buying back what was sold
    then: so what depended on the other before is what the other depends on now.
    """

    _free: dict[int, int] = field(default_factory=dict[int, int])
    _kept: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])

    def put(self, place: int, amount: int, undone: Executed) -> None:
        """A sale at a place brings an amount; it undoes a purchase, and so serves its sales."""
        whole = sum(undone.funding)
        for sale, spent in zip(undone.depends_on, undone.funding, strict=bool(whole)):
            self._kept[place, sale] = amount * spent // whole
        kept = sum(each for (at, _), each in self._kept.items() if at == place)
        self._free[place] = amount - kept

    def draw(self, undone: Executed, amount: int) -> Funding:
        """Take what is kept for undoing a sale, then what is free, up to an amount."""
        drawn: Funding = []
        own = [key for key in self._kept if key[1] == undone.index]
        taken = _take(self._kept, own, amount)
        left = amount - sum(taken.values())
        more = _take(self._free, list(self._free), left)
        for place in sorted({*(at for at, _ in taken), *more}):
            drawn.append((place, taken.get((place, undone.index), 0) + more.get(place, 0)))
        return drawn


def _take(store: dict[Key, int], keys: Iterable[Key], amount: int) -> dict[Key, int]:
    taken: dict[Key, int] = {}
    for key in keys:
        part = min(store[key], amount - sum(taken.values()))
        if part > 0:
            store[key] -= part
            taken[key] = part
    return taken
