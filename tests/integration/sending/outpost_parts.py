"""Parts of an outpost: a real database, a real node pool, a key, and its output."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from keepers.chain.pool import Members, NodePool, PoolPolicy
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.model.alarms import Alarm
from keepers.model.chain import NodeRole, Unsigned
from keepers.model.chain_view import FeeLimits
from keepers.model.run import RunKind
from keepers.model.transaction_records import NewIntent
from keepers.runtime.process.system_clock import SystemClock
from keepers.signing.local import LocalSigner
from keepers.store.database import Database, Writing, open_database
from keepers.store.run_writes import add_step, open_run
from keepers.store.tables import run_steps, runs
from keepers.transactions.crash_points import crash_point
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.sender_context import SendingPolicy
from tests.support.sending import sender_context, transfer_run

RUN = "outpost"
GWEI = 10**9


class Stopped(Exception):  # noqa: N818 - no error: the process was asked to end
    """The process was asked to end while it waited."""


class StopClock(SystemClock):
    """System clock whose sleepers are woken when the process has to end."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait; raise `Stopped` when the process has to end."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopped.wait()
        except TimeoutError:
            return
        raise Stopped


class Reporter:
    """Telemetry written as lines."""

    def __init__(self, write: Callable[[Mapping[str, Any]], None]) -> None:
        self.write = write

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Write an alarm."""
        self.write({"alarm": alarm, "text": text, **facts})

    def event(self, name: str, **facts: object) -> None:
        """Write an event."""
        self.write({"event": name, **facts})


class OpenAuditor:
    """Auditor that allows everything: the test decides what is sent."""

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Allow the transaction."""


def stopping_at(point: str, reporter: Reporter) -> Callable[[str], None]:
    """Return crash points, at one of which the process stops itself once, until it is continued.

    Tests wait for the line, and then until the kernel has stopped the process.
    """
    name, _, count = point.partition(":")
    passed: Counter[str] = Counter()

    def at(here: str) -> None:
        crash_point(here)
        passed[here] += 1
        if here == name and passed[here] == int(count or "1"):
            reporter.write({"stopping": here})
            # Sent to the process, it could reach this thread later, with a lock taken.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    return at


def policy_of(given: Mapping[str, Any]) -> SendingPolicy:
    """Return a policy with small numbers; fields not given keep their defaults."""
    fees = FeeLimits(
        maximum=given.get("maximum_fee", 200 * GWEI), priority=given.get("priority_fee", 20 * GWEI)
    )
    rest: dict[str, Any] = {n: value for n, value in given.items() if not n.endswith("_fee")}
    return replace(SendingPolicy(fees=fees, poll_seconds=0.05), **rest)


def signer_of(config: Mapping[str, Any]) -> LocalSigner:
    """Return the signer of the configured key."""
    return LocalSigner.from_private_key(config["key"], "the test's key")


@asynccontextmanager
async def pool_of(
    config: Mapping[str, Any], connect: Callable[..., Rpc] = Rpc
) -> AsyncGenerator[NodePool]:
    """Yield the pool of nodes; close it afterwards."""
    seconds = float(config.get("request_seconds", 10))
    roles = ((NodeRole.READER, config["nodes"]), (NodeRole.RELAY, config.get("relays", [])))
    async with AsyncExitStack() as stack:
        nodes = [(connect(url, timeout=seconds), role) for role, urls in roles for url in urls]
        for rpc, _ in nodes:
            stack.push_async_callback(rpc.close)
        policy = PoolPolicy(
            quorum=config.get("quorum"), request_seconds=seconds, backoff_seconds=0.05
        )
        yield NodePool(Members(nodes, config["chain_id"], policy), Reverts({}))


@asynccontextmanager
async def engine_of(
    config: Mapping[str, Any],
    reporter: Reporter,
    clock: StopClock,
    *,
    crash: Callable[[str], None] = crash_point,
    connect: Callable[..., Rpc] = Rpc,
) -> AsyncGenerator[tuple[TransactionEngine, Database]]:
    """Build the engine as a keeper does; release its lease afterwards."""
    if "stop_at" in config:
        crash = stopping_at(config["stop_at"], reporter)
    ledger = open_database(config["database"], crash)
    signer = signer_of(config)
    async with pool_of(config, connect) as nodes:
        context = sender_context(
            ledger,
            signer,
            nodes,
            chain_id=config["chain_id"],
            auditor=OpenAuditor(),
            telemetry=reporter,
            clock=clock,
            policy=policy_of(config.get("policy", {})),
            holder=config["holder"],
            lease_seconds=config.get("lease_seconds", 60),
            armed=config.get("armed", True),
        )
        engine = TransactionEngine(context)
        try:
            yield engine, ledger
        finally:
            await engine.close()
            ledger.close()


def planned(ledger: Database, chain_id: int, sender: str, command: Mapping[str, Any]) -> NewIntent:
    """Return the intent of a submit; its run and step are stored once per key."""
    expires = command.get("expires")
    step_id = ledger.transact("plan", lambda writing: _step(writing, command["key"], chain_id))
    return NewIntent(
        step_id=step_id,
        idempotency_key=command["key"],
        chain_id=chain_id,
        sender=sender,
        target=command["target"],
        calldata=command.get("data", "0x"),
        value=command.get("value", 0),
        gas_cap=command.get("gas_cap"),
        expires_at=None if expires is None else datetime.fromisoformat(expires),
    )


def _step(writing: Writing, key: str, chain_id: int) -> int:
    connection = writing.connection
    if connection.scalar(select(runs.c.run_id).where(runs.c.run_id == RUN)) is None:
        begun = datetime.now(UTC)
        run = transfer_run(chain_id, RUN, begun)
        open_run(writing, RunKind.TRANSFER, run)
    known = connection.execute(
        select(run_steps.c.step_id, run_steps.c.detail).where(run_steps.c.run_id == RUN)
    )
    steps = {detail["key"]: step_id for step_id, detail in known}
    return steps[key] if key in steps else add_step(writing, RUN, "CALL", {"key": key})
