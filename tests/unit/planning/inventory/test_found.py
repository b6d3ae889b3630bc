"""Regression tests of inventory plans: each file is the smallest that shows its fault."""

import inspect
import json
import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from keepers.model.money import format_units
from keepers.planning.files.document import PlannerAnswer
from keepers.planning.files.inventory import decode_inventory_request, plan_inventory_file
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.plan import plan_inventory
from keepers.planning.inventory.solution import PlanningDeadline

pytestmark = pytest.mark.long

Units = tuple[int, int]
"""Units and decimals."""
Row = dict[str, Any]


def route(source: str, sink: str, **more: Any) -> Row:
    return {"asset": "USDC", "source": source, "destination": sink, "route": "R"} | more


def document(
    surpluses: Mapping[str, Units],
    deficits: Mapping[str, Units],
    routes: list[Row] | None = None,
    **more: str,
) -> Row:
    chains = {
        name: {
            "base": "1",
            "balance": format_units(10**decimals + units, decimals),
            "decimals": decimals,
        }
        for name, (units, decimals) in surpluses.items()
    } | {
        name: {"base": format_units(units, decimals), "balance": "0", "decimals": decimals}
        for name, (units, decimals) in deficits.items()
    }
    plain = {"trigger_percentage": "0.5", "assets": {"USDC": chains}, "routes": routes}
    return plain | more


def planned(file: Row) -> PlannerAnswer:
    return plan_inventory_file(json.dumps(file).encode())


def names(answer: PlannerAnswer) -> list[tuple[str, str]]:
    rows: Any = answer.document["transfers"]
    return sorted((row["source"], row["destination"]) for row in rows)


def test_plan_inventory__ordinary_routes_too_narrow__bound_without_fallbacks_is_forgotten() -> None:
    file = document(
        {"A": (10, 0), "K": (8, 0)},
        {"T": (6, 0), "U": (10, 0)},
        [
            route("A", "T"),
            route("A", "U"),
            route("K", "T", fallback=True),
            route("K", "U", maximum="4"),
        ],
    )

    answer = planned(file)

    assert names(answer) == [("A", "U"), ("K", "T")]
    assert answer.document["lower_bound"] == 2


def test_plan_inventory__large_and_greedy_takes_a_needless_fallback__not_called_optimal() -> None:
    """The solver refuses factors beyond 10^15, so that only the greedy plan is left."""
    deficits = {"T1": (30, 18), "T2": (20, 18), "T3": (10, 18)}
    deficits |= {f"Q{index}": (5, 18) for index in range(5)}
    surpluses = dict.fromkeys(("A", "B", "C", "D", *(f"P{i}" for i in range(5))), (1, 0))
    routes = [
        route("A", "T1"),
        route("B", "T1"),
        route("A", "T2"),
        route("C", "T2", fallback=True),
        route("D", "T3", fallback=True),
        *(route(f"P{index}", f"Q{index}") for index in range(5)),
    ]

    answer = planned(document(surpluses, deficits, routes))

    better = {("B", "T1"), ("A", "T2"), ("D", "T3")} <= set(names(answer))
    assert better or not answer.document["optimal"]


def test_plan_inventory__large_and_one_unit_apart__names_are_not_wrongly_proven() -> None:
    """Another plan for the sixteen chains has as many transfers and smaller names."""
    surpluses = {
        "S0": 666666589778281063638007,
        "S1": 833333460505161850437362,
        "S2": 833333333333333333333331,
        "S3": 666666666666666666648247,
    }
    deficits = {
        "T0": 1000000050283442914056939,
        "T1": 500000000000000000000002,
        "T2": 1000000000000000000000002,
        "T3": 500000000000000000000002,
    }
    pairs = {index: 143857142857142857142857 + index * 10**21 for index in range(4)}
    surpluses |= {f"X{index}": each for index, each in pairs.items()}
    deficits |= {f"Y{index}": each for index, each in pairs.items()}
    file = document(
        {name: (each, 18) for name, each in surpluses.items()},
        {name: (each, 18) for name, each in deficits.items()},
    )
    core = [
        ("S0", "T0"), ("S0", "T1"), ("S0", "T2"), ("S1", "T0"),
        ("S2", "T1"), ("S2", "T3"), ("S3", "T2"),
    ]  # fmt: skip
    known = sorted([*core, *((f"X{index}", f"Y{index}") for index in range(4))])

    answer = planned(file)

    found = names(answer)
    assert not answer.document["optimal"] or (len(found), found) <= (len(known), known)


