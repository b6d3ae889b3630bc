"""Tests of the inventory rule: cases for each sentence and at its boundary."""

import json
from typing import Any

import pytest

from keepers.planning.files.document import PlannerAnswer
from keepers.planning.files.inventory import plan_inventory_file

EXAMPLE: dict[str, Any] = {
    "trigger_percentage": "0.5",
    "solver": "exact",
    "time_limit_seconds": "10",
    "assets": {
        "USDC": {
            "EVM-1": {"base": "10000", "balance": "4210.5", "decimals": 6},
            "EVM-10": {"base": "10000", "balance": "10941.96", "decimals": 6},
            "EVM-42161": {"base": "10000", "balance": "10798.91", "decimals": 6},
            "EVM-8453": {"base": "10000", "balance": "14048.63", "decimals": 6},
        }
    },
    "in_flight": [],
    "routes": None,
}
FLIGHT: dict[str, Any] = {
    "asset": "USDC",
    "source": "EVM-8453",
    "destination": "EVM-1",
    "amount": "100",
    "arriving": "99.5",
    "debited": True,
    "credited": False,
}
ROUTE: dict[str, Any] = {
    "asset": "USDC",
    "source": "EVM-8453",
    "destination": "EVM-1",
    "route": "CCTP",
    "fee": "0",
    "fee_bps": "1",
    "minimum": "1",
    "maximum": "10000000",
    "seconds": "20",
    "fallback": False,
}

Sent = list[tuple[str, str, str]]
"""Source, destination and amount of transfers."""


def planned(document: dict[str, Any]) -> PlannerAnswer:
    return plan_inventory_file(json.dumps(document).encode())


def above(surplus: str, decimals: int = 6) -> dict[str, Any]:
    """Return a chain with this surplus above a base of 1."""
    whole, _, rest = surplus.partition(".")
    balance = f"{int(whole) + 1}.{rest}".rstrip(".")
    return {"base": "1", "balance": balance, "decimals": decimals}


def below(deficit: str, decimals: int = 6) -> dict[str, Any]:
    """Return a chain with this deficit and no balance."""
    return {"base": deficit, "balance": "0", "decimals": decimals}


def file(chains: dict[str, dict[str, Any]], **members: Any) -> dict[str, Any]:
    return {"trigger_percentage": "0.5", "assets": {"T": chains}} | members


def way(source: str, destination: str, route: str = "R", **members: Any) -> dict[str, Any]:
    row = {"asset": "T", "source": source, "destination": destination, "route": route}
    return row | members


def numbered(surpluses: list[str], deficits: list[str]) -> dict[str, dict[str, Any]]:
    chains = {f"S{index}": above(each) for index, each in enumerate(surpluses)}
    return chains | {f"D{index}": below(each) for index, each in enumerate(deficits)}


def sent(answer: PlannerAnswer) -> Sent:
    rows: Any = answer.document["transfers"]
    return [(row["source"], row["destination"], row["amount"]) for row in rows]


def routed(answer: PlannerAnswer) -> Sent:
    rows: Any = answer.document["transfers"]
    return [(row["source"], row["route"], row["amount"]) for row in rows]


def arrived(answer: PlannerAnswer) -> list[str]:
    rows: Any = answer.document["transfers"]
    return [row["arrives"] for row in rows]


def failed(answer: PlannerAnswer) -> Sent:
    rows: Any = answer.document["uncovered"]
    return [(row["chain"], row["available"], row["error"]) for row in rows]


def counts(answer: PlannerAnswer) -> tuple[Any, ...]:
    names = ("transfer_count", "lower_bound", "optimal", "greedy_count")
    return tuple(answer.document[name] for name in names)


def test_plan_inventory__example__is_planned_to_the_last_cent() -> None:
    answer = planned(EXAMPLE)

    to: dict[str, Any] = {"asset": "USDC", "destination": "EVM-1", "route": "ANY"}
    assert dict(answer.document, plan_id=None) == {
        "plan_id": None,
        "triggers": [
            {
                "asset": "USDC",
                "chain": "EVM-1",
                "balance": "4210.5",
                "threshold": "5000",
                "deficit": "5789.5",
            }
        ],
        "transfers": [
            to | {"source": "EVM-10", "amount": "941.96", "arrives": "941.96"},
            to | {"source": "EVM-42161", "amount": "798.91", "arrives": "798.91"},
            to | {"source": "EVM-8453", "amount": "4048.63", "arrives": "4048.63"},
        ],
        "uncovered": [],
        "transfer_count": 3,
        "lower_bound": 3,
        "optimal": True,
        "greedy_count": 3,
    }
    assert list(answer.document) == [
        "plan_id", "triggers", "transfers", "uncovered", "transfer_count", "lower_bound", "optimal",
        "greedy_count",
    ]  # fmt: skip
    plan_id = str(answer.document["plan_id"])
    assert plan_id.startswith("0x")
    assert len(bytes.fromhex(plan_id[2:])) == 32
    assert answer.exit_status == 0


