"""Tests of the explanation of a plan, line by line."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from keepers.model.inventory import Balance, InFlight, InventoryPlan, InventoryRequest, Solver
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.plan import plan_inventory
from tests.unit.planning.inventory.markets import route


def chains(**balances: int) -> dict[str, Balance]:
    """Return chains with a base of 10 and these balances."""
    return {name: Balance(base=10, balance=each, decimals=0) for name, each in balances.items()}


def asked(assets: dict[str, dict[str, Balance]], **more: Any) -> InventoryRequest:
    usual: dict[str, Any] = {"trigger_percentage": Fraction(1, 2)}
    return InventoryRequest(assets=assets, **(usual | more))


def lines(request: InventoryRequest, plan: InventoryPlan | None = None) -> list[str]:
    return explain(request, plan or plan_inventory(request)).splitlines()


def test_explain__nothing_is_triggered__says_so() -> None:
    assert lines(asked({"USDC": chains(A=10, B=20)})) == [
        "USDC: no chain is at or below its threshold.",
        "Nothing to do.",
    ]


def test_explain__two_assets__each_with_its_own_chains() -> None:
    request = asked({"USDT": chains(A=10, B=9), "USDC": chains(A=14, B=4, C=8, D=3, E=30)})
    assert lines(request) == [
        "USDC",
        "  B is triggered: 4 is not above its threshold, 10 x (1 - 0.5) = 5.",
        "    Deficit: 10 - 4 = 6.",
        "  D is triggered: 3 is not above its threshold, 10 x (1 - 0.5) = 5.",
        "    Deficit: 10 - 3 = 7.",
        "  Surpluses above base:",
        "    A: 14 - 10 = 4",
        "    E: 30 - 10 = 20",
        "    total: 24",
        "  Neither triggered nor above base, so not used: C.",
        "  2 transfers:",
        "    E sends 6 to B by ANY",
        "    E sends 7 to D by ANY",
        "  The greedy rule (largest deficit from the largest surplus) also takes 2 transfers.",
        "",
        "USDT: no chain is at or below its threshold.",
        "2 transfers in total: proven that fewer are not enough.",
    ]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (Fraction(0), []),
        (Fraction(90), ["    The slowest transfer takes 90 seconds."]),
        (Fraction(3, 2), []),
        (Fraction(1), ["    The slowest transfer takes 1 seconds."]),
    ],
)
def test_explain__fees_fallbacks_and_time__are_shown_where_there_are_any(
    seconds: Fraction, shown: list[str]
) -> None:
    routes = (
        route("B", "A", "R", fee=2, fee_bps=Fraction(1_000), seconds=seconds),
        route("C", "D", "R", fallback=True),
    )
    request = asked({"USDC": chains(A=4, B=30, C=17, D=3)}, routes=routes)
    assert lines(request)[-7 - len(shown) :] == [
        "  2 transfers:",
        "    B sends 9 to A by R (6 arrives, fee 3)",
        "    C sends 7 to D by R (fallback)",
        "    Total fees: 3.",
        *shown,
        "  The greedy rule (largest deficit from the largest surplus) also takes 2 transfers.",
        "",
        "2 transfers in total: proven that fewer are not enough with as few fallbacks.",
    ]


def flight(source: str, destination: str, asset: str = "USDC", **more: bool) -> InFlight:
    usual: dict[str, Any] = {"debited": False, "credited": False}
    return InFlight(
        asset=asset, source=source, destination=destination, amount=3, arriving=2, **(usual | more)
    )


@pytest.mark.parametrize(
    ("flights", "of_trigger", "of_surplus"),
    [
        ([], [], []),
        ([flight("C", "D", credited=True), flight("B", "A", "USDT")], [], []),
        ([flight("B", "A", debited=True, credited=True)], [], []),
        (
            [flight("B", "A")],
            ["Effective balance with transfers in progress: 1 + 2 in transit from B = 3."],
            ["Effective balance with transfers in progress: 30 - 3 to be sent to A = 27."],
        ),
        (
            [flight("B", "A", debited=True)],
            ["Effective balance with transfers in progress: 1 + 2 in transit from B = 3."],
            [],
        ),
        (
            [flight("B", "A", credited=True)],
            [],
            ["Effective balance with transfers in progress: 30 - 3 to be sent to A = 27."],
        ),
        (
            [flight("B", "A"), flight("C", "A")],
            [
                (
                    "Effective balance with transfers in progress: "
                    "1 + 2 in transit from B + 2 in transit from C = 5."
                )
            ],
            ["Effective balance with transfers in progress: 30 - 3 to be sent to A = 27."],
        ),
    ],
)
def test_explain__under_way__is_counted_with_its_direction(
    flights: list[InFlight], of_trigger: list[str], of_surplus: list[str]
) -> None:
    held = chains(A=1, B=30, C=10, D=10)
    request = asked({"USDC": held, "USDT": held}, in_flight=tuple(flights))
    text = lines(request)
    usdc = text[: text.index("USDT")]
    surplus = next(i for i, line in enumerate(usdc) if line.startswith("    B: "))
    assert [line.strip() for line in usdc[2 : 2 + len(of_trigger)]] == of_trigger
    assert usdc[2 + len(of_trigger)].startswith("    Deficit: 10 - ")
    after = usdc[surplus + 1 : surplus + 1 + len(of_surplus)]
    assert [line.strip() for line in after] == of_surplus
    assert usdc[surplus + 1 + len(of_surplus)].startswith("    total: ")
    assert sum("Effective balance" in line for line in usdc) == len(of_trigger) + len(of_surplus)


def test_explain__nothing_to_give__cannot_be_done() -> None:
    request = asked({"USDC": chains(A=4, B=10)})
    assert lines(request) == [
        "USDC",
        "  A is triggered: 4 is not above its threshold, 10 x (1 - 0.5) = 5.",
        "    Deficit: 10 - 4 = 6.",
        "  No other chain holds more than its base.",
        "  Neither triggered nor above base, so not used: B.",
        "  No transfers.",
        (
            "  Not covered: A lacks 6; the remaining surplus is 0, and no deficit is covered "
            "in part (InsufficientSurplus)."
        ),
        "",
        "No deficit can be covered.",
    ]


def test_explain__no_route__stands_in_the_way() -> None:
    request = asked({"USDC": chains(A=4, B=30)}, routes=())
    assert lines(request)[-4:] == [
        "  No transfers.",
        (
            "  Not covered: A lacks 6; the remaining surplus is 20, but routes, their fees, "
            "minimums and maximums, or token units prevent a transfer "
            "(RouteUnavailable)."
        ),
        "",
        "No deficit can be covered.",
    ]


def test_explain__greedy_takes_more__shows_its_transfers() -> None:
    request = asked({"USDC": chains(A=4, B=30)})
    found = plan_inventory(request)
    (one,) = found.transfers
    text = lines(request, replace(found, greedy=(one, replace(one, asset="USDT"), one)))
    assert text[-6:] == [
        "    B sends 6 to A by ANY",
        "  The greedy rule (largest deficit from the largest surplus) would take 2 transfers:",
        *["    B sends 6 to A by ANY"] * 2,
        "",
        "1 transfer in total: proven that fewer are not enough.",
    ]


def test_explain__greedy_covers_less__says_so() -> None:
    request = asked({"USDC": chains(A=4, B=30)})
    text = lines(request, replace(plan_inventory(request), greedy=None))
    assert text[-3] == (
        "  The greedy rule (largest deficit from the largest surplus) cannot cover all deficits."
    )


def test_explain__greedy_was_asked__is_not_compared_with_itself() -> None:
    request = asked({"USDC": chains(A=4, B=30)}, solver=Solver.GREEDY)
    assert lines(request)[-4:] == [
        "  1 transfer:",
        "    B sends 6 to A by ANY",
        "",
        "1 transfer in total: fewer are not enough.",
    ]


@pytest.mark.parametrize(
    ("solver", "optimal", "bound", "verdict"),
    [
        (Solver.EXACT, True, 1, "1 transfer in total: proven that fewer are not enough."),
        (Solver.EXACT, False, 1, "1 transfer in total: fewer are not enough."),
        (Solver.GREEDY, True, 1, "1 transfer in total: fewer are not enough."),
        (Solver.EXACT, False, 0, "1 transfer in total; at least 0 are needed."),
        (Solver.GREEDY, True, 0, "1 transfer in total; at least 0 are needed."),
    ],
)
def test_explain__verdict__says_what_is_known(
    solver: Solver, optimal: bool, bound: int, verdict: str
) -> None:
    request = asked({"USDC": chains(A=4, B=30)}, solver=solver)
    plan = replace(plan_inventory(request), optimal=optimal, lower_bound=bound)
    assert lines(request, plan)[-1] == verdict
