"""Requests and transactions of one tick of the recurring keeper, with ten thousand rebalancers.

The tables go to the terminal and to docs/evidence/benchmarks/recurring.md.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_abi.abi import decode

from keepers.config import load_settings
from keepers.model.run import RunRecord, RunStatus
from keepers.runs.recurring import RecurringScope, recurring_tick
from keepers.runtime.vault.runtime import vault_runtime
from scripts.network import LocalChain, start_network
from tests.bench.many_rebalancers import ManyRebalancers, deploy_many
from tests.bench.size import publish, sized
from tests.integration.support.call_record import Call
from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.integration.support.fault_proxy import FaultProxy, fault_proxy
from tests.integration.support.keeper import Keeper
from tests.integration.support.upstream import SEND, asking

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "benchmarks" / "recurring.md"
CHAIN = "ethereum-local"
REGISTERED, STUCK = sized((10_000, 100), (400, 4))
EFFORTS = (2_000_000, 15_000_000)
"""Gas of the supervisor's tick: in the deployment, and in the forge test."""

HOUR = 3_600
AGGREGATED = "(address,bool,bytes)[]"
MULTICALL, SIMULATION = "multicall", "eth_simulateV1"
IDLE, BY_EVENTS, BY_SWEEP = "nothing to do", "events", "sweep"
SECTION = '\n[recurring]\nvault = "main"\n'

INTRODUCTION = """\
# Ten thousand recurring rebalancers

<!-- `make bench` writes this page: tests/bench/test_recurring.py. -->

{registered:,} paid rebalancers are registered, of which {stuck} are stuck: they were to be booked
while the scheduler was paused. The contracts are deployed and configured as by the scripts, on a
local anvil, and the keeper has its usual settings. A proxy counts what the node is asked.

- *nothing to do*: a tick of `due` before any is registered.
- *events*: a tick of `due` in which the events of all that could not be booked are new.
- *sweep*: a tick of `sweep`, which looks at all records and does not rely on events.

Both find all that are stuck and book them again within the tick. *Calls* counts what is in the
requests: a multicall or a simulation has many. Records are looked at by views of pages, 500 in a
call. Most requests are the transactions' own: each is estimated, priced, sent and waited for.

| tick | requests | calls in them | of them multicalls | simulations | transactions | fixed | s |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
SUPERVISOR = """
## The supervisor alone

It goes through the list by itself, and fixes what it comes by. How far it gets in a tick is a
matter of the gas that its ticks have; 2,000,000 is what the deployment's configuration proposes.

