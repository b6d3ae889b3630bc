"""Paths of swaps through pools, and the venues to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eth_abi.abi import encode

from keepers.chain.batch import ReadSlot
from keepers.chain.contracts.market import AutoVenue, UniswapV3Venue
from keepers.chain.node import Node
from keepers.chain.vault.reads import BlockReads, VaultReads
from keepers.chain.vault.survey import Key, Pair, Trade, key_of, pair_of
from keepers.model.errors.chain import CallRevertedError
from keepers.model.order import OrderKind
from keepers.model.vault import HoldingKind, VaultPosition

NO_PATH = "UniswapV3Venue_NoPath"


@dataclass(frozen=True, slots=True)
class SwapPath:
    """Path from token to token, packed for Uniswap; `listed` is the venue among several."""

    source: str
    target: str
    packed: bytes
    listed: str | None = None

    def terms(self, deadline: int) -> bytes:
        """Return the data of a trade along this path for the holding's venue."""
        terms = encode(("uint256", "bytes"), (deadline, self.packed))
        if self.listed is None:
            return terms
        return encode(("address", "bytes"), (self.listed, terms))


NO_QUOTES = (
    "its venue offers no quotes that a keeper can request, as with trades over the counter; "
    "trade it through plans that a trading desk has signed, or configure a venue with pools"
)


@dataclass(frozen=True, slots=True)
class SwapPaths:
    """Paths of one kind of trade; `problem` is the reason if there is none."""

    paths: tuple[SwapPath, ...]
    problem: str | None = None


class Paths:
    """Paths of a vault's venues; they are configuration, read once in a run.

    A venue that implements `venuesOf` is an `AutoVenue`. Its paths are those of the venues that it
    lists; one without a path, such as an OTC desk's, cannot be quoted. A venue that implements
    neither function has no paths, which stops only its own trades.
    """

    def __init__(self, node: Node, reads: VaultReads) -> None:
        self._node = node
        self._reads = reads
        self._known: dict[Key, SwapPaths] = {}

    async def of(self, kind: OrderKind, position: VaultPosition) -> tuple[SwapPath, ...]:
        """Return the paths of a trade, read at the newest block if unknown.

        Raises:
            CallRevertedError: There is no path.
        """
        if self._is_missing(kind, position):
            await self.learn([(kind, position)], (await self._node.head()).number)
        found = self.known(kind, position)
        if found.problem is not None:
            raise CallRevertedError(NO_PATH, (), found.problem)
        return found.paths

    def known(self, kind: OrderKind, position: VaultPosition) -> SwapPaths:
        """Return the known paths of a trade: at least one, or the reason for none."""
        return self._known[key_of(kind, position)]

    async def learn(self, trades: Sequence[Trade], block: int) -> None:
        """Read the unknown paths of the swaps among some trades."""
        missing = {key_of(*trade): trade for trade in trades if self._is_missing(*trade)}
        if not missing:
            return
        settlement = await self._reads.settlement(block)
        pairs = {key: pair_of(key, settlement) for key in missing}
        batch = await self._reads.at(block)
        own, lists = await _asked(batch, pairs, block)
        listed = {
            key: [(each, batch.add(UniswapV3Venue(each).path_of(*pairs[key]))) for each in venues]
            for key, venues in lists.items()
        }
        await batch.run(block)
        for key, pair in pairs.items():
            if key in listed:
                self._known[key] = _usable(pair, _listed(pair, listed[key]))
            else:
                self._known[key] = _usable(pair, _own(pair, own[key]))

    def _is_missing(self, kind: OrderKind, position: VaultPosition) -> bool:
        is_swap = position.kind is HoldingKind.VENUE
        return is_swap and key_of(kind, position) not in self._known


async def _asked(
    batch: BlockReads, pairs: Mapping[Key, Pair], block: int
) -> tuple[Mapping[Key, ReadSlot[bytes]], Mapping[Key, Sequence[str]]]:
    """Return the path of each pair in its venue, and the venues listed by those that choose.

    A venue without either answer is read alone, since another one may have used up its gas.
    """
    own = {key: batch.add(UniswapV3Venue(key[1]).path_of(*pair)) for key, pair in pairs.items()}
    lists = {key: batch.add(AutoVenue(key[1]).venues_of(*pair)) for key, pair in pairs.items()}
    await batch.run(block)
    for key in pairs:
        if own[key].found is None and lists[key].found is None:
            await batch.read_alone([own[key], lists[key]])
    found = {key: slot.found for key, slot in lists.items()}
    return own, {key: venues for key, venues in found.items() if venues is not None}


def _own(pair: Pair, slot: ReadSlot[bytes]) -> list[SwapPath] | str:
    found = slot.found
    return NO_QUOTES if found is None else [SwapPath(*pair, found)]


def _listed(pair: Pair, slots: Sequence[tuple[str, ReadSlot[bytes]]]) -> list[SwapPath]:
    """Return the paths of listed venues; the path is empty for a venue that has none."""
    return [SwapPath(*pair, slot.found or b"", venue) for venue, slot in slots]


def _usable(pair: Pair, found: Sequence[SwapPath] | str) -> SwapPaths:
    """Return the non-empty paths, or the reason for none."""
    if isinstance(found, str):
        return SwapPaths((), found)
    usable = tuple(path for path in found if path.packed)
    return SwapPaths(usable, None if usable else _no_path(*pair))


def _no_path(source: str, target: str) -> str:
    return (
        f"no venue has a path from {source} to {target}, so nothing can be quoted; set one in the "
        "deployment's configuration and run the configure script"
    )
