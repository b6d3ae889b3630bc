"""Draft plans for tests of the risk check: legs between tiers, and orders that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from keepers.model.limits import KeeperLimits, Limit, LossBudgets
from keepers.model.order import Order, OrderKind, OrderList
from keepers.model.risk import FeedHistory, FundRate, PriceRound, RiskEnvironment
from keepers.model.step import TradeStep
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import ActionType, Approval, TierAction, TierPlan
from keepers.model.vault import HoldingKind, TierBand, VaultPosition, VaultSnapshot
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.build_actions import TierRunPlan

NOW = datetime(2030, 6, 1, tzinfo=UTC)
UNIT = 10**6
PLENTY = Limit(10**18, 10**18, 86_400)
BAND = TierBand(minimum_bps=0, target_bps=3333, maximum_bps=10_000)
UP, DOWN, CASH_IN = (Tier.L2, Tier.L3), (Tier.L3, Tier.L2), (Tier.L2, Tier.L1)


def position(symbol: str, kind: HoldingKind = HoldingKind.ERC4626) -> VaultPosition:
    return VaultPosition(
        tier=1,
        asset=f"0x{symbol}",
        symbol=symbol,
        decimals=6,
        kind=kind,
        venue="0xvenue",
        target_bps=10_000,
        maximum_loss_bps=200,
        cap_bps=10_000,
        balance=1_000 * UNIT,
        value=1_000 * UNIT,
    )


def snapshot_of(*positions: VaultPosition, at: datetime = NOW) -> VaultSnapshot:
    return VaultSnapshot(
        chain_id=1,
        block_number=7,
        block_hash="0x7",
        at=at,
        vault="main",
        settlement_symbol="USDT",
        settlement_decimals=6,
        total_assets=3_000 * UNIT,
        total_supply=3_000 * UNIT,
        tier_values=(1_000 * UNIT, 1_000 * UNIT, 1_000 * UNIT),
        bands=(BAND, BAND, BAND),
        positions=positions,
        redemptions_due=0,
        paused=False,
        loss_budgets=LossBudgets(PLENTY, PLENTY),
        keeper="0xkeeper",
        keeper_limits=KeeperLimits("0xkeeper", PLENTY, PLENTY),
        keeper_balance_wei=10**18,
    )


@dataclass
class Draft:
    """Plan under construction, with its legs and actions."""

    legs: list[TierAction] = field(default_factory=list[TierAction])
    actions: list[Action] = field(default_factory=list[Action])

    def leg(self, tiers: tuple[Tier, Tier], priority: int = 3) -> int:
        giver, taker = tiers
        self.legs.append(
            TierAction(
                type=ActionType.TRANSFER,
                from_tier=giver,
                to_tier=taker,
                amount=1,
                priority=priority,
                reason="",
            )
        )
        return len(self.legs) - 1

    def add(
        self,
        kind: OrderKind,
        holding: VaultPosition,
        leg: int,
        *,
        amount: int = 100 * UNIT,
        depends_on: Sequence[int] = (),
        slippage_bps: str = "0",
        impact_bps: Fraction | None = None,
    ) -> int:
        index = len(self.actions)
        order = Order(
            kind=kind,
            asset=holding.symbol,
            tier=Tier.L2,
            method="SWAP",
            amount=amount,
            quantity=None,
            priority=self.legs[leg].priority,
            leg=leg,
            depends_on=tuple(depends_on),
            funding=(amount,) * len(depends_on),
            reason="",
        )
        step = TradeStep(
            index=index,
            kind=str(kind),
            tier=1,
            asset=holding.asset,
            symbol=holding.symbol,
            amount=amount,
            amount_in=amount,
            quoted_out=amount,
            minimum_out=amount,
            priority=order.priority,
            depends_on=order.depends_on,
            reason="",
            target="0xcontroller",
            calldata="0x",
            estimated_slippage_bps=slippage_bps,
        )
        self.actions.append(Action(step, order, holding, NOW, impact_bps))
        return index

    def planned(self, at: datetime = NOW) -> TierRunPlan:
        approval = Approval(required=0, deadline_hours=None, review_afterwards=False)
        plan = TierPlan(
            triggers=(),
            before=(0, 0, 0),
            actions=tuple(self.legs),
            after=(0, 0, 0),
            approval=approval,
            portfolios_due=(),
            unmet=(),
        )
        held = {each.position.symbol: each.position for each in self.actions}
        orders = OrderList(tuple(each.order for each in self.actions), ())
        ids = tuple(100 + each.step.index for each in self.actions)
        return TierRunPlan(
            snapshot_of(*held.values(), at=at), plan, orders, tuple(self.actions), ids
        )


def feed(symbol: str, *answers: int, reaches: bool = True) -> FeedHistory:
    """Return a feed with answers one minute apart, the newest last."""
    since = NOW - timedelta(hours=1)
    rounds = tuple(
        PriceRound(answer, NOW - timedelta(minutes=len(answers) - place))
        for place, answer in enumerate(answers)
    )
    return FeedHistory(
        token=f"0x{symbol}", symbol=symbol, since=since, rounds=rounds, reaches=reaches
    )


def rate(symbol: str, days: int, assets: int, shares: int = 10**9) -> FundRate:
    """Return the rate of a fund's shares a number of days ago."""
    return FundRate(
        vault="main",
        chain_id=1,
        asset=f"0x{symbol}",
        block_number=days,
        at=NOW - timedelta(days=days),
        assets=assets,
        shares=shares,
    )


@dataclass
class Readings:
    """Feeds, native token price and fund rates set by a test."""

    feeds: tuple[FeedHistory, ...] = ()
    coin_price: Fraction | None = None
    rates: list[FundRate] = field(default_factory=list[FundRate])
    asked: list[str] = field(default_factory=list[str])

    async def surroundings(
        self, snapshot: VaultSnapshot, positions: Sequence[VaultPosition], since: datetime
    ) -> RiskEnvironment:
        assert since == snapshot.at - timedelta(hours=1)
        self.asked.extend(each.symbol for each in positions)
        return RiskEnvironment(feeds=self.feeds, coin_price=self.coin_price)

    def record_rates(self, rates: Sequence[FundRate]) -> None:
        self.rates.extend(rates)

    def rates_since(self, vault: str, chain_id: int, since: datetime) -> tuple[FundRate, ...]:
        known = (each for each in self.rates if (each.vault, each.chain_id) == (vault, chain_id))
        return tuple(each for each in known if each.at >= since)
