"""Tests of the plan for all assets if time runs out."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.inventory import Balance, InventoryRequest, Solver
from keepers.planning.inventory.plan import plan_inventory
from keepers.planning.inventory.solution import PlanningDeadline
from tests.unit.planning.inventory.markets import endless, passed


@pytest.mark.parametrize(
    ("solver", "deadline", "optimal"),
    [
        (Solver.EXACT, endless(), True),
        # The greedy plan meets the bound, but equal plans were not compared.
        (Solver.EXACT, passed(), False),
        (Solver.GREEDY, passed(), True),
    ],
)
def test_plan_inventory__time__decides_what_is_proven(
    solver: Solver, deadline: PlanningDeadline, optimal: bool
) -> None:
    chains = {
        name: Balance(base=10, balance=balance, decimals=0)
        for name, balance in {"A": 4, "B": 30, "C": 10}.items()
    }
    request = InventoryRequest(
        trigger_percentage=Fraction(1, 2), assets={"USDC": chains}, solver=solver
    )

    plan = plan_inventory(request, deadline)

    assert [(each.source, each.destination, each.amount) for each in plan.transfers] == [
        ("B", "A", 6)
    ]
    assert (plan.lower_bound, plan.optimal) == (1, optimal)
    # A chain at its base has no surplus.
    assert [(each.chain, each.amount) for each in plan.surpluses] == [("B", 20)]