def test_plan_inventory__example_with_a_flight_and_one_route__cannot_be_covered() -> None:
    answer = planned(EXAMPLE | {"in_flight": [FLIGHT], "routes": [ROUTE]})

    triggers: Any = answer.document["triggers"]
    assert [(row["balance"], row["deficit"]) for row in triggers] == [("4310", "5690")]
    assert answer.document["transfers"] == []
    assert answer.document["uncovered"] == [
        {
            "asset": "USDC",
            "chain": "EVM-1",
            "deficit": "5690",
            "available": "5789.5",
            "error": "RouteUnavailable",
        }
    ]
    assert counts(answer) == (0, 0, True, 0)
    assert answer.exit_status == 3


ROWS: list[tuple[list[str], list[str], int, int]] = [
    (["40000", "30000"], ["30000", "20000", "20000"], 4, 3),
    (["4", "3"], ["3", "2", "2"], 4, 3),
    (["3", "2"], ["2", "2"], 2, 2),
    (["2", "2", "1"], ["3", "2"], 4, 3),
    (["11000"] * 3, ["10000"] * 3, 3, 3),
    (["101"] * 5, ["100"] * 5, 5, 5),
    (["6", "4", "2"], ["4", "3", "3", "2"], 6, 4),
    (["10"], ["5", "5"], 2, 2),
    (["4"], ["4"], 1, 1),
]


@pytest.mark.parametrize(("surpluses", "deficits", "greedy", "fewest"), ROWS)
def test_plan_inventory__known_counts__exact_is_fewest_and_greedy_as_it_is(
    surpluses: list[str], deficits: list[str], greedy: int, fewest: int
) -> None:
    document = file(numbered(surpluses, deficits))

    exact, other = planned(document), planned(document | {"solver": "greedy"})

    assert counts(exact) == (fewest, fewest, True, greedy)
    assert counts(other)[0] == counts(other)[3] == greedy
    assert exact.exit_status == other.exit_status == 0


def test_plan_inventory__balanced_case_that_defeats_greedy__is_grouped() -> None:
    answer = planned(file(numbered(["4", "3"], ["3", "2", "2"])))

    assert sent(answer) == [("S1", "D0", "3"), ("S0", "D1", "2"), ("S0", "D2", "2")]


def test_plan_inventory__one_hopeless_chain__does_not_stop_the_others() -> None:
    answer = planned(file({"A": above("5"), "D": below("100"), "E": below("5")}))

    assert sent(answer) == [("A", "E", "5")]
    assert failed(answer) == [("D", "0", "InsufficientSurplus")]
    assert answer.exit_status == 3


def test_plan_inventory__one_hopeless_asset__does_not_stop_the_other() -> None:
    document = file({"A": above("5"), "D": below("5")})
    document["assets"]["U"] = {"D": below("7"), "A": above("6.999999")}

    answer = planned(document)

    assert sent(answer) == [("A", "D", "5")]
    assert answer.document["uncovered"] == [
        {
            "asset": "U",
            "chain": "D",
            "deficit": "7",
            "available": "6.999999",
            "error": "InsufficientSurplus",
        }
    ]


@pytest.mark.parametrize("amount", ["5000.008", "0.004", "0.000001"])
def test_plan_inventory__no_round_amount__is_sent_as_it_is(amount: str) -> None:
    answer = planned(file({"A": above(amount), "D": below(amount)}))

    assert sent(answer) == [("A", "D", amount)]


def test_plan_inventory__all_of_it_under_way__is_not_planned_again() -> None:
    under_way = FLIGHT | {"amount": "5790", "arriving": "5789.5"}

    answer = planned(EXAMPLE | {"in_flight": [under_way]})

    assert (answer.document["triggers"], answer.document["transfers"]) == ([], [])
    assert (counts(answer), answer.exit_status) == ((0, 0, True, 0), 0)


# Rule 1: triggers, deficits, surpluses.


