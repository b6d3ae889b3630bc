"""Requests of a tick to the chain, by the number of holdings.

The tables go to the terminal and to docs/evidence/benchmarks/ticks.md.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from keepers.config import load_settings
from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_plan import AUTO
from keepers.runs.maintenance import run_maintenance
from keepers.runs.tiers.scheduled_check import check_once
from keepers.runtime.vault.runtime import Memory, VaultRuntime, vault_runtime
from scripts.network import start_network
from tests.bench.size import publish, sized
from tests.bench.wide_vault import deploy_wide, fill
from tests.integration.support.call_record import Call
from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.integration.support.fault_proxy import FaultProxy, fault_proxy
from tests.integration.support.keeper import Keeper
from tests.integration.support.upstream import asking

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "benchmarks" / "ticks.md"
HOLDINGS = sized((5, 20, 100), (5, 8))
CHAIN = "ethereum-local"
FILLING, SURPLUS = 100_000, 15_000
"""Whole USDT: the amount invested by targets, and the later surplus to invest."""

TIERS = 'REBALANCE_APPROVAL_THRESHOLD = "1000000", REBALANCE_MULTISIG_THRESHOLD = "2000000"'
SMALLEST = "4000"
MULTICALL, SIMULATION = "multicall", "`eth_simulateV1`"
BEGIN, QUIET, UPKEEP, DRY, SENT = "begin", "check", "upkeep", "plan", "run"
NEXT_QUIET, FIRST_DRY = "next check", "first plan"

INTRODUCTION = """\
# What a tick asks of the chain

<!-- `make bench` writes this page: tests/bench/test_ticks.py. -->

Requests to one node, counted by a proxy in front of a local anvil. The vault has {holdings}
holdings: funds, and two assets that trade in pools. A portfolio lists at most 16; for 100 holdings
that limit is lifted while the list is set, and everything else is the deployed code.

- *begin*: what every tick begins with, before it looks at the vault.
- *check*: a check by the clock in which nothing fires, the first of a process.
- *upkeep*: what follows a check, where nothing waits.
- *next check*: a later check of the same process, which asks more: what a plan would need.
- *first plan*: a check in which L1 is too full, the first of a process, as of `ballast run --once`:
  planned, judged and simulated, and nothing is sent.
- *plan*: the same in a process that has made checks before, as the service does.
- *run*: the same, armed: all of *plan*, then the transactions, each with its own checks, and the
  look at the result.

A multicall is one request, whatever is in it. So the vault is read in one request, however many
holdings it has, and read once for a block: upkeep after a check, and a run that begins in the block
of its check, ask for the newest header and no more. The other six requests of a check look at the
sender's nonces and at how final blocks are, for transactions that may be under way; they are asked
at once.

What a plan needs besides does not depend on what is planned, but for the quotes: what the holdings
can take and give, which pools there are, which feeds tokens have, and their newest rounds. A
process remembers what to ask: which holdings, listed venues and feeds there were. So it asks all
of it with the vault, in the same multicall. The quotes are a second one, which takes the earlier
rounds of the feeds along. Answers are never kept for another block, so what is remembered cannot
be wrong, only incomplete; then there is one request more.

The first plan of a process knows nothing yet, and needs three: the vault and its feeds, then what
its holdings need, then the quotes. Where a venue chooses among others, their pools take a fourth.
A feed with more than 16 rounds in the window of volatility takes another one. None of it grows
with the number of holdings.

A node limits the gas of a call. The first multicall of a later check with 100 holdings takes {gas}
million gas. Where a node refuses it as too large, the vault is asked for alone, and the rest when
it is needed.

