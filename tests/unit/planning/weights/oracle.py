"""Independent implementation of the weights rule from its text: in whole tokens and weights.

It shares no code with the planner. It never scales a value, divides wherever the text does, finds
roundings by search, and prints numbers by long division.
"""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any, cast

Numbers = dict[str, Fraction]


def text_of(number: Fraction, places: int = 18, *, always: bool = False) -> str:
    """Return a number in full if its decimals are finite, else (or always) rounded."""
    with localcontext() as context:
        context.prec = 4000
        ends = (10**1000 * number).denominator == 1
        decimal = Decimal(number.numerator) / Decimal(number.denominator)
        if always or not ends:
            decimal = decimal.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
        text = f"{decimal:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def largest_at_most(number: Fraction, unit: Fraction) -> Fraction:
    """Return the largest multiple of a unit up to a number, by doubling and halving."""
    step, found = unit, Fraction(0)
    while step <= number:
        step *= 2
    while step >= unit:
        if found + step <= number:
            found += step
        step /= 2
    return found


class Oracle:
    """Expected answer to one planning file, without its id."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.settlement = document["settlement"]
        self.assets = {each["symbol"]: each for each in document["assets"]}
        self.price = {name: Fraction(each["price"]) for name, each in self.assets.items()}
        self.target = {
            name: Fraction(each["target_weight_bps"]) / 10_000 for name, each in self.assets.items()
        }
        self.medium = "target_weight_bps" not in self.settlement
        self.settlement_target = Fraction(self.settlement.get("target_weight_bps", "0")) / 10_000
        self.settlement_price = Fraction(self.settlement["price"])
        self.minimum = Fraction(document.get("minimum_trade", "0"))
        self.names = sorted(self.assets)
        self.held = {name: Fraction(each["quantity"]) for name, each in self.assets.items()}
        self.cash = Fraction(self.settlement["quantity"]) * self.settlement_price

    def down(self, number: Fraction, token: dict[str, Any]) -> Fraction:
        if self.document.get("rounding", "token") == "exact":
            return number
        return largest_at_most(number, Fraction(1, 10 ** token["decimals"]))

    def cash_down(self, value: Fraction) -> Fraction:
        return self.down(value / self.settlement_price, self.settlement) * self.settlement_price

    def total(self) -> Fraction:
        return self.cash + sum(self.held[name] * self.price[name] for name in self.names)

    def weights(self) -> Numbers:
        total = self.total()
        return {name: self.held[name] * self.price[name] / total for name in self.names}

    def weighed(self) -> dict[str, Fraction | Numbers]:
        weights, rest = self.weights(), self.cash / self.total()
        deviation = sum((abs(weights[name] - self.target[name]) for name in self.names), Fraction())
        return {
            "total_value": self.total(),
            "weights": weights,
            "settlement_weight": rest,
            "deviation": deviation + (0 if self.medium else abs(rest - self.settlement_target)),
        }

    def wanted(self) -> Numbers:
        if "sell" in self.document:
            return {name: Fraction(each) for name, each in self.document["sell"].items()}
        total, found = self.total(), Numbers()
        for name in self.names:
            above = self.held[name] - self.target[name] * total / self.price[name]
            quantity = self.down(max(Fraction(0), above), self.assets[name])
            if quantity > 0 and quantity * self.price[name] >= self.minimum:
                found[name] = quantity
        return found

    def sell(self) -> list[dict[str, Any]]:
        rows, wanted = list[dict[str, Any]](), self.wanted()
        for name in sorted(wanted):
            kept = 1 - Fraction(self.assets[name].get("sell_slippage", "0"))
            proceeds = self.cash_down(wanted[name] * self.price[name] * kept)
            self.held[name] -= wanted[name]
            self.cash += proceeds
            rows.append({"symbol": name, "quantity": wanted[name], "proceeds": proceeds})
        return rows

    def budget(self, cash_before: Fraction) -> Fraction:
        spend = self.document.get("spend", "proceeds" if self.medium else "surplus")
        aim = self.settlement_target * self.total()
        if spend == "surplus":
            return max(Fraction(0), self.cash - aim)
        return max(Fraction(0), self.cash - cash_before - max(Fraction(0), aim - cash_before))

    def buy(self, allocations: Numbers) -> list[dict[str, Any]]:
        rows = list[dict[str, Any]]()
        for name, allocation in allocations.items():
            spent = self.cash_down(allocation)
            if allocation < self.minimum or spent == 0:
                continue
            dearer = 1 + Fraction(self.assets[name].get("buy_slippage", "0"))
            quantity = self.down(spent / self.price[name] / dearer, self.assets[name])
            self.cash -= spent
            self.held[name] += quantity
            rows.append({"symbol": name, "spent": spent, "quantity": quantity})
        return rows

    def answer(self) -> dict[str, Any]:
        """Return the answer without its id.

        Raises:
            ZeroDivisionError: A total is 0.
        """
        before, cash_before = self.weighed(), self.cash
        sold = self.sell()
        weights, total = self.weights(), self.total()
        gaps = {name: max(Fraction(0), self.target[name] - weights[name]) for name in self.names}
        gaps = {name: gap for name, gap in gaps.items() if gap}
        for row in sold:
            gaps.pop(row["symbol"], None)
        budget, needed = self.budget(cash_before), total * sum(gaps.values())
        part = min(Fraction(1), budget / needed) if needed else Fraction(0)
        allocations = {name: gap * total * part for name, gap in gaps.items() if budget}
        phases = {
            "sell": sold, "weights": weights, "gaps": gaps, "budget": budget,
            "allocate": allocations, "buy": self.buy(allocations),
        }  # fmt: skip
        after = self.weighed()
        answer = _texts({"phases": phases, "before": before, "after": after})
        return answer | self.verdict(before, after)

    def verdict(self, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        loss = (1 - after["total_value"] / before["total_value"]) * 10_000
        limit = self.document.get("max_total_value_loss_bps")
        improved = after["deviation"] < before["deviation"]
        because = None if improved else "NotImproved"
        if limit is not None and loss > Fraction(limit):
            because = "MaxTotalValueLoss"
        return {
            "value_loss_bps": text_of(loss, 4, always=True),
            "improved": improved,
            "accepted": because is None,
            "rejected_because": because,
        }


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {key: _texts(each) for key, each in members.items()}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_texts(each) for each in items]
    return text_of(value) if isinstance(value, Fraction) else value
