"""Formulas of `keepers.planning.weights` in the arithmetic of a contract.

Every number is checked to fit into 256 bits; only `mul_div` and `product` use more internally.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from keepers.model.weights import AssetHolding, SettlementHolding, Spend, WeightsRequest

WHOLE = 10_000
SLIPPAGE = 10_000
PRICE_DECIMALS = 8


def word(number: int) -> int:
    assert 0 <= number < 2**256, number
    return number


def mul_div(left: int, right: int, divisor: int) -> int:
    return word(word(left) * word(right) // word(divisor))


def product(left: int, right: int) -> int:
    """Return a product of 512 bits, which a contract holds and compares as two words."""
    return word(left) * word(right)


def unit_price(holding: SettlementHolding | AssetHolding) -> int:
    feed = holding.price * 10**PRICE_DECIMALS
    assert feed.denominator == 1
    return word(int(feed) * 10 ** (18 - holding.decimals))


def whole(number: Fraction | int) -> int:
    assert Fraction(number).denominator == 1
    return int(number)


@dataclass
class Contract:
    """Trades of one request, in base units by symbol."""

    request: WeightsRequest
    sold: dict[str, int] = field(default_factory=dict[str, int])
    received: dict[str, int] = field(default_factory=dict[str, int])
    paid: dict[str, int] = field(default_factory=dict[str, int])
    bought: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        self.settlement = self.request.portfolio.settlement
        self.assets = sorted(self.request.portfolio.assets, key=lambda asset: asset.symbol)
        self.held = {asset.symbol: asset.quantity for asset in self.assets}
        self.cash = self.settlement.quantity
        self.price = {asset.symbol: unit_price(asset) for asset in self.assets}
        self.cash_price = unit_price(self.settlement)
        scale = 10 ** (18 + PRICE_DECIMALS)
        self.minimum = word(whole(self.request.minimum_trade * scale))
        self.aim = whole(self.settlement.target or 0)

    def value(self, asset: AssetHolding) -> int:
        return word(self.held[asset.symbol] * self.price[asset.symbol])

    def cash_value(self) -> int:
        return word(self.cash * self.cash_price)

    def total(self) -> int:
        return word(sum(self.value(asset) for asset in self.assets) + self.cash_value())

    def deviation(self) -> int:
        total = self.total()
        pairs = [(self.value(asset), whole(asset.target)) for asset in self.assets]
        if self.settlement.target is not None:
            pairs.append((self.cash_value(), self.aim))
        return word(sum(abs(WHOLE * value - target * total) for value, target in pairs))

    def run(self) -> str | None:
        """Make all trades; return the reason of the revert, or None."""
        total, deviation, cash = self.total(), self.deviation(), self.cash_value()
        self.sell(self.request.sell)
        gaps = dict(self.gaps())
        needed, budget = word(sum(gaps.values())), self.budget(cash)
        for asset in self.assets:
            if budget and asset.symbol in gaps:
                allocation = mul_div(gaps[asset.symbol], min(budget, needed), needed) // WHOLE
                self.buy(asset, allocation)
        limit = self.request.maximum_loss
        if limit is not None and WHOLE * (total - self.total()) > whole(limit) * total:
            return "MaxTotalValueLoss"
        improved = product(self.deviation(), total) < product(deviation, self.total())
        return None if improved else "NotImproved"

    def sell(self, given: object) -> None:
        total, cash = self.total(), self.cash
        for asset in self.assets:
            price = self.price[asset.symbol]
            quantity = (self.request.sell or {}).get(asset.symbol, 0)
            if given is None:
                above = max(0, WHOLE * self.value(asset) - whole(asset.target) * total)
                quantity = word(above) // word(WHOLE * price)
                quantity = 0 if word(quantity * price) < self.minimum else quantity
            if quantity:
                kept = SLIPPAGE - whole(asset.sell_slippage * SLIPPAGE)
                received = mul_div(quantity * price, kept, SLIPPAGE * self.cash_price)
                self.sold[asset.symbol], self.received[asset.symbol] = quantity, received
                cash += received
        for symbol, quantity in self.sold.items():
            self.held[symbol] = word(self.held[symbol] - quantity)
        self.cash = cash

    def gaps(self) -> Iterable[tuple[str, int]]:
        total = self.total()
        for asset in self.assets:
            gap = word(whole(asset.target) * total) - word(WHOLE * self.value(asset))
            if gap > 0 and asset.symbol not in self.sold:
                yield asset.symbol, gap

    def budget(self, before: int) -> int:
        held, aim = word(WHOLE * self.cash_value()), word(self.aim * self.total())
        if self.request.spend is Spend.SURPLUS:
            return max(0, held - aim)
        return max(0, held - WHOLE * before - max(0, aim - WHOLE * before))

    def buy(self, asset: AssetHolding, allocation: int) -> None:
        paid = allocation // self.cash_price
        if allocation < self.minimum or not paid:
            return
        dearer = SLIPPAGE + whole(asset.buy_slippage * SLIPPAGE)
        divisor = word(self.price[asset.symbol] * dearer)
        bought = mul_div(word(paid * self.cash_price), SLIPPAGE, divisor)
        self.paid[asset.symbol], self.bought[asset.symbol] = paid, bought
        self.cash = word(self.cash - paid)
        self.held[asset.symbol] += bought
