"""Limits of the controller, read in a batch."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.adapters.chain.batch import Batch
from keepers.adapters.chain.contracts.controller import AssetController, LimitKey, LimitKind
from keepers.adapters.chain.node import Node
from keepers.domain.limits import KeeperLimits, Limit, LossBudgets


class _LimitSlot:
    """One limit of a batch."""

    def __init__(self, batch: Batch, controller: AssetController, key: LimitKey) -> None:
        self._bucket = batch.add(controller.bucket(key))
        self._available = batch.add(controller.available(key))

    @property
    def value(self) -> Limit:
        bucket = self._bucket.value
        return Limit(bucket.cap, self._available.value, bucket.period_seconds)


class KeeperSlot:
    """The limits of one keeper in a batch."""

    def __init__(self, batch: Batch, controller: AssetController, keeper: str) -> None:
        self._keeper = keeper
        self._automatic = _LimitSlot(batch, controller, LimitKey(LimitKind.AUTOMATIC, keeper))
        self._reducing = _LimitSlot(batch, controller, LimitKey(LimitKind.REDUCING, keeper))

    @property
    def value(self) -> KeeperLimits:
        """What was read."""
        return KeeperLimits(self._keeper, self._automatic.value, self._reducing.value)


class LossSlot:
    """The loss budgets in a batch."""

    def __init__(self, batch: Batch, controller: AssetController) -> None:
        self._adding = _LimitSlot(batch, controller, LimitKey(LimitKind.LOSS_ADDING))
        self._reducing = _LimitSlot(batch, controller, LimitKey(LimitKind.LOSS_REDUCING))

    @property
    def value(self) -> LossBudgets:
        """What was read."""
        return LossBudgets(self._adding.value, self._reducing.value)


async def read_keepers(
    node: Node, controller: str, keepers: Sequence[str], block: int
) -> tuple[KeeperLimits, ...]:
    """The limits of several keepers at a block."""
    batch = Batch(node)
    slots = [KeeperSlot(batch, AssetController(controller), keeper) for keeper in keepers]
    await batch.run(block)
    return tuple(slot.value for slot in slots)