@pytest.mark.parametrize(
    ("balance", "triggered"), [("5", True), ("5.000001", False), ("4.999999", True), ("10", False)]
)
def test_plan_inventory__threshold__triggers_at_it_and_not_above(
    balance: str, triggered: bool
) -> None:
    chains = {"A": above("9"), "D": {"base": "10", "balance": balance, "decimals": 6}}

    answer = planned(file(chains))

    assert bool(answer.document["triggers"]) == triggered == bool(sent(answer))


@pytest.mark.parametrize(("balance", "triggered"), [("1", False), ("0", True)])
def test_plan_inventory__threshold_between_units__is_compared_and_printed_exactly(
    balance: str, triggered: bool
) -> None:
    chains = {"D": {"base": "1", "balance": balance, "decimals": 0}, "A": above("1", 0)}

    answer = planned(file(chains, trigger_percentage="0.123"))

    triggers: Any = answer.document["triggers"]
    assert [row["threshold"] for row in triggers] == (["0.877"] if triggered else [])


def test_plan_inventory__below_base_but_not_triggered__neither_gives_nor_takes() -> None:
    chains = {"B": {"base": "10", "balance": "6", "decimals": 6}, "D": below("5"), "A": above("4")}

    answer = planned(file(chains))

    assert sent(answer) == []
    assert failed(answer) == [("D", "4", "InsufficientSurplus")]


@pytest.mark.parametrize(
    ("debited", "credited", "balance", "moved"),
    [
        (False, False, "3", "7"),
        (False, True, "1", "7"),
        (True, False, "3", "7"),
        (True, True, "1", "9"),
    ],
)
def test_plan_inventory__in_flight__counts_what_is_not_yet_seen(
    debited: bool, credited: bool, balance: str, moved: str
) -> None:
    chains = {"A": above("10"), "D": {"base": "10", "balance": "1", "decimals": 6}}
    flight = {"source": "A", "destination": "D", "amount": "3", "arriving": "2"}
    flight |= {"asset": "T", "debited": debited, "credited": credited}

    answer = planned(file(chains, in_flight=[flight]))

    triggers: Any = answer.document["triggers"]
    assert [row["balance"] for row in triggers] == [balance]
    # Of 10 above base, 3 are reserved until the debit is seen.
    covered = debited or not credited
    assert sent(answer) == ([("A", "D", moved)] if covered else [])


# Rule 2: fees, minimums, maximums.

COSTLY: dict[str, Any] = {"fee": "0.5", "fee_bps": "1"}
COST = "100.510052"
"""Amount of which 100 arrive, after a fee of 0.5 and one basis point, rounded up."""


@pytest.mark.parametrize(
    ("limits", "covered"),
    [
        ({}, True),
        ({"minimum": COST, "maximum": COST}, True),
        ({"minimum": "100.510053"}, False),
        ({"maximum": "100.510051"}, False),
    ],
)
def test_plan_inventory__fees__are_added_so_that_the_deficit_arrives(
    limits: dict[str, Any], covered: bool
) -> None:
    chains = {"A": above("200"), "D": below("100")}

    answer = planned(file(chains, routes=[way("A", "D", **COSTLY, **limits)]))

    assert sent(answer) == ([("A", "D", COST)] if covered else [])
    assert arrived(answer) == (["100"] if covered else [])
    assert failed(answer) == ([] if covered else [("D", "200", "RouteUnavailable")])


@pytest.mark.parametrize(("surplus", "covered"), [(COST, True), ("100.510051", False)])
def test_plan_inventory__fees__come_out_of_the_surplus(surplus: str, covered: bool) -> None:
    chains = {"A": above(surplus), "D": below("100")}

    answer = planned(file(chains, routes=[way("A", "D", **COSTLY)]))

    assert bool(sent(answer)) == covered
    assert failed(answer) == ([] if covered else [("D", surplus, "RouteUnavailable")])


def test_plan_inventory__share_of_one_unit__costs_one_unit() -> None:
    routes = [way("A", "D", fee_bps="0.01")]

    answer = planned(file({"A": above("2"), "D": below("1")}, routes=routes))

    assert (sent(answer), arrived(answer)) == ([("A", "D", "1.000002")], ["1"])


