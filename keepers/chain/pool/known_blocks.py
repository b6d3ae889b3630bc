"""Blocks that were agreed on before."""

from __future__ import annotations

from collections import OrderedDict

from keepers.chain.headers import Header

LONGEST = 512
"""Blocks that are remembered; a reorg that goes deeper is found when the chain has outgrown it."""


class Past:
    """Numbers and hashes of the chain as it was last agreed on."""

    def __init__(self) -> None:
        self._hashes: OrderedDict[int, str] = OrderedDict()

    @property
    def best(self) -> int | None:
        """The highest block; None at first."""
        return next(reversed(self._hashes), None)

    def before(self, block: int) -> tuple[int, str] | None:
        """The newest that is not above a block: its number and hash."""
        return next((each for each in reversed(self._hashes.items()) if each[0] <= block), None)

    def remember(self, header: Header) -> None:
        """Add a head that is no lower than any before; a chain that it is not of is forgotten."""
        number, parent = header.number, header.number - 1
        known = self._hashes.get(number, header.head.block_hash)
        known_parent = self._hashes.get(parent, header.parent_hash)
        if (known, known_parent) != (header.head.block_hash, header.parent_hash):
            self.forget()
        if parent not in self._hashes and number not in self._hashes and parent >= 0:
            self._hashes[parent] = header.parent_hash
        self._hashes[number] = header.head.block_hash
        while len(self._hashes) > LONGEST:
            self._hashes.popitem(last=False)

    def forget(self) -> None:
        """Start anew, after a reorg."""
        self._hashes.clear()
