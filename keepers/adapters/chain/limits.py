"""Limits of a contract, read in a batch."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.adapters.chain.batch import Batch
from keepers.adapters.chain.contracts.controller import AssetController
from keepers.adapters.chain.contracts.limited import LimitedContract, LimitKey, LimitKind
from keepers.adapters.chain.node import Node
from keepers.domain.limits import KeeperLimits, Limit, LossBudgets


class LimitSlot:
    """One limit of a batch."""

    def __init__(self, batch: Batch, contract: LimitedContract, key: LimitKey) -> None:
        self._bucket = batch.add(contract.bucket(key))
        self._available = batch.add(contract.available(key))

    @property
    def value(self) -> Limit:
        """What was read."""
        bucket = self._bucket.value
        return Limit(bucket.cap, self._available.value, bucket.period_seconds)


class KeeperSlot:
    """The limits of one keeper in a batch."""

    def __init__(self, batch: Batch, contract: LimitedContract, keeper: str) -> None:
        self._keeper = keeper
        self._automatic = LimitSlot(batch, contract, LimitKey(LimitKind.AUTOMATIC, keeper))
        self._reducing = LimitSlot(batch, contract, LimitKey(LimitKind.REDUCING, keeper))

    @property
    def value(self) -> KeeperLimits:
        """What was read."""
        return KeeperLimits(self._keeper, self._automatic.value, self._reducing.value)


class LossSlot:
    """The loss budgets in a batch."""

    def __init__(self, batch: Batch, controller: AssetController) -> None:
        self._adding = LimitSlot(batch, controller, LimitKey(LimitKind.LOSS_ADDING))
        self._reducing = LimitSlot(batch, controller, LimitKey(LimitKind.LOSS_REDUCING))

    @property
    def value(self) -> LossBudgets:
        """What was read."""
        return LossBudgets(self._adding.value, self._reducing.value)


async def read_keepers(
    node: Node, contract: LimitedContract, keepers: Sequence[str], block: int
) -> tuple[KeeperLimits, ...]:
    """The limits of several keepers at a block."""
    batch = Batch(node)
    slots = [KeeperSlot(batch, contract, keeper) for keeper in keepers]
    await batch.run(block)
    return tuple(slot.value for slot in slots)