@pytest.mark.parametrize(("deficit", "count"), [("5", 1), ("6", 2), ("10", 2), ("11", 0)])
def test_plan_inventory__maximum__takes_a_second_route_but_none_twice(
    deficit: str, count: int
) -> None:
    routes = [way("A", "D", "R", maximum="5"), way("A", "D", "Q", maximum="5")]

    answer = planned(file({"A": above("20"), "D": below(deficit)}, routes=routes))

    assert len(sent(answer)) == count
    assert answer.exit_status == (0 if count else 3)


# Rule 3: covered to the unit of the coarser token, or not at all.


@pytest.mark.parametrize(
    ("source", "destination", "surplus", "deficit", "amount"),
    [
        (6, 18, "5", "1.0000005", "1.000001"),
        (6, 18, "1.000001", "1.000000000000000001", "1.000001"),
        (6, 18, "1", "1.000000000000000001", None),
        (18, 6, "1.0000015", "1.000001", "1.000001"),
        (18, 6, "1.000000999999999999", "1.000001", None),
        (0, 2, "2", "1.01", "2"),
        (0, 2, "1", "0.01", "1"),
        (0, 0, "1", "1", "1"),
    ],
)
def test_plan_inventory__tokens_of_different_decimals__meet_the_coarser_unit(
    source: int, destination: int, surplus: str, deficit: str, amount: str | None
) -> None:
    answer = planned(file({"A": above(surplus, source), "D": below(deficit, destination)}))

    assert sent(answer) == ([("A", "D", amount)] if amount else [])
    assert arrived(answer) == ([amount] if amount else [])


def test_plan_inventory__halves_that_round_to_nothing__are_no_transfers() -> None:
    half = above("0.0000005", 18)

    answer = planned(file({"A": half, "B": half, "D": below("0.000001")}))

    assert sent(answer) == []
    assert failed(answer) == [("D", "0.000001", "RouteUnavailable")]


@pytest.mark.parametrize("minimum", ["5", "5.000001"])
def test_plan_inventory__minimum_above_the_deficit__is_not_reached_by_sending_too_much(
    minimum: str,
) -> None:
    routes = [way("A", "D", minimum=minimum)]

    answer = planned(file({"A": above("9"), "D": below("5")}, routes=routes))

    assert sent(answer) == ([("A", "D", "5")] if minimum == "5" else [])


def test_plan_inventory__no_fee_and_nothing_arrives__is_no_transfer() -> None:
    routes = [way("A", "D", maximum="1", fee="1"), way("B", "D")]

    answer = planned(file({"A": above("9"), "B": above("9"), "D": below("5")}, routes=routes))

    assert sent(answer) == [("B", "D", "5")]


# Rule 4: choice of the triggers to cover.


@pytest.mark.parametrize(
    ("surplus", "deficits", "covered"),
    [
        ("10", {"D": "10", "E": "6", "F": "4"}, ["E", "F"]),
        ("10", {"D": "5", "E": "6"}, ["E"]),
        ("10", {"EVM-9": "6", "EVM-10": "6"}, ["EVM-10"]),
        ("12", {"EVM-9": "6", "EVM-10": "6", "EVM-2": "6"}, ["EVM-10", "EVM-2"]),
        ("9", {"D": "10", "E": "11"}, []),
    ],
)
def test_plan_inventory__not_enough_for_all__covers_most_then_largest_then_first(
    surplus: str, deficits: dict[str, str], covered: list[str]
) -> None:
    chains = {name: below(each) for name, each in deficits.items()} | {"A": above(surplus)}

    answer = planned(file(chains))

    assert [row[1] for row in sent(answer)] == covered
    assert answer.exit_status == 3


def test_plan_inventory__larger_deficit_without_a_route__gives_way() -> None:
    chains = {"A": above("10"), "D": below("9"), "E": below("5")}

    answer = planned(file(chains, routes=[way("A", "E")]))

    assert sent(answer) == [("A", "E", "5")]
    assert failed(answer) == [("D", "5", "InsufficientSurplus")]


# Rule 5: choice of the plan.

TWO = {"A": above("10"), "B": above("10"), "D": below("10")}
THREE = {"A": above("10"), "B": above("5"), "C": above("5"), "D": below("10")}


