"""Tradable positions of a vault, and the holdings that a plan leaves out."""

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
"""How long nothing is sold that the chain has refused to sell; others are sold instead."""

BARRED_RUNS = 8
"""Newest runs in which such a refusal counts."""

MARKED = (
    "it is marked down, and deposits are closed, until a configurator lifts the mark with liftMark"
)
LOW = (
    "its rate is below the least rate, and deposits are closed, until it is back, or a guardian "
    "marks the holding down with markDown"
)
TOO_SMALL = "every part of it is too small"
REFUSED_BY_CHAIN = "the chain would refuse it: "
"""How the reason begins why an action was dropped from a plan when it was simulated."""


@dataclass(frozen=True, slots=True)
class Offers:
    """The positions of a vault with what each can give and take.

    Attributes:
        positions: All of them; one that is left out has no room.
        left_out: Which are left out, and why.
        less: Which are sold in a smaller part than a plan wants, and why.
    """

    positions: tuple[AssetPosition, ...]
    left_out: tuple[LeftOut, ...] = field(default=())
    less: Mapping[str, str] = field(default_factory=dict[str, str])

    def without(self, more: Iterable[LeftOut]) -> Offers:
        """Return the same with more of them left out."""
        added = tuple(each for each in more if each not in self.left_out)
        positions = tuple(_closed(each, added) for each in self.positions)
        return replace(self, positions=positions, left_out=(*self.left_out, *added))

    def is_less(self, asset: str) -> bool:
        """Return whether an asset is sold in a smaller part, as a limit admits no more."""
        return asset in self.less

    def with_less(self, asset: str, amount: int, reason: str | None = None) -> Offers:
        """Return the same with so much to be sold of an asset at most; a reason is told."""
        positions = tuple(
            replace(each, exit_liquidity=min(each.exit_liquidity, amount))
            if each.asset == asset
            else each
            for each in self.positions
        )
        less = self.less if reason is None else {**self.less, asset: reason}
        return replace(self, positions=positions, less=less)

    def towards(self, plan: TierPlan) -> Offers:
        """Return the same for a plan, in which nobody takes the share of one that cannot be bought.

        What is for a holding that is left out stays where it is, rather than lift the others above
        their targets. Nor does a trade inside a tier lift anything above its target.
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
    """Return what can be traded of a snapshot, whatever was refused before."""
    rooms = await ports.market.room(snapshot.positions, snapshot.block_number)
    return offers_in(snapshot, rooms)


def offers_in(snapshot: VaultSnapshot, rooms: Sequence[TradingRoom]) -> Offers:
    """Return what can be traded of a snapshot, by what the market admits for each position."""
    total = sum(snapshot.tier_values)
    pairs = list(zip(snapshot.positions, rooms, strict=True))
    whole = Offers(tuple(tradable(position, room, total) for position, room in pairs))
    found = [each for position, room in pairs for each in left_out_of(position, room)]
    return whole.without(found)


def reasons_untradable(plan: TierPlan, offers: Offers, minimum: int) -> tuple[str, ...]:
    """Return why no order serves any leg of a plan; nothing where an order does.

    Args:
        plan: The plan, with at least one leg.
        offers: What can be traded now.
        minimum: The smallest order in settlement base units.
    """
    if plan_orders(plan.actions, offers.towards(plan).positions, minimum).orders:
        return ()
    tiers = {tier for leg in plan.actions for tier in (leg.from_tier, leg.to_tier)}
    concerned = {each.asset for each in offers.positions if each.tier in tiers}
    reasons = [each.text for each in offers.left_out if each.asset in concerned]
    return tuple(dict.fromkeys(reasons)) or (TOO_SMALL,)


async def has_replacement(ports: TierRunDependencies, record: RunRecord) -> bool:
    """Return whether a tier of which a run could not sell something has something else to sell."""
    snapshot = await ports.chain.snapshot()
    offers = (await offers_of(ports, snapshot)).without(barred(ports, snapshot))
    tiers = {each.trade.tier for each in record.steps if is_refused_sale(each)}
    return any(each.tier in tiers and each.exit_liquidity > 0 for each in offers.positions)


def left_out_of(position: VaultPosition, room: TradingRoom) -> Iterator[LeftOut]:
    """Yield why a position is left out, in which direction; nothing where it can be traded."""
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
    """Sales that the chain has refused in the simulation of a recent run."""
    held = {each.symbol for each in snapshot.positions}
    for record in ports.store.runs(ports.vault, BARRED_RUNS):
        if ports.clock.now() - record.run.started_at > BARRED_FOR:
            return
        for step in record.steps:
            if is_refused_sale(step) and step.step.symbol in held:
                yield LeftOut(step.step.symbol, step.error or "", OrderKind.SALE)


def is_refused_sale(step: StepRecord) -> bool:
    """Return whether a step is an urgent sale that was dropped, since the chain would refuse it."""
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
