"""Tradable positions of a vault, and the left-out holdings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from keepers.model.left_out import LeftOut
from keepers.model.order import AssetPosition, OrderKind, TradingRoom
from keepers.model.run import RunRecord, StepRecord, StepStatus
from keepers.model.tier_config import Tier, TierValues
from keepers.model.tier_plan import TierPlan
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.planning.orders.plan import plan_orders
from keepers.planning.tiers.legs import DEPLOYMENT
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.tier_plan import tradable

BARRED_FOR = timedelta(hours=1)
"""Period during which a sale refused by the chain is not retried; others are sold instead."""

BARRED_RUNS = 8
"""Number of newest runs searched for such refusals."""

MARKED = (
    "it is marked down, and deposits are closed, until a configurator removes the mark "
    "with liftMark"
)
LOW = (
    "its rate is below the minimum rate, and deposits are closed, until the rate "
    "recovers or a guardian marks the holding down with markDown"
)
TOO_SMALL = "every part of it is too small"
REFUSED_BY_CHAIN = "the chain would refuse it: "
"""Prefix of the reason for dropping an action that failed in simulation."""


@dataclass(frozen=True, slots=True)
class Offers:
    """The positions of a vault with their trading capacities.

    Attributes:
        positions: All positions; left-out ones have no capacity.
        left_out: The left-out holdings with reasons.
        less: Reasons for selling less than a plan requires, by asset.
    """

    positions: tuple[AssetPosition, ...]
    left_out: tuple[LeftOut, ...] = field(default=())
    less: Mapping[str, str] = field(default_factory=dict[str, str])

    def without(self, more: Iterable[LeftOut]) -> Offers:
        """Return these offers with more holdings left out."""
        added = tuple(each for each in more if each not in self.left_out)
        positions = tuple(_closed(each, added) for each in self.positions)
        return replace(self, positions=positions, left_out=(*self.left_out, *added))

    def is_less(self, asset: str) -> bool:
        """Return whether an asset's sale is reduced because of a limit."""
        return asset in self.less

    def with_less(self, asset: str, amount: int, reason: str | None = None) -> Offers:
        """Return these offers with a lower maximum sale of an asset; a reason is recorded."""
        positions = tuple(
            replace(each, exit_liquidity=min(each.exit_liquidity, amount))
            if each.asset == asset
            else each
            for each in self.positions
        )
        less = self.less if reason is None else {**self.less, asset: reason}
        return replace(self, positions=positions, less=less)

    def towards(self, plan: TierPlan) -> Offers:
        """Return these offers for a plan, with purchases capped at target where needed.

        The share of a holding that cannot be bought is not spread over the others, which would
        exceed their targets. A trade within a tier does not lift anything above its target either.
        """
        held_back = {
            each.tier for each in self.positions if each.target_weight and self._is_unbuyable(each)
        } | {each.to_tier for each in plan.actions if each.from_tier is each.to_tier}
        after = plan.after
        positions = tuple(
            _up_to_target(each, self.positions, after) if each.tier in held_back else each
            for each in self.positions
        )
        return replace(self, positions=positions)

    def _is_unbuyable(self, position: AssetPosition) -> bool:
        return any(
            each.asset == position.asset and each.closes(OrderKind.PURCHASE)
            for each in self.left_out
        )


async def offers_of(ports: TierRunDependencies, snapshot: VaultSnapshot) -> Offers:
    """Return the tradable positions of a snapshot, ignoring earlier refusals."""
    rooms = await ports.market.room(snapshot.positions, snapshot.block_number)
    return offers_in(snapshot, rooms)


def offers_in(snapshot: VaultSnapshot, rooms: Sequence[TradingRoom]) -> Offers:
    """Return the tradable positions of a snapshot, given the market's capacity for each."""
    total = sum(snapshot.tier_values)
    pairs = list(zip(snapshot.positions, rooms, strict=True))
    whole = Offers(tuple(tradable(position, room, total) for position, room in pairs))
    found = [each for position, room in pairs for each in left_out_of(position, room)]
    return whole.without(found)


