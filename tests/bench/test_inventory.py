"""Duration of transfer plans, shares proven optimal, and savings compared with greedy.

The table goes to the terminal and, as JSON, to reports/bench/inventory.json.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from keepers.planning.files.inventory import plan_inventory_file
from tests.bench.inventory_files import KINDS, inventory_file
from tests.bench.size import publish, sized

REPORT = Path(__file__).parents[2] / "reports" / "bench" / "inventory.json"
SIZES = sized(
    {4: 60, 6: 60, 8: 60, 10: 40, 12: 40, 14: 40, 20: 10, 40: 10, 80: 3, 200: 2},
    {4: 5, 8: 5, 14: 2, 20: 1},
)
"""Files of each kind by number of chains."""
TIME_LIMIT = "5"
"""Time limit of a plan in seconds."""
FEE = 5
"""Cost of one transfer in whole tokens: gas at both ends and the bridge."""


@dataclass(frozen=True)
class Measured:
    """Result of planning one file."""

    seconds: float
    count: int
    bound: int
    optimal: bool
    greedy: int | None
    uncovered: int

    @property
    def saved(self) -> int:
        """Transfers that greedy makes in addition to the plan's."""
        return 0 if self.greedy is None else self.greedy - self.count


@dataclass(frozen=True)
class Row:
    """Results of all files of one kind and size."""

    chains: int
    kind: str
    files: int
    median_ms: float
    worst_ms: float
    proven_fewest: float
    """Share whose number of transfers meets the bound."""
    proven_optimal: float
    """Share in which the rule also resolves all ties."""
    widest_gap: int
    mean_transfers: float
    greedy_worse: float
    most_extra: int
    saved_per_plan: float
    plans_uncovered: int


def measure(data: bytes) -> Measured:
    started = time.perf_counter()
    document: dict[str, Any] = dict(plan_inventory_file(data).document)
    seconds = time.perf_counter() - started
    assert document["triggers"], "each file has a chain below its threshold"
    assert document["transfer_count"] == len(document["transfers"]) >= document["lower_bound"]
    return Measured(
        seconds,
        document["transfer_count"],
        document["lower_bound"],
        document["optimal"],
        document["greedy_count"],
        len(document["uncovered"]),
    )


def row_of(kind: str, chains: int, plans: list[Measured]) -> Row:
    number = len(plans)
    return Row(
        chains=chains,
        kind=kind,
        files=number,
        median_ms=round(1000 * statistics.median(each.seconds for each in plans), 2),
        worst_ms=round(1000 * max(each.seconds for each in plans), 2),
        proven_fewest=sum(each.count == each.bound for each in plans) / number,
        proven_optimal=sum(each.optimal for each in plans) / number,
        widest_gap=max(each.count - each.bound for each in plans),
        mean_transfers=round(statistics.mean(each.count for each in plans), 2),
        greedy_worse=sum(each.saved > 0 for each in plans) / number,
        most_extra=max(each.saved for each in plans),
        saved_per_plan=round(FEE * statistics.mean(each.saved for each in plans), 2),
        plans_uncovered=sum(each.uncovered > 0 for each in plans),
    )


def table(rows: list[Row]) -> str:
    names = (
        f"{'chains':>6} {'kind':<9}{'files':>6}{'median ms':>11}{'worst ms':>10}{'fewest':>8}"
        f"{'optimal':>9}{'gap':>5}{'transfers':>11}{'greedy worse':>14}{'by up to':>10}{'saved':>8}"
    )
    title = f"Plans of transfers, at most {TIME_LIMIT} s each; saved at {FEE} tokens a transfer"
    lines = [title, names]
    lines += [
        f"{row.chains:>6} {row.kind:<9}{row.files:>6}{row.median_ms:>11.1f}{row.worst_ms:>10.1f}"
        f"{row.proven_fewest:>8.0%}{row.proven_optimal:>9.0%}{row.widest_gap:>5}{row.mean_transfers:>11.2f}"
        f"{row.greedy_worse:>14.0%}{row.most_extra:>10}{row.saved_per_plan:>8.2f}"
        for row in rows
    ]
    return "\n".join(lines)


def test_plan_inventory__by_number_of_chains__prints_times_and_savings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = list[Row]()
    for chains, files in SIZES.items():
        for kind in KINDS:
            asked = [inventory_file(kind, chains, seed, TIME_LIMIT) for seed in range(files)]
            rows.append(row_of(kind, chains, [measure(each) for each in asked]))
            with capsys.disabled():
                print(".", end="", flush=True)
    report = {"time_limit_seconds": TIME_LIMIT, "fee_per_transfer": str(FEE)}
    text = json.dumps(report | {"rows": [asdict(row) for row in rows]}, indent=2) + "\n"
    publish(REPORT, text, capsys)
    with capsys.disabled():
        print(table(rows))