@pytest.mark.parametrize(
    ("chains", "routes", "expected"),
    [
        # Two ordinary transfers rather than one over a fallback.
        (
            THREE,
            [way("A", "D", fallback=True), way("B", "D"), way("C", "D")],
            [("B", "R", "5"), ("C", "R", "5")],
        ),
        # One fallback rather than two.
        (
            THREE | {"A": above("5")},
            [way(name, "D", fallback=name != "C") for name in "ABC"],
            [("A", "R", "5"), ("C", "R", "5")],
        ),
        # One transfer with a fee rather than two without.
        (
            THREE | {"A": above("11")},
            [way("A", "D", fee="1"), way("B", "D"), way("C", "D")],
            [("A", "R", "11")],
        ),
        # A smaller fee rather than a shorter time.
        (
            TWO | {"A": above("11")},
            [way("A", "D", fee_bps="0.001", seconds="1"), way("B", "D", seconds="900")],
            [("B", "R", "10")],
        ),
        # A shorter time rather than the first name.
        (
            TWO,
            [way("A", "D", seconds="20.5"), way("B", "D", seconds="20")],
            [("B", "R", "10")],
        ),
        # The first source, then the first route, as strings.
        (TWO, [way("B", "D", "A"), way("A", "D", "B")], [("A", "B", "10")]),
        (TWO, [way("A", "D", "R9"), way("A", "D", "R10")], [("A", "R10", "10")]),
        # Lists are compared by source first; by destination first, C would send to E.
        (
            {"A": above("4"), "B": above("4"), "C": above("5"), "D": below("6"), "E": below("3")},
            None,
            [("A", "ANY", "1"), ("C", "ANY", "5"), ("A", "ANY", "3")],
        ),
        # The smaller sum: A sends a whole token, and B, with decimals, only the missing 0.5.
        (
            {"A": above("1", 0), "B": above("1", 2), "D": below("1.5", 2)},
            None,
            [("A", "ANY", "1"), ("B", "ANY", "0.5")],
        ),
        # The larger amount first.
        (
            {"A": above("4"), "B": above("4"), "D": below("5")},
            None,
            [("A", "ANY", "4"), ("B", "ANY", "1")],
        ),
    ],
)
def test_plan_inventory__several_plans__takes_the_first_by_the_rule(
    chains: dict[str, Any], routes: list[dict[str, Any]] | None, expected: Sent
) -> None:
    answer = planned(file(chains, routes=routes))

    assert routed(answer) == expected
    assert answer.document["optimal"] is True


def test_plan_inventory__time_of_a_plan__is_that_of_its_slowest_transfer() -> None:
    chains = {"A": above("5"), "B": above("5"), "C": above("5"), "D": below("10")}
    slow = [way("A", "D", seconds="30"), way("B", "D", seconds="30"), way("C", "D", seconds="29")]

    assert routed(planned(file(chains, routes=slow))) == [("A", "R", "5"), ("B", "R", "5")]


# Rule 6: deficits that are not covered, and the reason.


@pytest.mark.parametrize(
    ("surplus", "error"), [("5", "RouteUnavailable"), ("4.999999", "InsufficientSurplus")]
)
def test_plan_inventory__no_route__is_told_from_no_surplus(surplus: str, error: str) -> None:
    answer = planned(file({"A": above(surplus), "D": below("5")}, routes=[]))

    assert failed(answer) == [("D", surplus, error)]
    assert counts(answer) == (0, 0, True, 0)


# Rule 8: greedy.


def test_plan_inventory__greedy__takes_the_current_largest_surplus() -> None:
    answer = planned(file(numbered(["4", "3"], ["3", "2", "2"]), solver="greedy"))

    assert sent(answer) == [
        ("S0", "D0", "3"), ("S1", "D1", "2"), ("S0", "D2", "1"), ("S1", "D2", "1"),
    ]  # fmt: skip
    assert counts(answer) == (4, 3, False, 4)


def test_plan_inventory__greedy_and_more_sources_than_triggers__bound_counts_sources() -> None:
    answer = planned(file(numbered(["4", "3", "2"], ["8"]), solver="greedy"))

    assert sent(answer) == [("S0", "D0", "4"), ("S1", "D0", "3"), ("S2", "D0", "1")]
    assert counts(answer) == (3, 3, True, 3)


