"""Trades of one portfolio, with their positions, quotes and minimum outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.model.left_out import LeftOut
from keepers.model.order import Order, OrderKind
from keepers.model.step import TradeStep
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.model.weights_run import Constituent, PortfolioState, Swap
from keepers.planning.tiers.legs import DEPLOYMENT
from keepers.runs.amounts import bps_text, minimum_output
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.quotes import Indexed, Quoted, quoted
from keepers.runs.tiers.tier_plan import METHODS
from keepers.runs.weights.dependencies import WeightRunDependencies


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade; `amount` is in units of the input token (settlement base units for a purchase)."""

    indexed: Indexed
    constituent: Constituent
    amount: int


@dataclass(frozen=True, slots=True)
class TradeBuilder:
    """Builds the trades of one portfolio at one block."""

    ports: WeightRunDependencies
    snapshot: VaultSnapshot
    portfolio: PortfolioState
    deadline: datetime

    def listed(self, kind: OrderKind, amounts: Mapping[str, int], sales: int = 0) -> list[Trade]:
        """Return trades in portfolio order, which is the execution order.

        Args:
            kind: Sales or purchases.
            amounts: Input amount by asset.
            sales: Number of sales before the purchases.
        """
        chosen = [each for each in self.portfolio.constituents if amounts.get(each.asset)]
        return [
            Trade(
                self._indexed(kind, each, amounts[each.asset], (place, sales)),
                each,
                amounts[each.asset],
            )
            for place, each in enumerate(chosen, sales)
        ]

    async def quoted(self, trades: Sequence[Trade]) -> Mapping[int, Quoted]:
        """Return the quote of each trade by index; a failed quote carries its problem."""
        if not trades:
            return {}
        amounts = [each.amount for each in trades]
        listed = [each.indexed for each in trades]
        return await quoted(self.ports.runs, listed, amounts, self.snapshot.block_number)

    def slippages(
        self, trades: Sequence[Trade], found: Mapping[int, Quoted]
    ) -> dict[str, Fraction]:
        """Return the quotes' losses against the verifier's prices, as used by the planner."""
        cash = self.portfolio.cash_price
        losses: dict[str, Fraction] = {}
        for each in trades:
            out, price = found[each.indexed.index].quote.out, each.constituent.price
            if each.indexed.order.kind is OrderKind.SALE:
                losses[each.constituent.asset] = 1 - Fraction(out * cash, each.amount * price)
            elif out:
                losses[each.constituent.asset] = Fraction(each.amount * cash, out * price) - 1
        return losses

    async def swaps(
        self, trades: Sequence[Trade], found: Mapping[int, Quoted]
    ) -> list[tuple[Action, Swap]]:
        """Return the trades with minimum outputs, and their terms in the call."""
        return [await self._swap(each, found[each.indexed.index]) for each in trades]

    async def _swap(self, trade: Trade, found: Quoted) -> tuple[Action, Swap]:
        order, position = trade.indexed.order, trade.indexed.position
        tolerance = self.ports.runs.policy.minimum_output_tolerance_bps
        minimum = minimum_output(found.quote.out, tolerance)
        if order.kind is OrderKind.PURCHASE:
            # The sales may bring less by the same tolerance, which reduces the payment.
            minimum = minimum_output(minimum, tolerance)
        data = await self.ports.runs.market.terms(
            order.kind, position, amount_in=trade.amount, deadline=self.deadline
        )
        step = TradeStep(
            index=trade.indexed.index,
            kind=str(order.kind),
            tier=position.tier,
            asset=position.asset,
            symbol=position.symbol,
            amount=order.amount,
            amount_in=trade.amount,
            quoted_out=found.quote.out,
            minimum_out=minimum,
            priority=order.priority,
            depends_on=order.depends_on,
            reason=order.reason,
            target=self.portfolio.judge,
            calldata=f"0x{data.hex()}",
            estimated_slippage_bps=bps_text(found.quote.slippage_bps),
        )
        swap = Swap(asset=position.asset, minimum_out=minimum, data=data)
        return Action(step, order, position, self.deadline, found.impact_bps), swap

    def _indexed(
        self, kind: OrderKind, constituent: Constituent, amount: int, place: tuple[int, int]
    ) -> Indexed:
        index, sales = place
        position = self._position(constituent)
        is_sale = kind is OrderKind.SALE
        value = amount * constituent.price // self.portfolio.cash_price if is_sale else amount
        order = Order(
            kind=kind,
            asset=position.symbol,
            tier=self.portfolio.tier,
            method=METHODS[position.kind],
            amount=value,
            quantity=amount if is_sale else None,
            priority=DEPLOYMENT,
            leg=0,
            depends_on=() if is_sale else tuple(range(sales)),
            reason="above its target weight" if is_sale else "below its target weight",
        )
        return Indexed(index, order, position)

    def _position(self, constituent: Constituent) -> VaultPosition:
        return next(
            each
            for each in self.snapshot.positions
            if (each.tier, each.asset) == (self.portfolio.tier, constituent.asset)
        )


def unquoted(trades: Sequence[Trade], found: Mapping[int, Quoted]) -> Iterator[tuple[str, LeftOut]]:
    """Yield the trades without a quote, by asset."""
    for each in trades:
        problem, order = found[each.indexed.index].quote.problem, each.indexed.order
        if problem is not None:
            yield each.constituent.asset, LeftOut(order.asset, problem, order.kind)
