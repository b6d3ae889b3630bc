"""Each method of the inventory planner left out in turn: plans and proofs that are lost.

The same files are planned with all methods, without one of them, and with packing and the
mixed-integer solver alone. The table goes to docs/evidence/benchmarks/planners.md.
"""

# ruff: noqa: E501 - rows of a table

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keepers.planning.files.inventory import plan_inventory_file
from keepers.planning.inventory import fewest
from keepers.planning.inventory.mixed import Mixed
from tests.bench.inventory_files import KINDS, inventory_file
from tests.bench.size import publish, sized
from tests.unit.planning.inventory.strategies import FAMILIES, seeded_document

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "benchmarks" / "planners.md"
TIME_LIMIT = "2"
"""Time limit of a plan in seconds."""
SIZES = sized({6: 10, 10: 8, 14: 5, 20: 3, 40: 2}, {6: 1})
"""Files of each kind without routes, by number of chains."""
FILES = sized(10, 1)
"""Files of each family."""

INTRODUCTION = """\
# What each method of the inventory planner is for

<!-- `make bench` writes this page: tests/bench/test_planner_methods.py. -->

Packing and the mixed-integer solver alone do not keep every plan and every proof, so all five methods stay.

| method | for | without it |
| --- | --- | --- |
| `packing` | deficits that fit whole into surpluses, any number of chains | the search has to prove that no plan has one transfer for each trigger before `trees` may start |
| `trees` | up to 14 chains with tight surpluses | the search alone does not come to an end at 14 balanced chains; the solver takes a multiple of the time |
| `search` | up to 14 chains with fees, limits or times | ties by fee and time stay open: plans have as few transfers, and are not proven best |
| `grouping` | more than 14 chains with tight surpluses | more transfers, or fewer chains covered, in the time there is |
| `mixed` | more than 14 chains with any routes | fewer chains covered, or more transfers, in markets of 20 chains with slack and of 40 balanced ones |

Each row below plans the same files with all methods, with one left out, or with those named, in at most {seconds} seconds a plan.
"as good" is the share of plans that cover the same triggers with no more transfers than all methods do. "Proven" shares are of the
plans found: a method that covers fewer triggers may prove that plan. "Same plan" means the same transfers to the last unit. Beyond 14 chains the time limit decides, so
shares differ from run to run.

"""
"""Text above the table, with the conclusions from it."""

Change = Callable[[pytest.MonkeyPatch], None]


def nothing(*_: object) -> None:
    """Replace a method with one that finds nothing."""


def without_packing(patch: pytest.MonkeyPatch) -> None:
    def undecided(*_: object) -> tuple[None, bool]:
        return None, False

    patch.setattr(fewest, "_packed", undecided)


def without_trees(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fewest, "MOST_NODES", -1)


def without_search(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fewest, "MOST_SEARCHED", -1)
    split = fewest._split  # pyright: ignore[reportPrivateUsage]

    def only_trees(market: Any, search: Any, deadline: Any, *, impossible: bool) -> Any:
        def never() -> None:
            raise NoSearchError

        search.solve = never
        try:
            return split(market, search, deadline, impossible=impossible)
        except NoSearchError:
            return fewest._large(market, search, deadline, impossible=impossible)  # pyright: ignore[reportPrivateUsage]

    patch.setattr(fewest, "_split", only_trees)


class NoSearchError(Exception):
    """The search was called although it is left out."""


def without_grouping(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fewest, "grouped", nothing)


def without_mixed(patch: pytest.MonkeyPatch) -> None:
    def unsolved(_: object, least: int, __: object) -> Mixed:
        return Mixed(None, least)

    patch.setattr(fewest, "mixed_integer", unsolved)
    patch.setattr(fewest, "smallest_names", nothing)


def without_trees_and_grouping(patch: pytest.MonkeyPatch) -> None:
    without_grouping(patch)

    def split(market: Any, search: Any, deadline: Any, *, impossible: bool) -> Any:
        if len(market.triggers) + len(market.surpluses) > fewest.MOST_NODES:
            return fewest._large(market, search, deadline, impossible=impossible)  # pyright: ignore[reportPrivateUsage]
        solution = search.solve()
        return None if solution is None else fewest.Fewest(solution, len(solution.edges))

    patch.setattr(fewest, "_split", split)


