"""The state of one vault at one block, as a keeper sees it.

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
    """By requests that an issuer settles later (ERC-7540); plans do not trade it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultPosition:
    """One holding of a tier: `balance` in asset units, `value` in settlement base units.

    `cap_bps` is the share of the vault that purchases may lift it to; 0 while it is `marked` down,
    or `low`: its rate is then below the least rate.
    `known` is whether `value` is right: not while its price cannot be read or believed.
    `problem` says why it is not; `value` is then an estimate, by what the controller's book has.
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
    """A tier's band on chain, in basis points of the vault's total."""

    minimum_bps: int
    target_bps: int
    maximum_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSnapshot:
    """One vault read in one multicall at one block.

    `keeper_limits` are those of `keeper`, None where none is named.
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
