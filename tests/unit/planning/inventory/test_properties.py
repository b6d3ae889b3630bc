"""Property tests of plans of transfers, for any file."""

import copy
import json
import random
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keepers.planning.files.document import PlannerAnswer
from keepers.planning.files.inventory import plan_inventory_file
from tests.unit.planning.inventory.strategies import (
    FAMILIES,
    LARGE,
    TIME_LIMIT,
    Family,
    any_documents,
    documents,
)

pytestmark = pytest.mark.long

Document = dict[str, Any]
Key = tuple[str, str]
"""An asset and a chain."""

FREE = st.one_of(*map(documents, [FAMILIES["no routes"], FAMILIES["balanced"], *LARGE.values()]))
"""Files in which every pair of chains has a free and unlimited route."""
SAME = Family(sources=3, triggers=3, decimals=(3,), routes=True, limits=True, fees=True)
SCALED = replace(SAME, fallbacks=True, seconds=True, flights=True, parallel=2)
ANY = any_documents() | documents(FAMILIES["greedy, routes"])
SEEDS = st.integers(0, 1000)


def planned(document: Document) -> PlannerAnswer:
    return plan_inventory_file(json.dumps(document).encode())


def rows(answer: PlannerAnswer, name: str) -> list[dict[str, Any]]:
    found: Any = answer.document[name]
    return found


def sent(answer: PlannerAnswer) -> list[dict[str, Any]]:
    return rows(answer, "transfers")


def uncovered(answer: PlannerAnswer) -> set[Key]:
    return {(row["asset"], row["chain"]) for row in rows(answer, "uncovered")}


def covered(answer: PlannerAnswer) -> dict[Key, Fraction]:
    """Return the deficits of the covered triggers."""
    without = uncovered(answer)
    return {
        (row["asset"], row["chain"]): Fraction(row["deficit"])
        for row in rows(answer, "triggers")
        if (row["asset"], row["chain"]) not in without
    }


def holdings(document: Document) -> dict[Key, dict[str, Any]]:
    return {
        (asset, chain): row
        for asset, chains in document["assets"].items()
        for chain, row in chains.items()
    }


def effective(document: Document) -> dict[Key, Fraction]:
    found = {key: Fraction(row["balance"]) for key, row in holdings(document).items()}
    for row in listed(document, "in_flight"):
        if not row["debited"]:
            found[row["asset"], row["source"]] -= Fraction(row["amount"])
        if not row["credited"]:
            found[row["asset"], row["destination"]] += Fraction(row["arriving"])
    return found


def listed(document: Document, name: str) -> list[dict[str, Any]]:
    """Return the routes or the transfers in flight, if any."""
    found: Any = document.get(name)
    return [] if found is None else found


def spell(number: Fraction) -> str:
    """Return a number as text with at most 18 decimals."""
    units = number * 10**18
    assert units.denominator == 1
    return f"{Decimal(int(units)).scaleb(-18).normalize():f}"


def applied(document: Document, answer: PlannerAnswer) -> Document:
    """Return the file after all transfers have arrived."""
    after = copy.deepcopy(document)
    amounts = {key: Fraction(row["balance"]) for key, row in holdings(after).items()}
    for row in after.pop("in_flight", []):
        if not row["debited"]:
            amounts[row["asset"], row["source"]] -= Fraction(row["amount"])
        if not row["credited"]:
            amounts[row["asset"], row["destination"]] += Fraction(row["arriving"])
    for row in sent(answer):
        amounts[row["asset"], row["source"]] -= Fraction(row["amount"])
        amounts[row["asset"], row["destination"]] += Fraction(row["arrives"])
    for key, row in holdings(after).items():
        row["balance"] = spell(amounts[key])
    return after


