"""Duration of the tier planner, compared with reading the same input from JSON."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable

import pytest

from keepers.planning.files.tiers import plan_tiers_file
from tests.bench.size import sized

STATES = sized(500, 5)
HOLDINGS = (0, 10, 100)


def question(random_source: random.Random, holdings: int) -> bytes:
    """Return a vault of about ten million, with holdings spread over L2 and L3."""
    values = [random_source.randrange(1, 10**13) for _ in range(3)]
    tiers = {
        f"L{place + 1}": {"value": f"{value // 10**6}.{value % 10**6:06}"}
        for place, value in enumerate(values)
    }
    held = [
        {"asset": f"A{each}", "tier": random_source.choice(("L2", "L3")), "value": str(each + 1)}
        for each in range(holdings)
    ]
    document = {"settlement": {"symbol": "USDT", "decimals": 6}, "tiers": tiers, "holdings": held}
    return json.dumps(document).encode()


def median_microseconds(work: Callable[[bytes], object], questions: list[bytes]) -> int:
    """Return the median time of one call."""
    times: list[int] = []
    for each in questions:
        started = time.perf_counter_ns()
        work(each)
        times.append(time.perf_counter_ns() - started)
    return int(statistics.median(times)) // 1000


@pytest.mark.parametrize("holdings", HOLDINGS)
def test_plan_tiers__by_number_of_holdings__prints_medians(
    holdings: int, capsys: pytest.CaptureFixture[str]
) -> None:
    random_source = random.Random(holdings)
    questions = [question(random_source, holdings) for _ in range(STATES)]
    planning = median_microseconds(plan_tiers_file, questions)
    reading = median_microseconds(json.loads, questions)
    for each in questions:
        before = plan_tiers_file(each).document["before"]
        assert isinstance(before, dict)
        assert set(before) == {"L1", "L2", "L3"}
    with capsys.disabled():
        print(
            f"\nplan tiers, {holdings} holdings: median {planning} us a file, "
            f"{planning / max(reading, 1):.0f} times json.loads of it ({STATES} files)"
        )
