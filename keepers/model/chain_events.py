"""Events that a watcher reads from a chain, and the records of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LevelKind(StrEnum):
    """Values of an asset whose change is an event."""

    PRICE = "PRICE"
    """Price in the settlement token, when the vault was rebalanced or a move was handled."""

    WINDOW = "WINDOW"
    """Deposits that can be claimed, and were handled."""

    MATURITY = "MATURITY"
    """Redemptions that can be claimed, and were handled."""


@dataclass(frozen=True, slots=True)
class BlockCursor:
    """A block: its number and its hash."""

    number: int
    block_hash: str


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit that a log tells of; `amount` in base units of the settlement token."""

    block: BlockCursor
    log_index: int
    amount: int


@dataclass(frozen=True, slots=True)
class DepositScan:
    """The deposits of a range of blocks, as one node had them.

    `parent_hash` is that of the block before the first one, so that ranges can be joined.
    """

    parent_hash: str
    last: BlockCursor
    found: tuple[Deposit, ...]


@dataclass(frozen=True, slots=True)
class RecordedDeposit:
    """A deposit as it is remembered."""

    deposit_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Level:
    """A value of an asset, by the asset's symbol."""

    kind: LevelKind
    asset: str
    value: int


@dataclass(frozen=True, slots=True)
class KnownLevel:
    """A level as it is remembered, and since when."""

    value: int
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Handled:
    """Events handed to a run: deposits, and the levels from which changes count then."""

    deposits: tuple[int, ...] = ()
    levels: tuple[Level, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.deposits or self.levels)
