"""Limits of contracts (`IRateLimits`) and the kill switch, and their reads in a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.codec import Call, Contract, Method
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.chain.node import Node
from keepers.model.limits import KeeperLimits, Limit, LossBudgets


@dataclass(frozen=True, slots=True)
class Bucket:
    """A stored limit, in base units; all zero if it was never set."""

    cap: int
    period_seconds: int

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> Bucket:
        """Decode the contract's answer."""
        cap, _, _, period, exponent = values[0]
        return cls(cap * 10**exponent, period)


class LimitedContract(Contract):
    """A contract with limits (`IRateLimits`)."""

    _bucket = Method[[bytes], Bucket]("bucketOf", Bucket.of)
    _available = Method[[bytes], int]("available")

    def bucket(self, key: LimitKey) -> Call[Bucket]:
        """Size and period of a limit."""
        return self._bucket(key.packed)

    def available(self, key: LimitKey) -> Call[int]:
        """Amount that a limit allows now."""
        return self._available(key.packed)


class KillSwitch(Contract):
    """The guardian's switch that removes keepers from all contracts."""

    is_removed = Method[[str], bool]("isRemoved")
    """Whether the guardian has removed an account."""


class LimitSlot:
    """A limit in a batch of reads."""

    def __init__(self, batch: ReadBatch, contract: LimitedContract, key: LimitKey) -> None:
        self._bucket = batch.add(contract.bucket(key))
        self._available = batch.add(contract.available(key))

    @property
    def value(self) -> Limit:
        """The limit, once the batch has run."""
        bucket = self._bucket.value
        return Limit(bucket.cap, self._available.value, bucket.period_seconds)


class KeeperSlot:
    """The limits of one keeper in a batch of reads."""

    def __init__(
        self,
        batch: ReadBatch,
        contract: LimitedContract,
        keeper: str,
        kill_switch: KillSwitch | None = None,
    ) -> None:
        self._keeper = keeper
        self._removed: ReadSlot[bool] | None = None
        if kill_switch is not None:
            self._removed = batch.add(kill_switch.is_removed(keeper))
        self._automatic = LimitSlot(batch, contract, LimitKey(LimitKind.AUTOMATIC, keeper))
        self._reducing = LimitSlot(batch, contract, LimitKey(LimitKind.REDUCING, keeper))

    @property
    def value(self) -> KeeperLimits:
        """The limits, once the batch has run."""
        removed = self._removed is not None and self._removed.value
        return KeeperLimits(self._keeper, self._automatic.value, self._reducing.value, removed)


class LossSlot:
    """Loss budgets in a batch of reads; without a keeper, that of approved plans is used."""

    def __init__(self, batch: ReadBatch, controller: LimitedContract, keeper: str | None) -> None:
        self._adding = LimitSlot(batch, controller, LimitKey(LimitKind.LOSS_ADDING))
        self._reducing = LimitSlot(batch, controller, LimitKey(LimitKind.LOSS_REDUCING, keeper))
        self._approved = LimitSlot(batch, controller, LimitKey(LimitKind.LOSS_REDUCING))

    @property
    def value(self) -> LossBudgets:
        """The budgets, once the batch has run."""
        return LossBudgets(self._adding.value, self._reducing.value, self._approved.value)


async def read_keepers(
    node: Node, contract: LimitedContract, keepers: Sequence[str], block: int
) -> tuple[KeeperLimits, ...]:
    """Read the limits of several keepers at a block, with their loss budgets."""
    batch = ReadBatch(node)
    slots = [
        (
            KeeperSlot(batch, contract, keeper),
            LimitSlot(batch, contract, LimitKey(LimitKind.LOSS_REDUCING, keeper)),
        )
        for keeper in keepers
    ]
    await batch.run(block)
    return tuple(replace(slot.value, reducing_loss=loss.value) for slot, loss in slots)