def as_flights(document: Document, answer: PlannerAnswer, seed: int) -> Document:
    """Return the file with the transfers in flight, debited and credited at random."""
    source, after = random.Random(seed), copy.deepcopy(document)
    amounts = {key: Fraction(row["balance"]) for key, row in holdings(after).items()}
    flights: list[dict[str, Any]] = after.setdefault("in_flight", [])
    for row in sent(answer):
        debited, credited = source.random() < 0.5, source.random() < 0.5
        # The amount may itself be in flight, and cannot leave before it has arrived.
        debited &= amounts[row["asset"], row["source"]] >= Fraction(row["amount"])
        if debited:
            amounts[row["asset"], row["source"]] -= Fraction(row["amount"])
        if credited:
            amounts[row["asset"], row["destination"]] += Fraction(row["arrives"])
        names = ("asset", "source", "destination", "amount")
        flight = {name: row[name] for name in names} | {"arriving": row["arrives"]}
        flights.append(flight | {"debited": debited, "credited": credited})
    for key, row in holdings(after).items():
        row["balance"] = spell(amounts[key])
    return after


def shuffled(value: Any, source: random.Random) -> Any:
    """Return the document with all object members and list items in random order."""
    if isinstance(value, dict):
        members: list[tuple[str, Any]] = list(value.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        return {key: shuffled(each, source) for key, each in source.sample(members, len(members))}
    if isinstance(value, list):
        items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        return [shuffled(each, source) for each in source.sample(items, len(items))]
    return value


def complete(document: Document) -> Document:
    """Return the document with its defaults written out, and with trailing zeros."""
    filled: Document = {"solver": "exact", "in_flight": [], "routes": None}
    filled |= document
    filled["trigger_percentage"] += "00"
    defaults: dict[str, Any] = {"fee": "0", "fee_bps": "0", "seconds": "0", "fallback": False}
    defaults |= {"minimum": None, "maximum": None}
    if "routes" in document:
        filled["routes"] = [defaults | row for row in listed(document, "routes")]
    return filled


def scaled(document: Document, factor: int) -> Document:
    """Return the document with every amount multiplied by a factor."""
    after = copy.deepcopy(document)
    names = ("base", "balance", "amount", "arriving", "fee", "minimum", "maximum")
    for row in [*listed(after, "routes"), *listed(after, "in_flight"), *holdings(after).values()]:
        for name in names:
            if row.get(name) is not None:
                row[name] = spell(factor * Fraction(row[name]))
    return after


def by_asset(items: dict[Key, Fraction]) -> dict[str, list[Fraction]]:
    found: dict[str, list[Fraction]] = defaultdict(list)
    for (asset, _), number in items.items():
        found[asset].append(number)
    return found


@given(ANY, SEEDS)
def test_plan_inventory__any_order_of_the_input__same_answer_and_id(
    document: Document, seed: int
) -> None:
    mixed = shuffled(document, random.Random(seed))

    assert planned(mixed) == planned(document)


@given(ANY)
def test_plan_inventory__defaults_written_out__same_answer_and_id(document: Document) -> None:
    assert planned(complete(document)) == planned(document)


@given(documents(FAMILIES["routes"]), SEEDS)
def test_plan_inventory__anything_that_matters_changed__another_id(
    document: Document, seed: int
) -> None:
    source = random.Random(seed)
    asset = source.choice(sorted(document["assets"]))
    chain = source.choice(sorted(document["assets"][asset]))
    other = copy.deepcopy(document)
    row = other["assets"][asset][chain]
    row["balance"] = spell(Fraction(row["balance"]) + Fraction(1, 10 ** row["decimals"]))
    ids = {
        str(planned(each).document["plan_id"])
        for each in (document, other, document | {"solver": "greedy"})
    }

    assert len(ids) == 3


def assert_keeps_bases_and_meets_deficits(document: Document, answer: PlannerAnswer) -> None:
    held, before = holdings(document), effective(document)
    left: dict[Key, Fraction] = defaultdict(Fraction)
    arrived: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in sent(answer):
        left[row["asset"], row["source"]] += Fraction(row["amount"])
        arrived[row["asset"], row["destination"]].append(row)
        assert Fraction(row["amount"]) >= Fraction(row["arrives"]) > 0
    places = [(r["asset"], r["source"], r["destination"], r["route"]) for r in sent(answer)]

    assert len(set(places)) == len(places) == answer.document["transfer_count"]
    for key, amount in left.items():
        assert before[key] - amount >= Fraction(held[key]["base"])
    deficits = covered(answer)
    assert set(arrived) == set(deficits)
    for (asset, chain), into in arrived.items():
        excess = sum(Fraction(row["arrives"]) for row in into) - deficits[asset, chain]
        ends = [chain, *(row["source"] for row in into)]
        coarsest = min(held[asset, each]["decimals"] for each in ends)
        assert 0 <= excess < Fraction(1, 10**coarsest)


@given(ANY)
def test_plan_inventory__any_file__keeps_bases_and_meets_deficits(document: Document) -> None:
    assert_keeps_bases_and_meets_deficits(document, planned(document))


@given(ANY)
def test_plan_inventory__hardly_any_time__keeps_bases_and_meets_deficits(
    document: Document,
) -> None:
    answer = planned(document | {"time_limit_seconds": "0.001"})

    assert_keeps_bases_and_meets_deficits(document, answer)
    bound, count = (answer.document[name] for name in ("lower_bound", "transfer_count"))
    assert isinstance(bound, int)
    assert isinstance(count, int)
    assert bound <= count
    if answer.document["optimal"]:
        plan = planned(document).document
        assert plan | {"plan_id": None} == answer.document | {"plan_id": None}


@given(ANY)
def test_plan_inventory__any_file__no_token_is_made_or_lost_but_fees_and_dust(
    document: Document,
) -> None:
    answer = planned(document)
    fees = {
        (row["asset"], row["source"], row["destination"], row["route"]): row
        for row in listed(document, "routes")
    }
    held = holdings(document)
    for row in sent(answer):
        lost = Fraction(row["amount"]) - Fraction(row["arrives"])
        route = fees.get((row["asset"], row["source"], row["destination"], row["route"]), {})
        source = held[row["asset"], row["source"]]["decimals"]
        destination = held[row["asset"], row["destination"]]["decimals"]
        units = Fraction(row["amount"]) * 10**source
        share = -(-units * Fraction(route.get("fee_bps", "0")) // 10_000)
        fee = Fraction(route.get("fee", "0")) + Fraction(share, 10**source)
        dust = lost - fee
        assert 0 <= dust < Fraction(1, 10**destination)
        assert dust == 0 or source > destination


@given(ANY)
def test_plan_inventory__any_file__totals_and_status_are_those_of_the_lists(
    document: Document,
) -> None:
    answer = planned(document)
    count, bound, greedy = (
        answer.document[name] for name in ("transfer_count", "lower_bound", "greedy_count")
    )

    assert isinstance(count, int)
    assert isinstance(bound, int)
    assert 0 <= bound <= count == len(sent(answer))
    assert answer.exit_status == (3 if uncovered(answer) else 0)
    if document.get("solver") == "greedy":
        assert greedy == count
        assert answer.document["optimal"] == (bound == count)
    if answer.document["optimal"]:
        assert bound == count
    for row in rows(answer, "uncovered"):
        short = Fraction(row["available"]) < Fraction(row["deficit"])
        assert row["error"] == ("InsufficientSurplus" if short else "RouteUnavailable")


@given(ANY)
def test_plan_inventory__applied_and_planned_again__nothing_to_do_for_what_is_covered(
    document: Document,
) -> None:
    first = planned(document)

    second = planned(applied(document, first))

    triggers = {(row["asset"], row["chain"]) for row in rows(second, "triggers")}
    assert triggers == uncovered(first)
    if not uncovered(first):
        assert sent(second) == []


@given(ANY, SEEDS)
def test_plan_inventory__under_way_and_planned_again__as_if_it_had_arrived(
    document: Document, seed: int
) -> None:
    first = planned(document)

    waiting = planned(as_flights(document, first, seed)).document
    arrived = planned(applied(document, first)).document

    assert waiting | {"plan_id": None} == arrived | {"plan_id": None}


@given(any_documents())
def test_plan_inventory__without_fallbacks__never_more_transfers_than_greedy(
    document: Document,
) -> None:
    for row in listed(document, "routes"):
        row["fallback"] = False

    answer = planned(document)

    greedy: Any = answer.document["greedy_count"]
    count: Any = answer.document["transfer_count"]
    assert greedy is None or count <= greedy


@given(any_documents())
def test_plan_inventory__same_file__covers_no_fewer_triggers_than_greedy(
    document: Document,
) -> None:
    exact, greedy = planned(document), planned(document | {"solver": "greedy"})

    assert len(uncovered(exact)) <= len(uncovered(greedy))


@given(FREE)
def test_plan_inventory__without_routes__stays_within_the_known_bounds(document: Document) -> None:
    answer, before = planned(document), effective(document)
    surpluses = by_asset(
        {
            key: before[key] - Fraction(row["base"])
            for key, row in holdings(document).items()
            if before[key] > Fraction(row["base"])
        }
    )
    for asset, deficits in by_asset(covered(answer)).items():
        sums = accumulate(sorted(surpluses[asset], reverse=True))
        least = next(index for index, each in enumerate(sums, 1) if each >= sum(deficits))
        count = sum(row["asset"] == asset for row in sent(answer))
        assert max(len(deficits), least) <= count <= len(deficits) + least - 1


@given(FREE, SEEDS, st.integers(1, 20))
def test_plan_inventory__one_surplus_grows__never_more_transfers(
    document: Document, seed: int, units: int
) -> None:
    before = planned(document)
    balances = effective(document)
    rich = sorted(
        key for key, row in holdings(document).items() if balances[key] > Fraction(row["base"])
    )
    assume(rich)
    row = holdings(document)[random.Random(seed).choice(rich)]
    row["balance"] = spell(Fraction(row["balance"]) + Fraction(units, 10 ** row["decimals"]))

    after = planned(document)

    assert len(uncovered(after)) <= len(uncovered(before))
    if uncovered(after) == uncovered(before):
        assert len(sent(after)) <= len(sent(before))


@given(documents(SCALED) | FREE, st.integers(2, 1000))
def test_plan_inventory__every_amount_scaled__same_plan_scaled(
    document: Document, factor: int
) -> None:
    plain, large = planned(document), planned(scaled(document, factor))

    for name in ("triggers", "transfers", "uncovered"):
        assert _times(rows(plain, name), factor) == rows(large, name)
    for name in ("transfer_count", "lower_bound", "optimal", "greedy_count"):
        assert plain.document[name] == large.document[name]


def _times(items: list[dict[str, Any]], factor: int) -> list[dict[str, Any]]:
    names = {"balance", "threshold", "deficit", "amount", "arrives", "available"}
    return [
        {
            name: spell(factor * Fraction(each)) if name in names else each
            for name, each in row.items()
        }
        for row in items
    ]


@given(documents(FAMILIES["assets"]))
def test_plan_inventory__several_assets__each_is_planned_as_if_alone(document: Document) -> None:
    whole = planned(document)

    transfers, greedy = list[dict[str, Any]](), list[Any]()
    for asset, chains in sorted(document["assets"].items()):
        alone: Document = document | {"assets": {asset: chains}, "time_limit_seconds": TIME_LIMIT}
        for name in ("routes", "in_flight"):
            alone[name] = [row for row in listed(document, name) if row["asset"] == asset]
        answer = planned(alone)
        assert answer.exit_status <= whole.exit_status
        transfers += sent(answer)
        greedy.append(answer.document["greedy_count"])

    assert sent(whole) == transfers
    assert whole.document["greedy_count"] == (None if None in greedy else sum(greedy))
