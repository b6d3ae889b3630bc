"""Independent, naive implementation of the tier rule from its text: one base unit at a time.

It shares no code with the planner, works on the planning file itself, and is far too slow for
anything but small vaults.
"""

import json
import math
from fractions import Fraction
from typing import Any

NAMES = ("L1", "L2", "L3")
DEFAULTS = {
    "REBALANCE_MIN_AMOUNT": 10000,
    "REBALANCE_APPROVAL_THRESHOLD": 50000,
    "L1_TARGET_RATIO": 1000,
    "L2_TARGET_RATIO": 3000,
    "L3_TARGET_RATIO": 6000,
    "L1_MIN_RATIO": 500,
    "L1_MAX_RATIO": 2000,
    "DEVIATION_THRESHOLD": 500,
    "L2_MIN_RATIO": 2000,
    "L2_MAX_RATIO": 4000,
    "L3_MIN_RATIO": 5000,
    "L3_MAX_RATIO": 7000,
    "L1_LOW_RATIO": 800,
    "L1_HIGH_RATIO": 1500,
    "REDEMPTION_COVERAGE": 8000,
    "ASSET_CONCENTRATION": 2500,
    "TOP3_CONCENTRATION": 6000,
    "REBALANCE_REVIEW_THRESHOLD": 10000,
    "REBALANCE_MULTISIG_THRESHOLD": 200000,
    "EVENT_SUBSCRIPTION_AMOUNT": 100000,
    "EVENT_PRICE_MOVE": 500,
}
Tiers = dict[str, int]


