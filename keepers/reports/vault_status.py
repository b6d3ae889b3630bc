"""JSON document of a vault's tiers and holdings, in exact decimal strings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from keepers.model.json_document import Json
from keepers.model.limits import KeeperLimits, Limit
from keepers.model.money import WHOLE_BPS, format_rounded, format_units
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.reports.amounts import period_text

RATIO_PLACES = 6


def status_document(
    snapshot: VaultSnapshot, config: TierConfig, keepers: Sequence[KeeperLimits] = ()
) -> dict[str, Json]:
    """Return the document shown by `ballast status`."""
    decimals = snapshot.settlement_decimals
    return {
        "vault": snapshot.vault,
        "chain_id": snapshot.chain_id,
        "block": {
            "number": snapshot.block_number,
            "hash": snapshot.block_hash,
            "at": snapshot.at.isoformat(),
        },
        "settlement": {"symbol": snapshot.settlement_symbol, "decimals": decimals},
        "total_assets": format_units(snapshot.total_assets, decimals),
        "redemptions_due": format_units(snapshot.redemptions_due, decimals),
        "paused": snapshot.paused,
        "layers": [layer_metrics(snapshot, config, tier) for tier in Tier],
        "holdings": [_holding(snapshot, position) for position in snapshot.positions],
        "limits": _limits(snapshot, keepers),
    }


def layer_metrics(snapshot: VaultSnapshot, config: TierConfig, tier: Tier) -> dict[str, Json]:
    """Return the `LayerMetrics` of a tier, as in the engine document; bounds are inclusive.

    For a vault without assets, whether it is within bounds is undefined.
    """
    value, total, band = snapshot.tier_values[tier], sum(snapshot.tier_values), config.band(tier)
    ratio = Fraction(value, total) if total else Fraction(0)
    target = Fraction(band.target) / WHOLE_BPS
    return {
        "tier": tier.name,
        "value": format_units(value, snapshot.settlement_decimals),
        "ratio": _ratio(ratio),
        "target": _ratio(target),
        "deviation": _ratio(ratio - target),
        "min": _ratio(Fraction(band.minimum) / WHOLE_BPS),
        "max": _ratio(Fraction(band.maximum) / WHOLE_BPS),
        "within_bounds": (
            band.minimum * total <= value * WHOLE_BPS <= band.maximum * total if total else None
        ),
    }


def usage_text(limit: Limit, decimals: int, unit: str) -> str:
    """Return the text of a limit's remaining amount and refill period."""
    left, maximum = (format_units(each, decimals) for each in (limit.available, limit.cap))
    return f"{left} of {maximum} {unit} left, refills in {period_text(limit.period_seconds)}"


def limit_document(limit: Limit, decimals: int, at: datetime) -> dict[str, Json]:
    """Return the document of a limit at a block.

    Args:
        limit: The limit.
        decimals: Decimals of the limit's unit.
        at: The block's time.

    Returns:
        The document; `full_at` is when the limit is full if unused, None if the limit is not set.
    """
    wait = limit.wait_for(limit.cap)
    full_at = at + wait if limit.is_set and wait is not None else None
    return {
        "cap": format_units(limit.cap, decimals),
        "available": format_units(limit.available, decimals),
        "period_seconds": limit.period_seconds,
        "full_at": None if full_at is None else full_at.isoformat(),
    }


def _limits(snapshot: VaultSnapshot, keepers: Sequence[KeeperLimits]) -> list[Json]:
    budgets = snapshot.loss_budgets
    named = [
        (what, keeper.keeper, limit)
        for keeper in keepers
        for what, limit in (
            ("AUTOMATIC", keeper.automatic),
            ("REDUCING", keeper.reducing),
            ("LOSS_REDUCING", keeper.reducing_loss),
        )
        if limit is not None
    ]
    named += [("LOSS_ADDING", None, budgets.adding)]
    named += [("LOSS_REDUCING", None, budgets.approved or budgets.reducing)]
    return [_limit(snapshot, *each) for each in named]


def _limit(snapshot: VaultSnapshot, what: str, keeper: str | None, limit: Limit) -> dict[str, Json]:
    document = limit_document(limit, snapshot.settlement_decimals, snapshot.at)
    return {"limit": what, "keeper": keeper, **document}


def _holding(snapshot: VaultSnapshot, position: VaultPosition) -> dict[str, Json]:
    inside = snapshot.tier_values[position.tier]
    weight = Fraction(position.value, inside) if inside else Fraction(0)
    return {
        "tier": Tier(position.tier).name,
        "symbol": position.symbol,
        "asset": position.asset,
        "kind": position.kind.name,
        "balance": format_units(position.balance, position.decimals),
        "value": format_units(position.value, snapshot.settlement_decimals),
        "weight": _ratio(weight),
        "target": _ratio(Fraction(position.target_bps, WHOLE_BPS)),
        "problem": position.problem,
        "marked_down": position.marked,
        "below_least_rate": position.low,
    }


def _ratio(ratio: Fraction) -> str:
    return format_rounded(ratio, RATIO_PLACES)
