"""Planning files for inventory by number of chains, as operators configure them."""

from __future__ import annotations

import json
import random
from itertools import pairwise

ROUND = 500
"""Whole tokens; round amounts are multiples of it."""
CENTS = 100


def parts(source: random.Random, total: int, count: int) -> list[int]:
    """Return `count` positive numbers with the sum `total`."""
    cuts = sorted(source.sample(range(1, total), count - 1))
    return [high - low for low, high in pairwise([0, *cuts, total])]


def balanced(source: random.Random, sources: int, triggers: int) -> tuple[list[int], list[int]]:
    """Return round surpluses that meet round deficits exactly, in cents."""
    total = sum(source.randint(1, 20) for _ in range(sources + triggers))
    surpluses, deficits = (parts(source, total, count) for count in (sources, triggers))
    unit = ROUND * CENTS
    return [each * unit for each in surpluses], [each * unit for each in deficits]


def with_slack(source: random.Random, sources: int, triggers: int) -> tuple[list[int], list[int]]:
    """Return surpluses that exceed the deficits by up to a half, in cents."""
    deficits = [
        source.randint(500, 20_000) * CENTS + source.randrange(CENTS) for _ in range(triggers)
    ]
    total = sum(deficits) * source.randint(100, 150) // 100
    return parts(source, total, sources), deficits


KINDS = {"balanced": balanced, "slack": with_slack}


def inventory_file(kind: str, chains: int, seed: int, time_limit: str) -> bytes:
    """Return a file with about half of the chains triggered and a surplus on the others."""
    source = random.Random(f"{kind} {chains} {seed}")
    surpluses, deficits = KINDS[kind](source, chains // 2, chains - chains // 2)
    units = [(10_000 * CENTS, 10_000 * CENTS + each) for each in surpluses]
    units += [(each + each // 2, each // 2) for each in deficits]
    source.shuffle(units)
    rows = {
        f"EVM-{index}": {"base": cents(base), "balance": cents(balance), "decimals": 6}
        for index, (base, balance) in enumerate(units, 1)
    }
    document = {
        "trigger_percentage": "0.5",
        "time_limit_seconds": time_limit,
        "assets": {"USDC": rows},
    }
    return json.dumps(document).encode()


def cents(number: int) -> str:
    """Format cents as whole tokens."""
    return f"{number // CENTS}.{number % CENTS:02}"
