"""Cost of the transaction engine, compared with pushing signed bytes to the same node.

The table goes to the terminal and to docs/evidence/benchmarks/sending.md.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from sqlalchemy import Engine, event, make_url

from keepers.chain.rpc import Rpc
from keepers.model.chain import ContractCall, Fees, Signed, Unsigned
from keepers.signing.local import LocalSigner
from keepers.store.database import open_database
from keepers.transactions.engine import TransactionEngine
from scripts.network.anvil import Anvil
from scripts.network.node import Node
from scripts.network.specs import ChainSpec
from tests.bench.size import publish, sized
from tests.integration.sending.outpost_parts import Reporter, StopClock, engine_of, planned
from tests.support.postgres import database, postgres
from tests.support.sqlite import new_database

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "benchmarks" / "sending.md"
CALLS = sized(100, 3)
CHAIN_ID = 424_242
KEY = "0x" + "b3" * 32
SENDER: str = Account.from_key(KEY).address
TARGET = "0x" + "d1" * 20
GWEI = 10**9
PARALLEL = (1, 16)
MOST_PASSES = 200

INTRODUCTION = """\
# What sending costs

<!-- `make bench` writes this page: tests/bench/test_sending.py. -->

{calls} calls are sent on a local anvil that mines each at once. *Bare* pushes {calls} transactions,
signed beforehand, to the same node over the same client, one after the other, and looks at
nothing. The engine estimates, simulates, audits, signs, validates, sends and finds the receipt of
each; every step of that is committed. SQLite is a file with `synchronous = FULL`; PostgreSQL runs
on the same machine with `fsync` off. Measured with {cores} cores at a load of {load:.1f}.

Bare: {bare:.1f} ms a transaction. All figures are per transaction.

| database | in flight | ms | times bare | commits | SQL statements | requests |
| --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Result of one run of the engine."""

    database: str
    parallel: int
    seconds: float
    writes: Counter[str]
    statements: int
    requests: Counter[str]

    def row(self, bare: float) -> str:
        """Return the row of the table."""
        cells = (
            self.database,
            str(self.parallel),
            f"{self.seconds / CALLS * 1000:.1f}",
            f"{self.seconds / bare:.1f}",
            f"{self.writes.total() / CALLS:.2f}",
            f"{self.statements / CALLS:.0f}",
            f"{self.requests.total() / CALLS:.1f}",
        )
        return f"| {' | '.join(cells)} |"


def counting(requests: Counter[str]) -> type[Rpc]:
    """Return a client class that counts its requests."""

    class Counting(Rpc):
        async def ask(self, method: str, *params: object) -> Any:
            requests[method] += 1
            return await super().ask(method, *params)

    return Counting


@contextmanager
def counted_statements() -> Generator[Counter[str]]:
    """Count all statements on any database meanwhile."""
    found: Counter[str] = Counter()

    def note(*facts: Any) -> None:
        found[facts[2].partition(" ")[0]] += 1

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def node() -> Generator[str]:
    """Start a new anvil; yield its URL."""
    anvil = Anvil.start(ChainSpec("bench", CHAIN_ID, 0, 0, rollup=False))
    try:
        Node(anvil.url, Path()).rpc("anvil_setBalance", SENDER, hex(10**20))
        yield anvil.url
    finally:
        anvil.stop()


def signed_bytes() -> list[str]:
    """Return the bytes that `push` sends."""
    signer = LocalSigner.from_private_key(KEY, "the benchmark's key")
    found: list[str] = []
    for nonce in range(CALLS):
        signed = signer.sign(
            Unsigned(
                chain_id=CHAIN_ID,
                nonce=nonce,
                call=ContractCall(TARGET, f"0x{nonce:08x}"),
                gas_limit=50_000,
                fees=Fees(100 * GWEI, GWEI),
                value=1,
            )
        )
        assert isinstance(signed, Signed)
        found.append(signed.raw)
    return found


async def push(url: str, raws: list[str]) -> float:
    """Push all bytes; return the seconds."""
    rpc = Rpc(url)
    started = time.perf_counter()
    for raw in raws:
        await rpc.ask("eth_sendRawTransaction", raw)
    seconds = time.perf_counter() - started
    await rpc.close()
    return seconds


async def measured(url: str, database_url: str, parallel: int) -> Measured:
    """Send all calls by the engine, and measure it."""
    writes: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    config = {
        "database": database_url,
        "nodes": [url],
        "chain_id": CHAIN_ID,
        "key": KEY,
        "holder": "bench",
        "lease_seconds": 3600,
        "policy": {"poll_seconds": 0.0, "maximum_in_flight": parallel, "trust_tags": False},
    }

    def crash(point: str) -> None:
        writes[point] += point.startswith("after_") and point != "after_send"

    wiring = engine_of(
        config, Reporter(lambda _: None), StopClock(), crash=crash, connect=counting(requests)
    )
    async with wiring as (engine, ledger):
        commands = [
            {"key": f"{n}", "target": TARGET, "data": f"0x{n:08x}", "value": 1}
            for n in range(CALLS)
        ]
        news = [planned(ledger, CHAIN_ID, SENDER, command) for command in commands]
        writes.clear()
        with counted_statements() as statements:
            started = time.perf_counter()
            if parallel == 1:
                for new in news:
                    await engine.settle(await engine.submit(new), 60)
            else:
                for new in news:
                    await engine.submit(new)
                await until_included(engine)
            seconds = time.perf_counter() - started
    name = make_url(database_url).get_backend_name()
    return Measured(
        database=name,
        parallel=parallel,
        seconds=seconds,
        writes=writes,
        statements=statements.total(),
        requests=requests,
    )


async def until_included(engine: TransactionEngine) -> None:
    """Run passes until all calls are in blocks."""
    for _ in range(MOST_PASSES):
        await engine.run_pass()
        if all(each.is_included for each in await engine.of_run("outpost")):
            return
    raise AssertionError("not all were included")


def by_method(runs: list[Measured]) -> list[str]:
    """Return the table of requests."""
    methods = sorted({method for run in runs for method in run.requests})
    heads = [f"{run.database}, {run.parallel}" for run in runs]
    lines = ["", "Requests by method:", "", f"| method | {' | '.join(heads)} |"]
    lines.append("| --- |" + " --- |" * len(runs))
    for method in methods:
        cells = [f"{run.requests[method] / CALLS:.2f}" for run in runs]
        lines.append(f"| `{method}` | {' | '.join(cells)} |")
    return lines


def test_sending__by_database_and_calls_in_flight__writes_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with node() as url:
        bare = asyncio.run(push(url, signed_bytes()))
    runs: list[Measured] = []
    with postgres() as server:
        for parallel in PARALLEL:
            file = new_database(tmp_path / f"{parallel}.sqlite")
            there = database(server)
            open_database(there).close()
            for database_url in (file, there):
                with node() as url:
                    runs.append(asyncio.run(measured(url, database_url, parallel)))
    head = INTRODUCTION.format(
        calls=CALLS, cores=os.cpu_count(), load=os.getloadavg()[0], bare=bare / CALLS * 1000
    )
    page = head + "\n".join([*(run.row(bare) for run in runs), *by_method(runs)]) + "\n"
    publish(PAGE, page, capsys)
    for run in runs:
        assert run.requests["eth_sendRawTransaction"] == CALLS, "each call is sent once"
