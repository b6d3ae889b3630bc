"""Tests of the parts of the inventory planner against each other and against theory."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest

from keepers.model.inventory import BalanceTrigger, Route, Surplus
from keepers.planning.files.inventory import plan_inventory_file
from keepers.planning.inventory.flow import Arc, reaches
from keepers.planning.inventory.grouping import grouped
from keepers.planning.inventory.market import AssetMarket
from keepers.planning.inventory.mixed import mixed_integer, smallest_names
from keepers.planning.inventory.partitions import Subsets, best_partitions
from keepers.planning.inventory.search import Search
from keepers.planning.inventory.solution import PlanningDeadline
from keepers.planning.inventory.trees import best_forest
from tests.bench.inventory_files import inventory_file

pytestmark = pytest.mark.long

LONG = Fraction(300)
"""Time limit in seconds that no test reaches."""


def market_of(
    supplies: list[int], needs: list[int], routes: list[Route] | None = None
) -> AssetMarket:
    triggers = [
        BalanceTrigger(
            asset="USDC",
            chain=f"D{index}",
            decimals=0,
            base=2 * need,
            balance=need,
            threshold=Fraction(need),
            deficit=need,
        )
        for index, need in enumerate(needs)
    ]
    surpluses = [
        Surplus(asset="USDC", chain=f"S{index}", decimals=0, amount=supply)
        for index, supply in enumerate(supplies)
    ]
    return AssetMarket(triggers, surpluses, routes)


def numbers(source: random.Random, most: int) -> tuple[list[int], list[int]]:
    """Return surpluses and deficits of a few chains, with equal sums in half of all cases."""
    largest = source.choice([6, 30, 1000])
    supplies = [source.randint(1, largest) for _ in range(source.randint(1, most))]
    needs = [source.randint(1, largest) for _ in range(source.randint(1, most))]
    gap = sum(supplies) - sum(needs)
    if source.random() < 0.5:
        if gap > 0:
            needs[-1] += gap
        else:
            supplies[-1] -= gap
    return supplies, needs


def some_routes(source: random.Random, supplies: list[int], needs: list[int]) -> list[Route]:
    return [
        Route(
            asset="USDC",
            source=f"S{give}",
            destination=f"D{take}",
            route="CCTP",
            fallback=source.random() < 0.3,
        )
        for give in range(len(supplies))
        for take in range(len(needs))
        if source.random() < 0.7
    ]


def by_hall(supplies: list[int], needs: list[int], arcs: list[Arc]) -> bool:
    """Return whether the sources can supply every set of sinks (Hall's theorem)."""
    return all(
        sum(needs[sink] for sink in sinks)
        <= sum(
            min(supply, sum(most for give, take, most in arcs if give == source and take in sinks))
            for source, supply in enumerate(supplies)
        )
        for size in range(1, len(needs) + 1)
        for sinks in combinations(range(len(needs)), size)
    )


def test_reaches__random_networks__agrees_with_every_cut() -> None:
    source = random.Random(3)
    answers = {True: 0, False: 0}
    for _ in range(1500):
        supplies = [source.randint(0, 9) for _ in range(source.randint(1, 4))]
        needs = [source.randint(0, 6) for _ in range(source.randint(1, 4))]
        arcs = [
            (give, take, source.randint(0, 6))
            for give in range(len(supplies))
            for take in range(len(needs))
            if source.random() < 0.8
        ]
        answer = reaches(supplies, needs, arcs)
        assert answer == by_hall(supplies, needs, arcs), (supplies, needs, arcs)
        answers[answer] += 1
    assert min(answers.values()) > 100


@pytest.mark.parametrize("seed", range(120))
def test_best_forest__random_markets__chooses_the_edges_of_the_search(seed: int) -> None:
    source = random.Random(seed)
    supplies, needs = numbers(source, 4)
    routes = some_routes(source, supplies, needs) if source.random() < 0.4 else None
    market = market_of(supplies, needs, routes)

    forest = best_forest(supplies, needs, market.edges, PlanningDeadline.after(LONG))
    search = Search(market, PlanningDeadline.after(LONG))
    searched = search.solve() if search.coverable else None

    if forest is None or searched is None:
        assert forest is None
        assert searched is None
    else:
        assert [edge.name for edge in forest.edges] == [edge.name for edge in searched.edges]


@pytest.mark.parametrize("seed", range(40))
def test_best_partitions__few_sets_or_all_subsets__finds_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplies, needs = numbers(random.Random(seed), 5)
    nets = [0]
    for value in (*(-need for need in needs), *supplies):
        nets += [net + value for net in nets]
    if nets[-1] < 0:
        return
    answers: list[set[int]] = []
    for few in (10**9, -1):
        monkeypatch.setattr("keepers.planning.inventory.partitions.FEW_SETS", few)
        best = best_partitions(nets, len(needs), Subsets(), PlanningDeadline.after(LONG))
        answers.append(set(best.sets))

    assert answers[0] <= answers[1]
    assert not answers[1] or answers[0]


@pytest.mark.parametrize("seed", range(25))
def test_large_market_methods__on_small_markets__never_beat_the_exact_one(seed: int) -> None:
    source = random.Random(seed)
    supplies, needs = numbers(source, 6)
    market = market_of(supplies, needs)
    exact = best_forest(supplies, needs, market.edges, PlanningDeadline.after(LONG))
    if exact is None:
        return
    fewest = len(exact.edges)

    for found in (
        grouped(market, 1, PlanningDeadline.after(LONG)),
        mixed_integer(market, 1, PlanningDeadline.after(LONG)),
    ):
        assert found is not None
        assert found.lower_bound <= fewest
        assert found.solution is not None
        assert len(found.solution.edges) >= fewest
    solved = mixed_integer(market, 1, PlanningDeadline.after(LONG)).solution
    assert solved is not None
    assert len(solved.edges) == fewest
    named = smallest_names(market, solved, PlanningDeadline.after(LONG))
    assert named is not None
    assert [edge.name for edge in named.edges] == [edge.name for edge in exact.edges]


@pytest.mark.parametrize("kind", ["balanced", "slack"])
@pytest.mark.parametrize("chains", [16, 40])
def test_plan_inventory_file__many_chains__is_exact_within_its_bound(
    kind: str, chains: int
) -> None:
    document: dict[str, Any] = dict(
        plan_inventory_file(inventory_file(kind, chains, 1, "2")).document
    )
    asked = json.loads(inventory_file(kind, chains, 1, "2"))["assets"]["USDC"]

    assert document["uncovered"] == []
    assert chains // 2 <= document["lower_bound"] <= document["transfer_count"]
    for trigger in document["triggers"]:
        arrived = [
            Fraction(each["arrives"])
            for each in document["transfers"]
            if each["destination"] == trigger["chain"]
        ]
        assert sum(arrived) == Fraction(trigger["deficit"])
    for chain, row in asked.items():
        sent = [Fraction(e["amount"]) for e in document["transfers"] if e["source"] == chain]
        assert not sent or Fraction(row["balance"]) - sum(sent) >= Fraction(row["base"])


def test_plan_inventory_file__far_more_triggers_than_surplus__covers_as_many_as_there_can_be() -> (
    None
):
    chains = {
        f"EVM-{index}": {"base": "100", "balance": str(index), "decimals": 6}
        for index in range(1, 41)
    }
    chains["EVM-999"] = {"base": "100", "balance": "1000", "decimals": 6}
    asked = {
        "trigger_percentage": "0.5",
        "time_limit_seconds": "2",
        "assets": {"USDC": chains},
    }

    document: dict[str, Any] = dict(plan_inventory_file(json.dumps(asked).encode()).document)

    # Deficits are 60 to 99; the 13 smallest sum to 858, the 14 smallest to 931, above 900.
    assert document["transfer_count"] == 13
    assert sum(Fraction(each["arrives"]) for each in document["transfers"]) == 900


def test_search__ordinary_routes_too_small__counts_anew_with_a_fallback() -> None:
    """Ordinary routes would take five transfers without limits; one fallback reduces it to 3."""
    ordinary = [
        Route(asset="USDC", source=f"S{give}", destination=f"D{take}", route="CCTP", maximum=most)
        for give, take, most in [(0, 0, None), (1, 0, None), (1, 1, 1), (2, 1, 1), (3, 1, 1)]
    ]
    fallback = Route(asset="USDC", source="S4", destination="D1", route="CEX", fallback=True)
    market = market_of([3, 9, 9, 9, 20], [10, 20], [*ordinary, fallback])
    search = Search(market, PlanningDeadline.after(LONG))
    search.start(0, 5)

    found = search.solve()

    assert found is not None
    assert (found.fallbacks, len(found.edges)) == (1, 3)