| holdings | step | requests | multicalls | simulations | actions | ms |
| --- | --- | --- | --- | --- | --- | --- |
"""
LATER = """
With 5 holdings the same steps took {before} requests at
first, and a plan 7 multicalls and a call after the vault was read once for a block: each question
waited for the answer of the one before, and nothing was remembered.
"""
BEFORE = {BEGIN: 4, QUIET: 9, UPKEEP: 2, DRY: 25}
"""Requests counted with this file before any change."""
LARGE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """Measured part of a tick."""

    name: str
    requests: Counter[str]
    actions: int
    seconds: float

    def row(self, holdings: int) -> str:
        """Return the row of the table."""
        counts = (self.requests.total(), self.requests[MULTICALL], self.requests[SIMULATION])
        cells = (holdings, self.name, *counts, self.actions, f"{self.seconds * 1000:.0f}")
        return f"| {' | '.join(map(str, cells))} |"


def kind_of(call: Call, multicall3: str) -> str:
    """Return the method; a multicall has a name of its own."""
    if call.method == "eth_call" and call.params[0]["to"].lower() == multicall3.lower():
        return MULTICALL
    return f"`{call.method}`"


class Ticks:
    """Ticks of one vault, step by step."""

    def __init__(self, keeper: Keeper, proxy: FaultProxy) -> None:
        self.keeper = keeper
        self.steps: dict[str, Step] = {}
        self.gas = 0
        self._memory = Memory()
        self._proxy = proxy
        self._multicall3 = keeper.vault.chain.addresses.multicall3

    async def nothing_fires(self) -> None:
        """Run a whole tick of a service that finds nothing to do."""
        self._begin()
        async with self._working(arm=True) as work:
            self._end(BEGIN)
            assert await check_once(work.tiers, AUTO, armed=True) is None
            self._end(QUIET)
            assert await run_maintenance(work.maintenance, armed=True) is None
            self._end(UPKEEP)

    async def still_nothing_fires(self) -> None:
        """Run another such tick in the same process."""
        async with self._working(arm=True) as work:
            self._begin()
            assert await check_once(work.tiers, AUTO, armed=True) is None
            (read,) = (each for each in self._proxy.calls if self._kind_of(each) == MULTICALL)
            self._end(NEXT_QUIET)
        self.gas = int(self.keeper.vault.chain.rpc("eth_estimateGas", read.params[0]), 16)

    async def fires(self, step: str, *, arm: bool, first: bool = False) -> None:
        """Run a check that plans; its start is not counted."""
        async with self._working(arm=arm, memory=Memory() if first else self._memory) as work:
            self._begin()
            record = await check_once(work.tiers, AUTO, armed=arm)
            assert record is not None
            assert record.status is (RunStatus.DONE if arm else RunStatus.DRY_RUN), record.reason
            self._end(step, record)

    def _working(
        self, *, arm: bool, memory: Memory | None = None
    ) -> AbstractAsyncContextManager[VaultRuntime]:
        settings = load_settings(self.keeper.folder / "ballast.toml")
        memory = memory or self._memory
        return vault_runtime(settings, None, arm=arm, progress=lambda _: None, memory=memory)

    def _kind_of(self, call: Call) -> str:
        return kind_of(call, self._multicall3)

    def _begin(self) -> None:
        self._proxy.forget()
        self._since = time.perf_counter()

    def _end(self, name: str, record: RunRecord | None = None) -> None:
        seconds = time.perf_counter() - self._since
        requests = Counter(map(self._kind_of, self._proxy.calls))
        actions = 0 if record is None else len(record.steps)
        self.steps[name] = Step(name=name, requests=requests, actions=actions, seconds=seconds)
        self._begin()


async def ticks_of(holdings: int, folder: Path) -> Ticks:
    """Run all steps of a vault with that number of holdings."""
    with start_network([CHAIN]) as network:
        chain = network.chains[CHAIN]
        keeper = Keeper(deploy_wide(chain, folder, holdings), folder)
        assert len(keeper.vault.deployment.config.holdings) == holdings
        keeper.configure(tiers=TIERS)
        await fill(keeper, FILLING)
        with fault_proxy(asking(chain.url)) as proxy:
            keeper.configure(url=proxy.url, tiers=TIERS, minimum=SMALLEST)
            ticks = Ticks(keeper, proxy)
            await ticks.nothing_fires()
            await ticks.still_nothing_fires()
            keeper.vault.deposit(SURPLUS)
            await ticks.fires(FIRST_DRY, arm=False, first=True)
            with pytest.MonkeyPatch.context() as changed:
                # The same dry run is not recorded twice in a database.
                changed.setenv("BALLAST_DATABASE", f"sqlite:///{folder / 'second.sqlite'}")
                await ticks.fires(DRY, arm=False)
                await ticks.fires(SENT, arm=True)
    return ticks


def by_method(steps: dict[str, Step]) -> list[str]:
    """Return the table of requests of one vault."""
    methods = sorted({method for each in steps.values() for method in each.requests})
    lines = [
        "",
        f"By method, with {HOLDINGS[-1]} holdings:",
        "",
        f"| method | {' | '.join(steps)} |",
    ]
    lines.append("| --- |" + " --- |" * len(steps))
    for method in methods:
        cells = " | ".join(str(each.requests[method]) for each in steps.values())
        lines.append(f"| {method} | {cells} |")
    return lines


def page_of(found: dict[int, dict[str, Step]], gas: int) -> str:
    """Return the whole page."""
    rows = [each.row(holdings) for holdings, steps in found.items() for each in steps.values()]
    *most, last = map(str, HOLDINGS)
    head = INTRODUCTION.format(holdings=f"{', '.join(most)} or {last}", gas=f"{gas / LARGE:.1f}")
    before = ", ".join(f"{count} ({name})" for name, count in BEFORE.items())
    machine = f"\nMeasured with {os.cpu_count()} cores at a load of {os.getloadavg()[0]:.1f}.\n"
    parts = [head + "\n".join([*rows, *by_method(found[HOLDINGS[-1]])]) + "\n", machine]
    return "".join([*parts, LATER.format(before=before)])


async def test_ticks__by_number_of_holdings__writes_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEEPER_KEY", f"0x{KEEPER_ACCOUNT.key.hex()}")
    found: dict[int, dict[str, Step]] = {}
    gas = 0
    for holdings in HOLDINGS:
        folder = tmp_path / str(holdings)
        folder.mkdir()
        ticks = await ticks_of(holdings, folder)
        found[holdings], gas = ticks.steps, ticks.gas
    page = page_of(found, gas)
    for steps in found.values():
        assert steps[QUIET].requests[MULTICALL] == 1
        assert steps[UPKEEP].requests[MULTICALL] == 0
        assert steps[NEXT_QUIET].requests[MULTICALL] == 1
        assert steps[FIRST_DRY].requests[MULTICALL] == 3
        assert steps[DRY].requests[MULTICALL] == 2
        assert steps[DRY].requests[SIMULATION] == 2  # single actions, then the transaction
    for step in (BEGIN, QUIET, UPKEEP, NEXT_QUIET, FIRST_DRY, DRY):
        assert len({steps[step].requests.total() for steps in found.values()}) == 1, step
    publish(PAGE, page, capsys)
