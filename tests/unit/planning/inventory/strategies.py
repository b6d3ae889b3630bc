"""Random planning files for inventory, with small amounts, so that sums often coincide.

One generator serves both a seeded source of numbers, for thousands of files in a few seconds, and
Hypothesis, for failures that shrink.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

NAMES = (
    "EVM-1", "EVM-10", "EVM-100", "EVM-137", "EVM-2", "EVM-42161", "EVM-56", "EVM-8453", "a b", "Ä",
)  # fmt: skip
ROUTES = ("CCTP", "USDT0", "BINANCE", "Ω")
ASSETS = ("USDC", "USDT", "DAI")
TIME_LIMIT = "300"
"""Seconds that suffice for each file on a slow machine: no answer may depend on time."""


class Numbers(Protocol):
    """Source of random choices."""

    def integer(self, low: int, high: int) -> int: ...

    def pick(self, options: Sequence[T]) -> T: ...


class Seeded:
    """Random choices that depend only on a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)


class Drawn:
    """Random choices of Hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.draw(st.integers(0, len(options) - 1))]


@dataclass(frozen=True)
class Family:
    """Properties of a family of planning files."""

    sources: int = 3
    triggers: int = 3
    others: int = 1
    largest: int = 10
    """Maximum units of a surplus or a deficit."""
    decimals: tuple[int, ...] = (2,)
    """Decimals from which each chain takes one value."""
    places: int | None = None
    """Decimals of amounts, plus a few smallest units of the token at times; None for all."""
    assets: int = 1
    routes: bool = False
    parallel: int = 1
    """Maximum number of routes of a pair."""
    fees: bool = False
    shares: bool = False
    """Fees in basis points."""
    limits: bool = False
    fallbacks: bool = False
    seconds: bool = False
    flights: bool = False
    totals: bool = False
    """Limits that the routes of a chain share."""
    balanced: bool = False
    """Surpluses sum to the deficits; all chains have the same decimals."""
    solver: str | None = None


SMALL = Family(routes=True, seconds=True)
FAMILIES: dict[str, Family] = {
    "no routes": Family(sources=4, triggers=4, flights=True),
    "balanced": Family(sources=4, triggers=4, balanced=True),
    "balanced, routes": replace(SMALL, triggers=4, balanced=True, fallbacks=True),
    "routes": Family(sources=4, triggers=3, routes=True, parallel=2, seconds=True),
    "fixed fees": replace(SMALL, fees=True, parallel=2),
    "shares": replace(SMALL, fees=True, shares=True, parallel=2, largest=25),
    "limits": replace(SMALL, limits=True, parallel=2),
    "limits and fees": replace(SMALL, limits=True, fees=True, shares=True),
    "fallbacks": replace(SMALL, fallbacks=True, parallel=2, limits=True),
    "close decimals": replace(SMALL, decimals=(0, 1, 2), places=1, parallel=2),
    "close decimals, limits and fees": replace(
        SMALL, decimals=(0, 1), limits=True, fees=True, shares=True, largest=6
    ),
    "far decimals": Family(decimals=(6, 18), places=6),
    "far decimals, routes": replace(SMALL, decimals=(6, 18), places=6, fees=True, fallbacks=True),
    "shared limits": replace(SMALL, totals=True, parallel=2, sources=4),
    "shared limits of free routes": Family(sources=4, triggers=3, totals=True),
    "shared limits, fees and decimals": replace(
        SMALL, totals=True, fees=True, shares=True, fallbacks=True, decimals=(0, 1), parallel=2
    ),
    "assets": Family(
        sources=2, triggers=2, assets=3, routes=True, fees=True, fallbacks=True, flights=True
    ),
    "everything": replace(
        SMALL,
        sources=2,
        decimals=(0, 1),
        assets=2,
        fees=True,
        shares=True,
        limits=True,
        fallbacks=True,
        flights=True,
        parallel=2,
        largest=8,
    ),
    "greedy": Family(sources=4, triggers=4, solver="greedy", flights=True),
    "greedy, routes": replace(
        SMALL,
        solver="greedy",
        fees=True,
        shares=True,
        limits=True,
        fallbacks=True,
        parallel=2,
        largest=30,
    ),
    "greedy, shared limits": replace(
        SMALL, solver="greedy", totals=True, fees=True, fallbacks=True, parallel=2, largest=30
    ),
    "greedy, close decimals": replace(
        SMALL, solver="greedy", decimals=(0, 1), parallel=2, fees=True, largest=30
    ),
}
LARGE: dict[str, Family] = {
    "slack": Family(sources=5, triggers=5, others=0, largest=9),
    "balanced": Family(sources=5, triggers=5, others=0, largest=9, balanced=True),
}
"""Families of up to ten chains without routes."""


def spell(units: int, decimals: int) -> str:
    """Return units as text in whole tokens."""
    digits = str(units).rjust(decimals + 1, "0")
    return f"{digits[: len(digits) - decimals]}.{digits[len(digits) - decimals :]}".strip(".")


@dataclass
class Holding:
    """One asset on one chain, in units, with its intended effective balance."""

    base: int
    effective: int
    decimals: int
    balance: int

    def row(self) -> dict[str, Any]:
        return {
            "base": spell(self.base, self.decimals),
            "balance": spell(self.balance, self.decimals),
            "decimals": self.decimals,
        }


class Maker:
    """Generator of one planning file."""

    def __init__(self, family: Family, numbers: Numbers) -> None:
        self.family = family
        self.numbers = numbers
        self.share = numbers.pick((Fraction(1, 2), Fraction(1, 4), Fraction(9, 10)))

    def often(self, percent: int) -> bool:
        return self.numbers.integer(1, 100) <= percent

    def mixed(self, options: Sequence[T], count: int) -> list[T]:
        """Return `count` of the options in random order."""
        left, found = list(options), list[T]()
        for _ in range(count):
            found.append(left.pop(self.numbers.integer(0, len(left) - 1)))
        return found

    def units(self, decimals: int, smallest: int = 1) -> int:
        """Return an amount, sometimes off by a few units if tokens have far more decimals."""
        number = self.numbers.integer(smallest, self.family.largest)
        places = decimals if self.family.places is None else self.family.places
        if places >= decimals:
            return max(1, -(-number // 10 ** (places - decimals)))
        unit = 10 ** (decimals - places)
        return number * unit + self.numbers.pick((0, 0, 0, 0, 1, unit // 2, unit - 1))

    def holding(self, kind: str) -> Holding:
        decimals = self.numbers.pick(self.family.decimals)
        distance = self.units(decimals)
        if kind == "source":
            base = self.units(decimals)
            distance += self.units(decimals) if self.often(30) else 0
            return Holding(base, base + distance, decimals, base + distance)
        if kind == "trigger":
            most = int(distance / self.share)
            base = self.numbers.pick((most, most, distance, (most + distance) // 2, most + 1))
            return Holding(base, base - distance, decimals, base - distance)
        base = int(distance / self.share) + distance
        effective = self.numbers.pick((base, base - 1))
        return Holding(base, effective, decimals, effective)

    def holdings(self) -> dict[str, Holding]:
        family, numbers = self.family, self.numbers
        most = (family.sources, numbers.integer(min(1, family.sources), family.sources))
        kinds = ["source"] * numbers.pick(most)
        kinds += ["trigger"] * numbers.integer(1, family.triggers)
        kinds += ["other"] * numbers.integer(0, family.others)
        names = self.mixed(NAMES, len(kinds))
        kinds = self.mixed(kinds, len(kinds))
        found = {name: self.holding(kind) for name, kind in zip(names, kinds, strict=True)}
        if family.balanced:
            self.balance(list(found.values()))
        return found

    def balance(self, holdings: list[Holding]) -> None:
        """Make the surpluses sum to the deficits, if there are enough units for that."""
        short = [each.base - each.effective for each in holdings]
        missing = sum(
            distance
            for each, distance in zip(holdings, short, strict=True)
            if distance >= each.base * self.share
        )
        sources = [each for each in holdings if each.effective > each.base]
        for after, source in reversed(list(enumerate(reversed(sources)))):
            surplus = self.numbers.integer(1, max(1, missing - after)) if after else max(1, missing)
            source.effective = source.balance = source.base + surplus
            missing -= surplus

    def flights(self, asset: str, holdings: dict[str, Holding]) -> list[dict[str, Any]]:
        """Return transfers in flight; change balances so that effective balances stay the same."""
        rows = list[dict[str, Any]]()
        if len(holdings) < 2:
            return rows
        for _ in range(self.numbers.integer(0, 3)):
            source, destination = self.mixed(list(holdings), 2)
            sender, receiver = holdings[source], holdings[destination]
            amount, arriving = self.units(sender.decimals), self.units(receiver.decimals)
            debited, credited = self.often(50), self.often(50)
            if not credited and receiver.balance < arriving:
                credited = True
            sender.balance += 0 if debited else amount
            receiver.balance -= 0 if credited else arriving
            rows.append(
                {
                    "asset": asset,
                    "source": source,
                    "destination": destination,
                    "amount": spell(amount, sender.decimals),
                    "arriving": spell(arriving, receiver.decimals),
                    "debited": debited,
                    "credited": credited,
                }
            )
        return rows

    def route(self, decimals: int) -> dict[str, Any]:
        """Return the terms of a route, without its ends and its name."""
        family, numbers, row = self.family, self.numbers, dict[str, Any]()
        if family.fees and self.often(50):
            row["fee"] = spell(numbers.integer(0, 2), decimals)
        if family.shares and self.often(50):
            row["fee_bps"] = numbers.pick(("0", "1", "500", "2500", "3333.3", "5000"))
        minimum = 0
        if family.limits and self.often(40):
            minimum = self.units(decimals)
            row["minimum"] = spell(minimum, decimals)
        if family.limits and self.often(40):
            row["maximum"] = spell(minimum + self.units(decimals), decimals)
        if family.seconds and self.often(60):
            row["seconds"] = numbers.pick(("20", "900", "1.5"))
        if family.fallbacks:
            row["fallback"] = self.often(50)
        return row

    def routes(self, asset: str, holdings: dict[str, Holding]) -> list[dict[str, Any]]:
        rows = list[dict[str, Any]]()
        percent = self.numbers.pick((40, 70, 100))
        for source, sender in holdings.items():
            for destination, receiver in holdings.items():
                needed = sender.effective > sender.base and receiver.effective < receiver.base
                if source == destination or not self.often(percent if needed else 5):
                    continue
                count = self.numbers.integer(1, self.family.parallel)
                rows += [
                    {"asset": asset, "source": source, "destination": destination, "route": name}
                    | self.route(sender.decimals)
                    for name in self.mixed(ROUTES, count)
                ]
        return self.mixed(rows, len(rows))

    def totals(self, asset: str, holdings: dict[str, Holding]) -> list[dict[str, Any]]:
        """Return limits on the total that leaves a chain, by a route or by all routes."""
        names = ROUTES if self.family.routes else ("ANY",)
        rows = list[dict[str, Any]]()
        for source, sender in holdings.items():
            for name in (None, *names):
                if self.often(30 if name is None else 60):
                    maximum = spell(self.units(sender.decimals, 0), sender.decimals)
                    row = {"asset": asset, "source": source, "maximum": maximum}
                    rows.append(row if name is None else row | {"route": name})
        return self.mixed(rows, len(rows))

    def document(self) -> dict[str, Any]:
        family = self.family
        names = self.mixed(ASSETS, self.numbers.integer(min(2, family.assets), family.assets))
        held = {asset: self.holdings() for asset in names}
        document: dict[str, Any] = {
            "trigger_percentage": spell(int(self.share * 100), 2),
            "time_limit_seconds": TIME_LIMIT,
        }
        if family.flights:
            rows = [row for asset in names for row in self.flights(asset, held[asset])]
            document["in_flight"] = rows
        if family.routes:
            rows = [row for asset in names for row in self.routes(asset, held[asset])]
            document["routes"] = self.mixed(rows, len(rows))
        if family.totals:
            document["limits"] = [row for asset in names for row in self.totals(asset, held[asset])]
        if family.solver:
            document["solver"] = family.solver
        document["assets"] = {
            asset: {name: each.row() for name, each in held[asset].items()} for asset in names
        }
        return document


def seeded_document(family: Family, seed: int) -> dict[str, Any]:
    """Return the file of a seed."""
    return Maker(family, Seeded(seed)).document()


@st.composite
def documents(draw: st.DrawFn, family: Family) -> dict[str, Any]:
    """Draw a file of a family."""
    return Maker(family, Drawn(draw)).document()


def any_documents() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a file of any family that is solved exactly."""
    exact = [family for family in FAMILIES.values() if family.solver is None]
    return st.sampled_from(exact).flatmap(documents)
