"""Liquidity tiers, and the configuration of a tiered vault by its owners."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, TypeAlias

from keepers.model.errors import InputError
from keepers.model.money import WHOLE_BPS, BasisPoints, format_exact


class Tier(IntEnum):
    """Liquidity tier, numbered as in the contracts."""

    L1 = 0
    """Cash: idle settlement token in the vault."""
    L2 = 1
    """Money market."""
    L3 = 2
    """High yield."""


TierValues: TypeAlias = tuple[int, int, int]
"""Value per tier in base units of the settlement token, indexed by `Tier`."""

EVERY_TIER = frozenset(Tier)
NO_TIER: frozenset[Tier] = frozenset()


def per_tier(values: Iterator[int]) -> TierValues:
    """Collect three numbers: L1, L2 and L3 in this order."""
    first, second, third = values
    return first, second, third


DEFAULT_AMOUNTS: Mapping[str, int] = {
    "rebalance_min_amount": 10_000,
    "rebalance_review_threshold": 10_000,
    "rebalance_approval_threshold": 50_000,
    "rebalance_multisig_threshold": 200_000,
    "event_subscription_amount": 100_000,
}
"""Default amounts in whole settlement tokens."""


@dataclass(frozen=True, slots=True)
class Band:
    """Target of a tier and its limits, in basis points of the vault."""

    minimum: BasisPoints
    target: BasisPoints
    maximum: BasisPoints


@dataclass(frozen=True, slots=True, kw_only=True)
class TierConfig:
    """Targets, bands, triggers and thresholds; each field is a rulebook variable in lower case.

    Amounts are in base units of the settlement token, everything else in basis points.

    Raises:
        InputError: Targets do not sum to 100 %, a target is outside its band, or the redemption
            coverage is 0; the error's field is the variable's name.
    """

    rebalance_min_amount: int
    """Minimum amount of a leg; smaller legs are dropped."""
    rebalance_review_threshold: int
    """Total from which a plan without approval is reviewed afterwards."""
    rebalance_approval_threshold: int
    """Total above which a plan needs one approval."""
    rebalance_multisig_threshold: int
    """Total above which a plan needs two approvals."""
    event_subscription_amount: int
    """Amount above which a subscription is an event."""

    l1_target_ratio: BasisPoints = 1_000
    l2_target_ratio: BasisPoints = 3_000
    l3_target_ratio: BasisPoints = 6_000
    l1_min_ratio: BasisPoints = 500
    l1_max_ratio: BasisPoints = 2_000
    l2_min_ratio: BasisPoints = 2_000
    l2_max_ratio: BasisPoints = 4_000
    l3_min_ratio: BasisPoints = 5_000
    l3_max_ratio: BasisPoints = 7_000
    l1_low_ratio: BasisPoints = 800
    """Share below which L1 is refilled."""
    l1_high_ratio: BasisPoints = 1_500
    """Share above which L1 is deployed."""
    deviation_threshold: BasisPoints = 500
    """Deviation from target above which a tier is rebalanced."""
    redemption_coverage: BasisPoints = 8_000
    """Share of L1 and L2 that due redemptions may use before L3 is redeemed."""
    asset_concentration: BasisPoints = 2_500
    """Maximum share of the vault of one holding."""
    top3_concentration: BasisPoints = 6_000
    """Maximum share of the vault of the three largest holdings together."""
    event_price_move: BasisPoints = 500
    """Price change of a holding, up or down, above which it is an event."""

    def __post_init__(self) -> None:
        for tier in Tier:
            self._check_band(tier)
        total = sum(self.band(tier).target for tier in Tier)
        if total != WHOLE_BPS:
            names = "L1_TARGET_RATIO, L2_TARGET_RATIO and L3_TARGET_RATIO"
            problem = f"{names} sum to {format_exact(total)}, not to {WHOLE_BPS}"
            raise InputError("L1_TARGET_RATIO", problem)
        if self.redemption_coverage <= 0:
            raise InputError("REDEMPTION_COVERAGE", "must be above 0")

    def _check_band(self, tier: Tier) -> None:
        band, name = self.band(tier), tier.name
        target = f"{name}_TARGET_RATIO, {format_exact(band.target)}"
        if band.minimum > band.target:
            problem = f"{format_exact(band.minimum)} is above {target}"
            raise InputError(f"{name}_MIN_RATIO", problem)
        if band.target > band.maximum:
            problem = f"{format_exact(band.maximum)} is below {target}"
            raise InputError(f"{name}_MAX_RATIO", problem)

    @classmethod
    def for_token(
        cls,
        decimals: int,
        *,
        amounts: Mapping[str, int] | None = None,
        ratios: Mapping[str, BasisPoints] | None = None,
    ) -> "TierConfig":
        """Return the defaults for a settlement token, with the given overrides.

        Args:
            decimals: Decimals of the settlement token, which scale the default amounts.
            amounts: Amounts to override, in base units, by field name.
            ratios: Ratios to override, in basis points, by field name.
        """
        scaled = {name: whole * 10**decimals for name, whole in DEFAULT_AMOUNTS.items()}
        given: dict[str, Any] = {**scaled, **(amounts or {}), **(ratios or {})}
        return cls(**given)

    def band(self, tier: Tier) -> Band:
        """Return target and limits of a tier."""
        match tier:
            case Tier.L1:
                return Band(self.l1_min_ratio, self.l1_target_ratio, self.l1_max_ratio)
            case Tier.L2:
                return Band(self.l2_min_ratio, self.l2_target_ratio, self.l2_max_ratio)
            case Tier.L3:
                return Band(self.l3_min_ratio, self.l3_target_ratio, self.l3_max_ratio)


AMOUNT_FIELDS: tuple[str, ...] = tuple(DEFAULT_AMOUNTS)
"""Fields of `TierConfig` that are amounts of the settlement token."""

RATIO_FIELDS: tuple[str, ...] = tuple(
    field.name for field in fields(TierConfig) if field.name not in DEFAULT_AMOUNTS
)
"""Fields of `TierConfig` that are shares in basis points."""
