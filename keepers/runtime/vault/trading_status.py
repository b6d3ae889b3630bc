"""What of a vault can be traded now: holdings that are left out, limits, and when a plan passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from keepers.chain.plans.vault import VaultPlans
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.snapshot import VaultChain
from keepers.model.json_document import Json
from keepers.model.left_out import LeftOut, short
from keepers.model.limits import KeeperLimits, Limit
from keepers.model.numerals import format_units
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.tier_plan import AUTO, TierPlan
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.reports.vault_status import limit_document
from keepers.runs.tiers.offers import left_out_of
from keepers.runs.tiers.request import request_of
from keepers.runs.tiers.tier_plan import plan_of


@dataclass(frozen=True, slots=True)
class Trading:
    """What can be traded.

    Attributes:
        left_out: Holdings that no plan trades, and why.
        planned: What planned purchases of each asset may spend, by symbol.
    """

    left_out: tuple[LeftOut, ...] = ()
    planned: Mapping[str, Limit] | None = None


async def read_trading(chain: VaultChain, snapshot: VaultSnapshot) -> Trading:
    """Ask the market and the controller about every holding of a snapshot."""
    market = VaultMarket(chain.node, chain.addresses, chain.reads)
    rooms = await market.room(snapshot.positions, snapshot.block_number)
    pairs = zip(snapshot.positions, rooms, strict=True)
    left_out = tuple(each for position, room in pairs for each in left_out_of(position, room))
    plans = VaultPlans(chain.node, chain.addresses.controller)
    limits = await plans.limits([each.asset for each in snapshot.positions])
    symbols = (each.symbol for each in snapshot.positions)
    return Trading(left_out, dict(zip(symbols, limits, strict=True)))


def trading_document(
    snapshot: VaultSnapshot,
    config: TierConfig,
    trading: Trading,
    keepers: Sequence[KeeperLimits],
) -> dict[str, Json]:
    """The part of `ballast status` that says what cannot be traded, and when what can passes."""
    planned = trading.planned or {}
    return {
        "left_out": [_left_out(each) for each in trading.left_out],
        "planned_limits": [
            {"asset": symbol, **limit_document(limit, snapshot.settlement_decimals, snapshot.at)}
            for symbol, limit in planned.items()
        ],
        "plan": _plan(snapshot, config, planned, keepers),
    }


def _left_out(found: LeftOut) -> Json:
    kind = None if found.kind is None else str(found.kind)
    return {
        "asset": found.asset,
        "kind": kind,
        "reason": short(found.reason),
        "text": found.text,
    }


def _plan(
    snapshot: VaultSnapshot,
    config: TierConfig,
    planned: Mapping[str, Limit],
    keepers: Sequence[KeeperLimits],
) -> Json:
    """What would be bought now, how many approvals it takes, and when limits admit it."""
    plan = plan_of(request_of(snapshot, config, AUTO, weekly=False).canonical(), snapshot).plan
    buys = sum(each.amount for each in plan.actions if each.to_tier is not Tier.L1)
    approvals = plan.approval.required
    if not buys:
        return None
    if approvals:
        waits = list(_waits_of_assets(plan, snapshot.positions, planned))
    else:
        waits = [_soonest(each.automatic.wait_for(buys) for each in keepers)]
    known = [each for each in waits if each is not None]
    passes_at = snapshot.at + max(known, default=timedelta()) if len(known) == len(waits) else None
    return {
        "buys": format_units(buys, snapshot.settlement_decimals),
        "approvals": approvals,
        "passes_at": None if passes_at is None else passes_at.isoformat(),
    }


def _waits_of_assets(
    plan: TierPlan, positions: Sequence[VaultPosition], planned: Mapping[str, Limit]
) -> Iterator[timedelta | None]:
    """How long until each asset's limit admits its share of what a plan puts into its tier."""
    for leg in plan.actions:
        inside = [each for each in positions if each.tier == leg.to_tier]
        weights = sum(each.target_bps for each in inside)
        for each in inside:
            if weights and each.target_bps and each.symbol in planned:
                yield planned[each.symbol].wait_for(leg.amount * each.target_bps // weights)


def _soonest(waits: Iterator[timedelta | None]) -> timedelta | None:
    return min((each for each in waits if each is not None), default=None)
