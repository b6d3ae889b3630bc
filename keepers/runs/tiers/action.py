"""One action of a plan while the run lasts, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.model.chain import ContractCall
from keepers.model.json_document import JsonObject
from keepers.model.order import Order, OrderKind
from keepers.model.run import RunRecord, Stage, StepRecord
from keepers.model.step import TradeStep
from keepers.model.tier_config import Tier, TierValues, per_tier
from keepers.model.vault import HoldingKind, VaultPosition
from keepers.runs.results import detail_of


@dataclass(frozen=True, slots=True)
class Action:
    """A step together with what it was made from.

    `impact_bps` is how far it moves the price in its venue, None where there is none or it is not
    known.
    """

    step: TradeStep
    order: Order
    position: VaultPosition
    deadline: datetime
    impact_bps: Fraction | None = None

    @property
    def call(self) -> ContractCall:
        """The call as planned."""
        return ContractCall(self.step.target, self.step.calldata)

    @property
    def title(self) -> str:
        """For people: `purchase of WETH`."""
        kind = "purchase" if self.order.kind is OrderKind.PURCHASE else "sale"
        return f"{kind} of {self.step.symbol}"


def restored(record: RunRecord) -> tuple[Action, ...]:
    """The actions of a run's plan that were not left to a later one, in its order."""
    plan, risk = detail_of(record, Stage.PLAN), detail_of(record, Stage.RISK)
    assert plan is not None  # noqa: S101 - who asks knows that it was planned
    left_out = set[int]() if risk is None else {each["index"] for each in risk["waiting"]}
    orders = {each["index"]: each for each in plan["orders"]}
    positions = {each["asset"]: _position(each) for each in plan["snapshot"]["positions"]}
    return tuple(
        _action(each, orders[each.step.index], positions)
        for each in record.steps
        if each.step.index not in left_out
    )


def simulated_of(record: RunRecord) -> TierValues | None:
    """The tiers as the simulation left them, if there was one that passed."""
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