def packing_and_mixed(patch: pytest.MonkeyPatch) -> None:
    without_trees(patch)
    patch.setattr(fewest, "MOST_SEARCHED", -1)
    without_grouping(patch)


METHODS: dict[str, Change] = {
    "all": lambda _: None,
    "without packing": without_packing,
    "without trees": without_trees,
    "without search": without_search,
    "without grouping": without_grouping,
    "without mixed": without_mixed,
    "packing + search + mixed": without_trees_and_grouping,
    "packing + mixed": packing_and_mixed,
}


def plain(name: str) -> bool:
    """Return whether no route of a family has a fee, time, limit or total, or is a fallback."""
    family = FAMILIES[name]
    extras = (family.fees, family.limits, family.seconds, family.fallbacks, family.totals)
    return not any(extras)


def files() -> dict[str, list[bytes]]:
    """Return the files by class of market."""
    found: dict[str, list[bytes]] = {}
    for chains, count in SIZES.items():
        for kind in KINDS:
            found[f"{kind}, {chains} chains"] = [
                inventory_file(kind, chains, seed, TIME_LIMIT) for seed in range(count)
            ]
    for name, family in FAMILIES.items():
        if family.solver is not None:
            continue
        group = "few chains, free routes" if plain(name) else "few chains, fees, limits or times"
        for seed in range(FILES):
            document = seeded_document(family, seed) | {"time_limit_seconds": TIME_LIMIT}
            found.setdefault(group, []).append(json.dumps(document).encode())
    return found


@dataclass(frozen=True)
class Planned:
    seconds: float
    document: dict[str, Any]


def plan_all(asked: list[bytes], change: Change) -> list[Planned]:
    planned: list[Planned] = []
    with pytest.MonkeyPatch.context() as patch:
        change(patch)
        for each in asked:
            started = time.perf_counter()
            document = dict(plan_inventory_file(each).document)
            planned.append(Planned(time.perf_counter() - started, document))
    return planned


def row(group: str, method: str, plans: list[Planned], reference: list[Planned]) -> str:
    """Return the row: shares of the files, and time compared with all methods."""
    number = len(plans)
    pairs = [(a.document, b.document) for a, b in zip(plans, reference, strict=True)]
    as_good = sum(
        a["transfer_count"] == b["transfer_count"] and a["uncovered"] == b["uncovered"]
        for a, b in pairs
    )
    fewest_proven = sum(a["transfer_count"] == a["lower_bound"] for a, _ in pairs)
    optimal = sum(a["optimal"] for a, _ in pairs)
    same = sum(a["transfers"] == b["transfers"] for a, b in pairs)
    ratio = sum(each.seconds for each in plans) / sum(each.seconds for each in reference)
    median = 1000 * statistics.median(each.seconds for each in plans)
    return (
        f"| {group} | {number} | {method} | {as_good / number:.0%} | {fewest_proven / number:.0%} "
        f"| {optimal / number:.0%} | {same / number:.0%} | {median:.1f} | {ratio:.2f} |"
    )


def test_plan_inventory__one_method_left_out__prints_what_is_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [
        (
            "| markets | files | methods | as good | proven fewest | proven optimal | same plan "
            "| median ms | time beside all |"
        ),
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    plan_inventory_file(inventory_file("balanced", 20, 0, TIME_LIMIT))  # loads the solver
    for group, asked in files().items():
        reference = plan_all(asked, METHODS["all"])
        for method, change in METHODS.items():
            plans = reference if method == "all" else plan_all(asked, change)
            lines.append(row(group, method, plans, reference))
            with capsys.disabled():
                print(lines[-1], flush=True)
            assert all(
                each.document["lower_bound"] <= best.document["transfer_count"]
                or each.document["uncovered"] != best.document["uncovered"]
                for each, best in zip(plans, reference, strict=True)
            )
    publish(PAGE, INTRODUCTION.format(seconds=TIME_LIMIT) + "\n".join(lines) + "\n", capsys)
