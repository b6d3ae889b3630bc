"""Actions of a plan and their stored form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from keepers.model.chain import ContractCall
from keepers.model.json_document import Json, JsonObject
from keepers.model.left_out import LeftOut, short
from keepers.model.order import Order, OrderKind, OrderList
from keepers.model.run import RunRecord, Stage, StepRecord
from keepers.model.step import TradeStep
from keepers.model.tier_config import Tier, TierValues, per_tier
from keepers.model.vault import HoldingKind, TierBand, VaultPosition, VaultSnapshot
from keepers.runs.results import detail_of


@dataclass(frozen=True, slots=True)
class Action:
    """A step with the order and position it was made from.

    `impact_bps` is its price impact on its venue; None if there is none or it is unknown.
    """

    step: TradeStep
    order: Order
    position: VaultPosition
    deadline: datetime
    impact_bps: Fraction | None = None

    @property
    def call(self) -> ContractCall:
        """Return the call as planned."""
        return ContractCall(self.step.target, self.step.calldata)

    @property
    def title(self) -> str:
        """Return the display name, such as `purchase of WETH`."""
        kind = "purchase" if self.order.kind is OrderKind.PURCHASE else "sale"
        return f"{kind} of {self.step.symbol}"


def restored(record: RunRecord) -> tuple[Action, ...]:
    """Return the actions of a run's plan, in order, except those left to a later plan."""
    plan, risk = detail_of(record, Stage.PLAN), detail_of(record, Stage.RISK)
    assert plan is not None  # noqa: S101 - callers know that it was planned
    left_out = set[int]() if risk is None else {each["index"] for each in risk["waiting"]}
    orders = {each["index"]: each for each in plan["orders"]}
    positions = {each["asset"]: _position(each) for each in plan["snapshot"]["positions"]}
    return tuple(
        _action(each, orders[each.step.index], positions)
        for each in record.steps
        if each.step.index not in left_out
    )


def simulated_of(record: RunRecord) -> TierValues | None:
    """Return the tier values after the simulation, or None if no simulation passed."""
    detail = detail_of(record, Stage.SIMULATION)
    if detail is None or not detail["post_tier_values"]:
        return None
    return per_tier(int(value) for value in detail["post_tier_values"])


def _action(
    record: StepRecord, order: JsonObject, positions: Mapping[str, VaultPosition]
) -> Action:
    step = record.trade
    position = positions[step.asset]
    return Action(
        step,
        Order(
            kind=OrderKind(step.kind),
            asset=position.symbol,
            tier=Tier(step.tier),
            method=order["method"],
            amount=step.amount,
            quantity=None if order["quantity"] is None else int(order["quantity"]),
            priority=step.priority,
            leg=order["leg"],
            depends_on=step.depends_on,
            funding=tuple(int(amount) for amount in order["funding"]),
            reason=step.reason,
        ),
        position,
        datetime.fromisoformat(order["deadline"]),
    )


def _position(detail: JsonObject) -> VaultPosition:
    return VaultPosition(
        tier=detail["tier"],
        asset=detail["asset"],
        symbol=detail["symbol"],
        decimals=detail["decimals"],
        kind=HoldingKind[detail["kind"]],
        venue=detail["venue"],
        target_bps=detail["target_bps"],
        maximum_loss_bps=detail["maximum_loss_bps"],
        cap_bps=detail["cap_bps"],
        balance=int(detail["balance"]),
        value=int(detail["value"]),
    )


def plan_detail(
    snapshot: VaultSnapshot,
    document: dict[str, Json],
    actions: Sequence[Action],
    orders: OrderList,
    left_out: Sequence[LeftOut] = (),
) -> dict[str, Any]:
    """Return the detail of the plan stage."""
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
    """Return the stored form of a left-out holding; a kind of None means both directions."""
    return {
        "asset": found.asset,
        "kind": None if found.kind is None else str(found.kind),
        "reason": short(found.reason),
    }


def snapshot_detail(snapshot: VaultSnapshot) -> dict[str, Any]:
    """Return the stored form of a vault snapshot."""
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
    """Return the stored form of a holding."""
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
    """Return the stored form of an action's order."""
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