class Clock:
    """Clock that advances by one second at each reading."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> float:
        self.asked += 1
        return float(self.asked)


def asked_after_the_deadline(file: Row, seconds: int) -> int:
    """Return how often a plan reads the clock after its deadline."""
    clock = Clock()
    request = decode_inventory_request(json.dumps(file).encode())
    plan_inventory(request, PlanningDeadline.after(Fraction(seconds), clock))
    return clock.asked - seconds


def test_plan_inventory__shrinking_ranges_step_by_step__comes_to_an_end() -> None:
    """One unit is missing in a cycle of routes, so that ranges shrink by one unit per pass."""
    scale = 10**24
    fee = "0.000000000000000001"
    file = document(
        {"A": (scale * 3 // 2, 18), "B": (scale // 2 + 2, 18)},
        {"X": (scale, 18), "Y": (scale, 18)},
        [route(source, sink, fee=fee) for source in "AB" for sink in "XY"],
    )

    answer = planned(file)

    assert answer.exit_status == 3
    assert len(names(answer)) == 1
    assert asked_after_the_deadline(file, 3) < 20


def test_plan_inventory__fourteen_chains_without_one_route__looks_at_the_clock() -> None:
    surpluses = {f"S{i}": (10**6 + i * i * 37_000, 6) for i in range(7)}
    deficits = {f"T{i}": (10**6 + i * 91_000 - 13, 6) for i in range(7)}
    routes = [
        route(source, sink, seconds=str(index + 1))
        for index, (source, sink) in enumerate((s, t) for s in surpluses for t in deficits)
        if (source, sink) != ("S0", "T0")
    ]

    assert asked_after_the_deadline(document(surpluses, deficits, routes), 20) < 20


def test_plan_inventory__more_triggers_than_frames__no_recursion() -> None:
    """With Python's default recursion limit, 1,000 triggers have the same effect."""
    number = 300
    deficits = {f"T{i:04}": (10**6, 6) for i in range(number)} | {"Z": (8 * 10**6, 6)}
    routes = [route("BIG", f"T{i:04}", fee="0.1") for i in range(number)]
    routes += [route(source, "Z", fee="0.1") for source in ("S1", "S2")]
    surpluses = {"BIG": (10**12, 6), "S1": (5 * 10**6, 6), "S2": (5 * 10**6, 6)}
    file = document(surpluses, deficits, routes, time_limit_seconds="60")
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 250)
    try:
        answer = planned(file)
    finally:
        sys.setrecursionlimit(usual)

    assert answer.document["transfer_count"] == number + 2


@pytest.mark.parametrize(
    ("deficit", "more"),
    [
        ((5, 0), {"minimum": "5.3"}),
        ((2, 0), {"fee": "1", "fee_bps": "2500", "minimum": "4.4"}),
    ],
)
def test_plan_inventory__greedy_and_minimum_above_smallest_amount__passed_over(
    deficit: Units, more: Row
) -> None:
    file = document({"A": (100, 1)}, {"T": deficit}, [route("A", "T", **more)], solver="greedy")

    assert names(planned(file)) == []


def test_explain__fewer_transfers_with_fallback__does_not_deny_them() -> None:
    file = document(
        {"A": (6, 0), "B": (6, 0), "C": (20, 0)},
        {"T": (10, 0)},
        [route("A", "T"), route("B", "T"), route("C", "T", fallback=True)],
    )
    request = decode_inventory_request(json.dumps(file).encode())

    text = explain(request, plan_inventory(request))

    assert "would take 1 transfer" in text
    assert "proven that fewer are not enough." not in text


def test_plan_inventory__greedy_and_surplus_that_does_not_suffice__is_sent_whole() -> None:
    """The same amount arrives of 101 units as of 100, since 1 % is rounded up."""
    file = document(
        {"A": (101, 0), "B": (100, 0)},
        {"T": (150, 0)},
        [route("A", "T", fee_bps="100"), route("B", "T", fee_bps="100")],
        solver="greedy",
    )

    rows: Any = planned(file).document["transfers"]

    # 99 arrive of 101 (fee 2), as of 100 (fee 1); the remaining 51 take 52.
    assert [(row["source"], row["amount"], row["arrives"]) for row in rows] == [
        ("A", "101", "99"),
        ("B", "52", "51"),
    ]
