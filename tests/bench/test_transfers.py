"""Ten transfers in parallel, compared with one alone, on chains with blocks of one second.

The table goes to the terminal and to docs/evidence/benchmarks/transfers.md.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
import structlog

from keepers.runtime.treasury.runtime import treasury_runtime
from keepers.transfers.machine.machine import advance_until_bridged
from scripts.network.chain import LocalChain
from tests.bench.size import is_short, publish, sized
from tests.bench.test_sending import counted_statements
from tests.integration.transfers.carriers import Order
from tests.integration.transfers.conftest import KeeperOf, keeper_of, treasury_network
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.test_end_to_end import ORDERS
from tests.support.sqlite import new_database

__all__ = ["keeper_of", "treasury_network"]

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "benchmarks" / "transfers.md"
MANY = sized(10, 3)
CONFIRMATIONS, FINALITY = 3, 6
BLOCK_SECONDS = 1
POLL_SECONDS = 0.05
MOST_PHASES = 8
MOST = Fraction(3, 2)

INTRODUCTION = """\
# Transfers side by side

<!-- `make bench` writes this page: tests/bench/test_transfers.py. -->

One transfer, then ten that are planned as one batch, from the plan until all have arrived. Three
local chains make a block a second, and a transaction must be {confirmations} deep. The time in
which bridges carry is left out: they deliver while the keeper does nothing. *One way* sends all ten
by CCTP from one chain to another, so one key's nonces and one engine carry all of them. *Several
ways* are both assets by CCTP and LayerZero between three chains. The database is a SQLite file.
Measured with {cores} cores at a load of {load:.1f}.

At most {most} times the time of one is allowed, and tested.

| transfers | seconds for one | seconds for ten | ten / one | blocks with sends, of one and ten |
| --- | --- | --- | --- | --- |
"""


@pytest.fixture(autouse=True)
def quiet() -> Generator[None]:
    """Log only warnings: a line for every request would take a good part of the time."""
    before = structlog.get_config()
    level = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=level)
    yield
    structlog.configure(**before)


@dataclass(frozen=True)
class Taken:
    """Cost of transfers: seconds of the keeper, statements, blocks with transactions of its key."""

    seconds: float
    statements: int
    blocks: int


@contextmanager
def slow_blocks(chains: Iterable[LocalChain]) -> Generator[None]:
    """Mine a block a second, whatever is sent."""
    these = tuple(chains)
    for chain in these:
        chain.rpc("evm_setIntervalMining", BLOCK_SECONDS)
    yield
    for chain in these:
        chain.rpc("evm_setIntervalMining", 0)
        chain.rpc("evm_setAutomine", True)


async def brought(keeper: TreasuryKeeper) -> float:
    """Finish all planned transfers; return the seconds without those of bridges."""
    seconds = 0.0
    async with treasury_runtime(keeper.settings, arm=True, progress=lambda _: None) as work:
        for _ in range(MOST_PHASES):
            started = time.perf_counter()
            await advance_until_bridged(work.machine, poll_seconds=POLL_SECONDS)
            seconds += time.perf_counter() - started
            if all(each.has_ended for each in work.machine.transfers.unsettled()):
                return seconds
            await asyncio.to_thread(keeper.treasuries.bridges.deliver)
    raise AssertionError([(each.position.text, each.wait) for each in keeper.transfers()])


def taken(keeper: TreasuryKeeper, orders: Sequence[Order]) -> Taken:
    """Plan transfers as one batch, finish them, and return their cost."""
    treasuries = keeper.treasuries
    keeper.configure(confirmations=CONFIRMATIONS, finality=FINALITY)
    keeper.begin(*orders)
    with slow_blocks(treasuries.chains.values()), counted_statements() as statements:
        seconds = asyncio.run(brought(keeper))
    blocks = sum(treasuries.blocks_with_legs(name) for name in treasuries.chains)
    return Taken(seconds, statements.total(), blocks)


def one_way() -> list[Order]:
    """Return ten transfers by one route between two chains."""
    return [replace(ORDERS["CCTP"], nonce=each) for each in range(1, MANY + 1)]


def several_ways() -> list[Order]:
    """Return transfers of both assets, by routes that need equally many checks."""
    chosen = [each for each in ORDERS.values() if each.route in {"CCTP", "OFT"}]
    return [replace(each, nonce=at) for at, each in enumerate([*chosen, *chosen], start=1)]


def test_transfers__ten_side_by_side__take_little_longer_than_one(
    keeper_of: KeeperOf,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[str] = []
    ratios: dict[str, float] = {}
    for name, orders in {"one way": one_way(), "several ways": several_ways()}.items():
        found: list[Taken] = []
        for some in (orders[:1], orders):
            with keeper_of(new_database(tmp_path / f"{name} {len(some)}.sqlite")) as keeper:
                found.append(taken(keeper, some))
        one, ten = found
        ratios[name] = ten.seconds / one.seconds
        cells = (
            name,
            f"{one.seconds:.1f}",
            f"{ten.seconds:.1f}",
            f"{ratios[name]:.2f}",
            f"{one.blocks}, {ten.blocks}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    head = INTRODUCTION.format(
        confirmations=CONFIRMATIONS,
        cores=os.cpu_count(),
        load=os.getloadavg()[0],
        most=float(MOST),
    )
    page = head + "\n".join(rows) + "\n"
    publish(PAGE, page, capsys)
    # A ratio of times is meaningful only if measured in full, on an idle machine.
    assert is_short() or max(ratios.values()) <= MOST, ratios
