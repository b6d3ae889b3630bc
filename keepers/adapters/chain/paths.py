"""The pools that a venue's swaps go through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.adapters.chain.batch import Batch
from keepers.adapters.chain.contracts.vault import LiquidityVault
from keepers.adapters.chain.contracts.venue import UniswapV3Venue
from keepers.adapters.chain.node import Node
from keepers.domain.order import OrderKind
from keepers.domain.vault import HoldingKind, VaultPosition

Trade = tuple[OrderKind, VaultPosition]


@dataclass(frozen=True, slots=True)
class Path:
    """From token to token, packed as Uniswap wants it."""

    source: str
    target: str
    packed: bytes


class Paths:
    """Paths of a vault's venues; they are configuration, read once in a run."""

    def __init__(self, node: Node, vault: str) -> None:
        self._node = node
        self._vault = LiquidityVault(vault)
        self._known: dict[tuple[OrderKind, str], Path] = {}

    def known(self, kind: OrderKind, position: VaultPosition) -> Path:
        """A path that was learnt."""
        return self._known[kind, position.asset]

    async def one(self, kind: OrderKind, position: VaultPosition) -> Path:
        """A path, read at the newest block if it has not been yet."""
        if (kind, position.asset) not in self._known:
            await self.learn([(kind, position)], (await self._node.head()).number)
        return self.known(kind, position)

    async def learn(self, trades: Sequence[Trade], block: int) -> None:
        """Read the paths of the swaps among some trades, if they are not known."""
        missing = [trade for trade in trades if self._is_missing(*trade)]
        if not missing:
            return
        settlement = await self._node.read(self._vault.asset(), block)
        batch = Batch(self._node)
        pairs = [_pair(kind, settlement, position.asset) for kind, position in missing]
        slots = [
            batch.add(UniswapV3Venue(position.venue).path_of(*pair))
            for (_, position), pair in zip(missing, pairs, strict=True)
        ]
        await batch.run(block)
        for (kind, position), pair, slot in zip(missing, pairs, slots, strict=True):
            self._known[kind, position.asset] = Path(*pair, slot.value)

    def _is_missing(self, kind: OrderKind, position: VaultPosition) -> bool:
        is_swap = position.kind is HoldingKind.VENUE
        return is_swap and (kind, position.asset) not in self._known


def _pair(kind: OrderKind, settlement: str, asset: str) -> tuple[str, str]:
    return (settlement, asset) if kind is OrderKind.PURCHASE else (asset, settlement)