| gas of a tick | ticks to get round | at one an hour |
| --- | --- | --- |
"""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """Requests and results of one tick."""

    requests: Counter[str]
    calls: int
    transactions: int
    fixed: int
    seconds: float

    def row(self, name: str) -> str:
        """Return the row of the table."""
        counts = (self.requests.total(), self.calls)
        kinds = (self.requests[MULTICALL], self.requests[SIMULATION])
        done = (self.transactions, self.fixed, f"{self.seconds:.1f}")
        return f"| {' | '.join(map(str, (name, *counts, *kinds, *done)))} |"


class Ticks:
    """Keeper of one folder, behind a proxy that counts requests."""

    def __init__(self, many: ManyRebalancers, proxy: FaultProxy, folder: Path) -> None:
        self._many, self._proxy = many, proxy
        folder.mkdir()
        self._keeper = Keeper(many.vault, folder)
        self._keeper.configure(url=proxy.url)
        self._file = folder / "ballast.toml"
        self._file.write_text(self._file.read_text() + SECTION)

    async def tick(self, wanted: RecurringScope) -> Tick:
        """Run one armed tick."""
        before = self._many.stuck()
        async with vault_runtime(
            load_settings(self._file), "main", arm=True, progress=lambda _: None
        ) as work:
            assert work.recurring is not None
            self._proxy.forget()
            since = time.perf_counter()
            record = (await recurring_tick(work.recurring, wanted, armed=True)).record
            seconds = time.perf_counter() - since
            asked = self._proxy.calls
        _require_done(record)
        return Tick(
            requests=Counter(map(self._kind, asked)),
            calls=sum(map(self._size, asked)),
            transactions=sum(each.method == SEND for each in asked),
            fixed=before - self._many.stuck(),
            seconds=seconds,
        )

    def _kind(self, call: Call) -> str:
        return MULTICALL if self._is_multicall(call) else call.method

    def _size(self, call: Call) -> int:
        """Return the number of calls in a request."""
        if self._is_multicall(call):
            data = bytes.fromhex(call.params[0]["data"].removeprefix("0x"))
            return len(decode([AGGREGATED], data[4:])[0])
        if call.method == SIMULATION:
            return sum(len(each["calls"]) for each in call.params[0]["blockStateCalls"])
        return 1

    def _is_multicall(self, call: Call) -> bool:
        where = self._many.vault.chain.addresses.multicall3.lower()
        return call.method == "eth_call" and call.params[0]["to"].lower() == where


def _require_done(record: RunRecord | None) -> None:
    if record is not None:
        assert record.status is RunStatus.DONE, record.reason


@contextmanager
def rewound(chain: LocalChain) -> Generator[None]:
    """Reset the chain afterwards."""
    before = chain.snapshot()
    yield
    chain.revert(before)


async def ticks_of(many: ManyRebalancers, folder: Path) -> dict[str, Tick]:
    """Return the keeper's ticks; the stuck rebalancers are restored afterwards."""
    found: dict[str, Tick] = {}
    with fault_proxy(asking(many.vault.chain.url)) as proxy:
        told = Ticks(many, proxy, folder / "events")
        found[IDLE] = await told.tick(RecurringScope())
        many.register(REGISTERED)
        with rewound(many.vault.chain):
            found[BY_EVENTS] = await told.tick(RecurringScope())
        with rewound(many.vault.chain):
            swept = Ticks(many, proxy, folder / "sweep")
            found[BY_SWEEP] = await swept.tick(RecurringScope(due=False, failed=False, sweep=True))
    return found


def supervised(many: ManyRebalancers) -> dict[int, int]:
    """Return the supervisor's ticks by the gas of each; require that it alone fixes all."""
    found: dict[int, int] = {}
    for effort in EFFORTS:
        with rewound(many.vault.chain):
            found[effort] = many.ticks_around(HOUR, effort)
            assert many.stuck() == 0
    return found


def by_method(found: dict[str, Tick]) -> list[str]:
    """Return the table of requests."""
    methods = sorted({method for each in found.values() for method in each.requests})
    lines = ["", "By method:", "", f"| method | {' | '.join(found)} |"]
    lines.append("| --- |" + " --- |" * len(found))
    for method in methods:
        cells = " | ".join(str(each.requests[method]) for each in found.values())
        name = method if method == MULTICALL else f"`{method}`"
        lines.append(f"| {name} | {cells} |")
    return lines


def page_of(found: dict[str, Tick], rounds: dict[int, int]) -> str:
    """Return the whole page."""
    head = INTRODUCTION.format(registered=REGISTERED, stuck=STUCK)
    rows = [each.row(name) for name, each in found.items()]
    alone = [f"| {effort:,} | {ticks} | {ticks} hours |" for effort, ticks in rounds.items()]
    machine = f"\n\nMeasured with {os.cpu_count()} cores at a load of {os.getloadavg()[0]:.1f}.\n"
    body = "\n".join([*rows, *by_method(found)]) + "\n"
    return head + body + SUPERVISOR + "\n".join(alone) + machine


async def test_recurring__ten_thousand__all_stuck_ones_fixed_in_one_tick(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEEPER_KEY", f"0x{KEEPER_ACCOUNT.key.hex()}")
    with start_network([CHAIN]) as network:
        many = deploy_many(network.chains[CHAIN], tmp_path, EFFORTS[-1])
        found = await ticks_of(many, tmp_path)
        assert many.stuck() == STUCK
        rounds = supervised(many)
    page = page_of(found, rounds)
    assert [each.fixed for each in found.values()] == [0, STUCK, STUCK]
    assert found[IDLE].transactions == 0
    publish(PAGE, page, capsys)
