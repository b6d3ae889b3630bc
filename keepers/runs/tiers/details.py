"""What the journal keeps of a plan, for reports: amounts are strings of base units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keepers.model.json_document import Json
from keepers.model.left_out import LeftOut, short
from keepers.model.order import OrderList
from keepers.model.vault import TierBand, VaultPosition, VaultSnapshot
from keepers.runs.tiers.action import Action


def plan_detail(
    snapshot: VaultSnapshot,
    document: dict[str, Json],
    actions: Sequence[Action],
    orders: OrderList,
    left_out: Sequence[LeftOut] = (),
) -> dict[str, Any]:
    """The result of the plan stage."""
    return {
        "settlement": {
            "symbol": snapshot.settlement_symbol,
            "decimals": snapshot.settlement_decimals,
        },
        "snapshot": snapshot_detail(snapshot),
        "plan": document,
        "orders": [order_detail(action) for action in actions],
        "shortfalls": [
            {"leg": each.leg, "kind": str(each.kind), "amount": str(each.amount)}
            for each in orders.shortfalls
        ],
        "left_out": [left_out_detail(each) for each in left_out],
    }


def left_out_detail(found: LeftOut) -> dict[str, Any]:
    """A holding that a plan leaves out, and why; both directions where none is named."""
    return {
        "asset": found.asset,
        "kind": None if found.kind is None else str(found.kind),
        "reason": short(found.reason),
    }


def snapshot_detail(snapshot: VaultSnapshot) -> dict[str, Any]:
    """A vault at a block."""
    return {
        "block_number": snapshot.block_number,
        "block_hash": snapshot.block_hash,
        "at": snapshot.at.isoformat(),
        "total_assets": str(snapshot.total_assets),
        "total_supply": str(snapshot.total_supply),
        "tier_values": [str(value) for value in snapshot.tier_values],
        "bands": [_band(band) for band in snapshot.bands],
        "positions": [position_detail(each) for each in snapshot.positions],
        "redemptions_due": str(snapshot.redemptions_due),
        "paused": snapshot.paused,
        "keeper": snapshot.keeper,
        "keeper_balance_wei": str(snapshot.keeper_balance_wei),
    }


def position_detail(position: VaultPosition) -> dict[str, Any]:
    """One holding."""
    return {
        "tier": position.tier,
        "asset": position.asset,
        "symbol": position.symbol,
        "decimals": position.decimals,
        "kind": position.kind.name,
        "venue": position.venue,
        "maximum_loss_bps": position.maximum_loss_bps,
        "cap_bps": position.cap_bps,
        "target_bps": position.target_bps,
        "balance": str(position.balance),
        "value": str(position.value),
        "problem": None if position.problem is None else short(position.problem),
    }


def order_detail(action: Action) -> dict[str, Any]:
    """One call to make."""
    step = action.step
    return {
        "index": step.index,
        "kind": step.kind,
        "method": action.order.method,
        "tier": step.tier,
        "asset": step.asset,
        "symbol": step.symbol,
        "leg": action.order.leg,
        "quantity": None if action.order.quantity is None else str(action.order.quantity),
        "amount": str(step.amount),
        "amount_in": str(step.amount_in),
        "quoted_out": str(step.quoted_out),
        "minimum_out": str(step.minimum_out),
        "estimated_slippage_bps": step.estimated_slippage_bps,
        "priority": step.priority,
        "depends_on": list(step.depends_on),
        "funding": [str(amount) for amount in action.order.funding],
        "deadline": action.deadline.isoformat(),
        "reason": step.reason,
    }


def _band(band: TierBand) -> dict[str, int]:
    return {
        "minimum_bps": band.minimum_bps,
        "target_bps": band.target_bps,
        "maximum_bps": band.maximum_bps,
    }