def reasons_untradable(plan: TierPlan, offers: Offers, minimum: int) -> tuple[str, ...]:
    """Return why no order serves any leg of a plan; empty if an order does.

    Args:
        plan: The plan, with at least one leg.
        offers: The positions tradable now.
        minimum: The smallest order in settlement base units.
    """
    if plan_orders(plan.actions, offers.towards(plan).positions, minimum).orders:
        return ()
    tiers = {tier for leg in plan.actions for tier in (leg.from_tier, leg.to_tier)}
    concerned = {each.asset for each in offers.positions if each.tier in tiers}
    reasons = [each.text for each in offers.left_out if each.asset in concerned]
    return tuple(dict.fromkeys(reasons)) or (TOO_SMALL,)


async def has_replacement(ports: TierRunDependencies, record: RunRecord) -> bool:
    """Return whether a tier with a refused sale has another holding to sell."""
    snapshot = await ports.chain.snapshot()
    offers = (await offers_of(ports, snapshot)).without(barred(ports, snapshot))
    tiers = {each.trade.tier for each in record.steps if is_refused_sale(each)}
    return any(each.tier in tiers and each.exit_liquidity > 0 for each in offers.positions)


def left_out_of(position: VaultPosition, room: TradingRoom) -> Iterator[LeftOut]:
    """Yield the reasons why a position is left out, by direction; none if it is tradable."""
    if position.marked:
        yield LeftOut(position.symbol, MARKED, OrderKind.PURCHASE)
    if position.low:
        yield LeftOut(position.symbol, LOW, OrderKind.PURCHASE)
    if position.problem is not None:
        yield LeftOut(position.symbol, position.problem)
    elif room.no_exit is not None and room.no_exit == room.no_entry:
        yield LeftOut(position.symbol, room.no_exit)
    else:
        if room.no_exit is not None:
            yield LeftOut(position.symbol, room.no_exit, OrderKind.SALE)
        if room.no_entry is not None:
            yield LeftOut(position.symbol, room.no_entry, OrderKind.PURCHASE)


def barred(ports: TierRunDependencies, snapshot: VaultSnapshot) -> Iterator[LeftOut]:
    """Yield sales that the chain refused in the simulation of a recent run."""
    held = {each.symbol for each in snapshot.positions}
    for record in ports.store.runs(ports.vault, BARRED_RUNS):
        if ports.clock.now() - record.run.started_at > BARRED_FOR:
            return
        for step in record.steps:
            if is_refused_sale(step) and step.step.symbol in held:
                yield LeftOut(step.step.symbol, step.error or "", OrderKind.SALE)


def is_refused_sale(step: StepRecord) -> bool:
    """Return whether a step is an urgent sale dropped because the chain would refuse it."""
    refused = step.status is StepStatus.SKIPPED and (step.error or "").startswith(REFUSED_BY_CHAIN)
    return refused and step.step.kind == OrderKind.SALE and step.step.priority < DEPLOYMENT


def _closed(position: AssetPosition, left_out: Sequence[LeftOut]) -> AssetPosition:
    mine = [each for each in left_out if each.asset == position.asset]
    if any(each.closes(OrderKind.SALE) for each in mine):
        position = replace(position, exit_liquidity=0)
    if any(each.closes(OrderKind.PURCHASE) for each in mine):
        position = replace(position, cap=0)
    return position


def _up_to_target(
    position: AssetPosition, positions: Sequence[AssetPosition], after: TierValues
) -> AssetPosition:
    weights = sum(each.target_weight for each in positions if each.tier is position.tier)
    share = int(after[Tier(position.tier)] * position.target_weight / weights) if weights else 0
    return replace(position, cap=share if position.cap is None else min(position.cap, share))