class Oracle:
    """Expected plan for one planning file."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.unit = 10 ** document["settlement"]["decimals"]
        self.values = {name: self.units(document["tiers"][name]["value"]) for name in NAMES}
        self.total = sum(self.values.values())
        self.due = self.units(document.get("redemptions_due", "0"))
        self.holdings = [
            (row["asset"], row["tier"], self.units(row["value"]))
            for row in document.get("holdings", [])
        ]
        self.events = document.get("events", [])
        self.trigger = document.get("trigger", "auto")
        self.weekly = document.get("weekly", False)
        self.config = {
            name: Fraction(document.get("config", {}).get(name, default))
            for name, default in DEFAULTS.items()
        }
        self.rows: list[tuple[str, str | None, str | None]] = []
        self.named: set[str] = set()
        self.portfolios: set[str] = set()
        self.judge()

    def units(self, text: str) -> int:
        units = Fraction(text) * self.unit
        assert units.denominator == 1
        return int(units)

    def ratio(self, name: str) -> Fraction:
        return self.config[name] / 10000

    @property
    def presses(self) -> bool:
        liquid = self.values["L1"] + self.values["L2"]
        return self.due > self.ratio("REDEMPTION_COVERAGE") * liquid

    def judge(self) -> None:
        wanted = ("LIQUIDITY", "THRESHOLD", "EVENT") if self.trigger == "auto" else (self.trigger,)
        if "LIQUIDITY" in wanted:
            self.judge_liquidity()
        if "THRESHOLD" in wanted:
            self.judge_thresholds()
        if "EVENT" in wanted:
            self.judge_events()
        if "SCHEDULED" in wanted or "MANUAL" in wanted:
            self.rows.append((self.trigger, None, None))
            self.named |= set(NAMES)
            if self.weekly and self.trigger == "SCHEDULED":
                self.portfolios |= {"L2", "L3"}

    def judge_liquidity(self) -> None:
        low = self.values["L1"] < self.ratio("L1_LOW_RATIO") * self.total
        high = self.values["L1"] > self.ratio("L1_HIGH_RATIO") * self.total
        if low or high or self.presses:
            self.rows.append(("LIQUIDITY", "L1", None))
            self.named.add("L1")

    def judge_thresholds(self) -> None:
        for name in NAMES:
            target = self.ratio(f"{name}_TARGET_RATIO") * self.total
            distance = abs(self.values[name] - target)
            if distance > self.ratio("DEVIATION_THRESHOLD") * self.total:
                self.rows.append(("THRESHOLD", name, None))
                self.named.add(name)
        for asset, tier, value in sorted(self.holdings):
            if value > self.ratio("ASSET_CONCENTRATION") * self.total:
                self.rows.append(("THRESHOLD", None, asset))
                self.portfolios.add(tier)
        by_name = sorted(self.holdings)
        largest = sorted(by_name, key=lambda row: row[2], reverse=True)[:3]
        if sum(row[2] for row in largest) > self.ratio("TOP3_CONCENTRATION") * self.total:
            self.rows.append(("THRESHOLD", None, None))
            self.portfolios |= {row[1] for row in largest}

    def judge_events(self) -> None:
        def spelling(event: dict[str, str]) -> str:
            return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

        for event in sorted(self.events, key=spelling):
            kind = event["kind"]
            limit = self.config["EVENT_SUBSCRIPTION_AMOUNT"]
            if kind == "subscription" and not Fraction(event["amount"]) > limit:
                continue
            if kind == "price_move":
                if not abs(Fraction(event["change"])) > self.ratio("EVENT_PRICE_MOVE"):
                    continue
                self.portfolios |= {row[1] for row in self.holdings if row[0] == event["asset"]}
            self.rows.append(("EVENT", None, event.get("asset")))
            self.named |= set(NAMES)

    def targets(self) -> Tiers:
        first = math.ceil(self.ratio("L1_TARGET_RATIO") * self.total)
        second = math.floor(self.ratio("L2_TARGET_RATIO") * self.total)
        return {"L1": first, "L2": second, "L3": self.total - first - second}

    def limits(self) -> tuple[Tiers, Tiers]:
        return (
            {name: math.ceil(self.ratio(f"{name}_MIN_RATIO") * self.total) for name in NAMES},
            {name: math.floor(self.ratio(f"{name}_MAX_RATIO") * self.total) for name in NAMES},
        )

    def goals(self) -> Tiers:
        if not self.named:
            return dict(self.values)
        targets = self.targets()
        goals = unit_by_unit(self.values, self.named, *self.limits(), targets)
        need = math.ceil(self.due / self.ratio("REDEMPTION_COVERAGE"))
        if need > goals["L1"] + goals["L2"]:
            goals = targets
            while goals["L1"] + goals["L2"] < need and goals["L3"] > 0:
                goals["L1"] += 1
                goals["L3"] -= 1
        return goals

    def actions(self) -> list[tuple[int, str, str, str, int]]:
        """Return priority, from, to, type and amount of every action, in order."""
        at, goals = dict(self.values), self.goals()
        moved: dict[tuple[str, str], int] = {}
        while at != goals:
            giver = next(name for name in NAMES if at[name] > goals[name])
            taker = next(name for name in NAMES if at[name] < goals[name])
            at[giver] -= 1
            at[taker] += 1
            moved[giver, taker] = moved.get((giver, taker), 0) + 1
        rows: list[tuple[int, str, str, str, int]] = []
        for (giver, taker), amount in moved.items():
            rescue = self.presses and giver == "L3"
            if amount < self.config["REBALANCE_MIN_AMOUNT"] * self.unit and not rescue:
                continue
            kind = {("L1", "L2"): "TRANSFER", ("L2", "L1"): "TRANSFER"}.get((giver, taker))
            kind = kind or ("PURCHASE" if taker == "L3" else "REDEEM")
            priority = 1 if (giver, taker) == ("L2", "L1") else 3
            priority = 2 if (giver, taker) == ("L3", "L1") else priority
            rows.append((0 if rescue else priority, giver, taker, kind, amount))
        return sorted(rows)

    def approvals(self) -> tuple[int, int | None, bool]:
        """Return the approvals, the hours, and whether the plan is reviewed afterwards."""
        total = Fraction(sum(row[4] for row in self.actions()), self.unit)
        if total > self.config["REBALANCE_MULTISIG_THRESHOLD"]:
            return 2, 4, False
        if total > self.config["REBALANCE_APPROVAL_THRESHOLD"]:
            return 1, 2, False
        if total and self.trigger == "MANUAL":
            return 1, 2, False
        return 0, None, bool(total) and total >= self.config["REBALANCE_REVIEW_THRESHOLD"]


def unit_by_unit(
    values: Tiers, named: set[str], minimum: Tiers, maximum: Tiers, targets: Tiers
) -> Tiers:
    """Return goals: named tiers at their targets; others give or take units until it fits."""
    goals = {name: targets[name] if name in named else values[name] for name in NAMES}
    while sum(goals.values()) > sum(values.values()):
        ways = [(name, targets[name]) for name in ("L2", "L3", "L1")]
        ways += [(name, minimum[name]) for name in ("L2", "L3", "L1")]
        free = [name for name, floor in ways if name not in named and goals[name] > floor]
        goals[free[0] if free else min(named)] -= 1
    while sum(goals.values()) < sum(values.values()):
        ways = [(name, targets[name]) for name in ("L3", "L2", "L1")]
        ways += [(name, maximum[name]) for name in ("L3", "L2")]
        free = [name for name, ceiling in ways if name not in named and goals[name] < ceiling]
        others = [name for name in NAMES if name not in named]
        goals[free[0] if free else others[0]] += 1
    return goals
