"""State of one vault at one block.

Amounts are base units of the settlement token unless named otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from keepers.model.limits import KeeperLimits, LossBudgets


class HoldingKind(IntEnum):
    """Way in which a holding trades against the settlement token (`IPortfolio.Kind`)."""

    ERC4626 = 0
    VENUE = 1
    ASYNC = 2
    """By requests that the issuer settles later (ERC-7540); plans do not trade it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultPosition:
    """Holding of a tier: `balance` in asset units, `value` in settlement base units.

    `cap_bps` is the maximum share of the vault after a purchase; 0 while the holding is `marked`
    down, or `low` (its rate is below the minimum rate).
    `known` is false while its price cannot be read or trusted; `value` is then an estimate from the
    controller's book, and `problem` is the reason.
    """

    tier: int
    asset: str
    symbol: str
    decimals: int
    kind: HoldingKind
    venue: str
    target_bps: int
    maximum_loss_bps: int
    cap_bps: int
    balance: int
    value: int
    marked: bool = False
    low: bool = False
    known: bool = True
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierBand:
    """Band of a tier on chain, in basis points of the vault's total."""

    minimum_bps: int
    target_bps: int
    maximum_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSnapshot:
    """Snapshot of a vault, read in one multicall at one block.

    `keeper_limits` are the limits of `keeper`, None if no keeper is given.
    """

    chain_id: int
    block_number: int
    block_hash: str
    at: datetime
    vault: str
    settlement_symbol: str
    settlement_decimals: int
    total_assets: int
    total_supply: int
    tier_values: tuple[int, int, int]
    bands: tuple[TierBand, TierBand, TierBand]
    positions: tuple[VaultPosition, ...]
    redemptions_due: int
    paused: bool
    loss_budgets: LossBudgets
    keeper: str | None
    keeper_limits: KeeperLimits | None
    keeper_balance_wei: int
