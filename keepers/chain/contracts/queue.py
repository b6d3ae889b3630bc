"""The redemption queue: what depositors wait for."""

from dataclasses import dataclass
from typing import Any

from keepers.chain.codec import Call, Contract
from keepers.model.money import UINT256_MAX


@dataclass(frozen=True, slots=True)
class RawBatch:
    """The requests of a day, in shares of the vault, and what was paid for them."""

    shares: int
    fulfilled: int
    assets: int
    opened_at: int
    due_at: int

    @property
    def open(self) -> int:
        """Shares that wait."""
        return self.shares - self.fulfilled

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> "RawBatch":
        """From the contract's struct."""
        return cls(*fields)


class RedemptionQueue(Contract):
    """Redemptions that are larger than the vault's idle cash."""

    def due_within(self, seconds: int) -> Call[int]:
        """What must be paid within some time from now, in settlement base units."""
        return self._call("dueWithin", seconds)

    def oldest_batch(self) -> Call[int]:
        """The only batch that can be fulfilled; 0 when nothing waits."""
        return self._call("oldestBatch")

    def batch(self, number: int) -> Call[RawBatch]:
        """A batch."""
        return self._call("batchOf", number, convert=lambda values: RawBatch.of(tuple(values[0])))

    def fulfil(self, maximum_shares: int = UINT256_MAX) -> Call[tuple[int, int]]:
        """Pay the oldest batch as far as cash admits: shares redeemed, settlement base units."""
        return self._call("fulfil", maximum_shares, convert=lambda values: (values[0], values[1]))