def test_plan_inventory__greedy_and_a_trigger_too_large__leaves_it_out_whole() -> None:
    answer = planned(file(numbered(["3", "2"], ["6", "3"]), solver="greedy"))

    assert sent(answer) == [("S0", "D1", "3")]
    assert failed(answer) == [("D0", "2", "InsufficientSurplus")]
    assert answer.exit_status == 3


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([way("A", "D", "P", fallback=True), way("A", "D", "Q", fee="1")], [("A", "Q", "5")]),
        ([way("A", "D", "P", fee="1"), way("A", "D", "Q", fee_bps="1")], [("A", "Q", "4.000401")]),
        ([way("A", "D", "P"), way("A", "D", "N")], [("A", "N", "4")]),
        ([way("A", "D", minimum="4.000001"), way("B", "D")], [("B", "R", "4")]),
        ([way("A", "D", minimum="4"), way("B", "D")], [("A", "R", "4")]),
        ([way("A", "D", maximum="3"), way("B", "D")], [("A", "R", "3"), ("B", "R", "1")]),
        ([way("B", "D")], [("B", "R", "4")]),
    ],
)  # fmt: skip
def test_plan_inventory__greedy_with_routes__ordinary_then_cheap_then_first(
    routes: list[dict[str, Any]], expected: Sent
) -> None:
    chains = {"A": above("6"), "B": above("4"), "D": below("4")}

    assert routed(planned(file(chains, routes=routes, solver="greedy"))) == expected


def test_plan_inventory__greedy_cannot_cover_them__its_count_is_null() -> None:
    chains = {"A": above("5"), "B": above("4"), "D": below("4"), "E": below("3")}
    routes = [way("A", "D"), way("A", "E"), way("B", "D")]

    answer = planned(file(chains, routes=routes))

    assert sent(answer) == [("B", "D", "4"), ("A", "E", "3")]
    assert counts(answer) == (2, 2, True, None)


def test_plan_inventory__greedy_count_null_for_one_asset__is_null_for_all() -> None:
    chains = {"A": above("5"), "B": above("4"), "D": below("4"), "E": below("3")}
    routes = [way("A", "D"), way("A", "E"), way("B", "D"), way("A", "D") | {"asset": "U"}]
    document = file(chains, routes=routes)
    document["assets"]["U"] = {"A": above("1"), "D": below("1")}

    assert counts(planned(document)) == (3, 3, True, None)


def test_plan_inventory__greedy_uses_a_fallback__its_count_may_be_smaller() -> None:
    routes = [way("A", "D", fallback=True), way("B", "D"), way("C", "D")]

    assert counts(planned(file(THREE, routes=routes))) == (2, 2, True, 1)


def test_plan_inventory__lists__are_sorted() -> None:
    chains = numbered(["1", "1"], ["1", "1"]) | {"X": below("9"), "Y": below("8")}
    document = file(chains)
    document["assets"] |= {"S": dict(reversed(chains.items()))}

    answer = planned(document)

    triggers: Any = answer.document["triggers"]
    names = [(asset, name) for asset in "ST" for name in ("D0", "D1", "X", "Y")]
    assert [(row["asset"], row["chain"]) for row in triggers] == names
    assert sent(answer) == [("S0", "D0", "1"), ("S1", "D1", "1")] * 2
    assert [row[0] for row in failed(answer)] == ["X", "Y"] * 2


def capped(source: str, maximum: str, **members: Any) -> dict[str, Any]:
    """Return a limit on the total that leaves a chain."""
    return {"asset": "T", "source": source, "maximum": maximum} | members


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([], [("A", "D", "5"), ("A", "E", "5")]),
        ([capped("A", "10", route="R")], [("A", "D", "5"), ("A", "E", "5")]),
        ([capped("A", "9.999999", route="R")], [("A", "D", "5"), ("B", "E", "5")]),
        ([capped("A", "5"), capped("B", "5")], [("A", "D", "5"), ("B", "E", "5")]),
        ([capped("A", "4")], [("B", "D", "5"), ("B", "E", "5")]),
        ([capped("A", "0"), capped("B", "5")], [("B", "D", "5")]),
    ],
)
def test_plan_inventory__limits_that_lanes_share__bound_their_sum(
    limits: list[dict[str, Any]], expected: Sent
) -> None:
    """M22: the total that leaves each of two sources is limited, for any destinations."""
    chains = {"A": above("100"), "B": above("100"), "D": below("5"), "E": below("5")}
    routes = [way(source, sink) for source in "AB" for sink in "DE"]

    assert sent(planned(file(chains, routes=routes, limits=limits))) == expected


def test_plan_inventory__no_limits__the_id_is_that_of_older_files() -> None:
    chains = {"A": above("5"), "D": below("5")}
    ids = [planned(each).document["plan_id"] for each in (file(chains), file(chains, limits=[]))]
    limited = planned(file(chains, limits=[capped("A", "5")])).document["plan_id"]
    assert ids[0] == ids[1] != limited
