"""Events that a watcher reads from a chain, and their records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LevelKind(StrEnum):
    """Kind of an asset's level whose change is an event."""

    PRICE = "PRICE"
    """Price in the settlement token at the last rebalance or handled price move."""

    WINDOW = "WINDOW"
    """Claimable deposits that were handled."""

    MATURITY = "MATURITY"
    """Claimable redemptions that were handled."""


@dataclass(frozen=True, slots=True)
class BlockCursor:
    """A block: its number and its hash."""

    number: int
    block_hash: str


@dataclass(frozen=True, slots=True)
class Deposit:
    """Deposit read from a log; `amount` in base units of the settlement token."""

    block: BlockCursor
    log_index: int
    amount: int


@dataclass(frozen=True, slots=True)
class DepositScan:
    """Deposits in a range of blocks, as one node returned them.

    `parent_hash` is the hash of the block before the range, so that ranges can be joined.
    """

    parent_hash: str
    last: BlockCursor
    found: tuple[Deposit, ...]


@dataclass(frozen=True, slots=True)
class RecordedDeposit:
    """Stored deposit."""

    deposit_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Level:
    """Level of an asset, by the asset's symbol."""

    kind: LevelKind
    asset: str
    value: int


@dataclass(frozen=True, slots=True)
class KnownLevel:
    """Stored level, and the time since which it holds."""

    value: int
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Handled:
    """Events passed to a run: deposits, and the levels from which later changes are measured."""

    deposits: tuple[int, ...] = ()
    levels: tuple[Level, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.deposits or self.levels)
