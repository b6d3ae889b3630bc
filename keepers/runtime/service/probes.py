"""Looks at database and nodes again and again, for whoever asks whether the keeper is ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from keepers.chain.pool import Members
from keepers.config import ChainSettings
from keepers.model.errors.run import DatabaseLostError, StoreRefusedError, StoreUnavailableError
from keepers.model.transactions.records import Pause
from keepers.runtime.nodes import members_of
from keepers.runtime.service.owner_loop import rest
from keepers.runtime.service.state import ServiceState
from keepers.runtime.service.systemd import ALIVE, notify, watchdog_seconds
from keepers.store.marks import MARKS, probe
from keepers.store.sending.pauses import read_pauses
from keepers.store.sending.transact import Ledger
from keepers.telemetry.messages import sample_notifications
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.service import HEARTBEAT

BEAT_SECONDS = 1.0
DATABASE_SECONDS = 5.0
CHAIN_SECONDS = 15.0

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def beating(state: ServiceState, metrics: Metrics, stopping: asyncio.Event) -> None:
    """The heartbeat of the loop, to the server, the metrics and systemd; tells of readiness."""
    wanted, was_ready = watchdog_seconds(), False
    while not stopping.is_set():
        state.beat()
        metrics.put(HEARTBEAT, time.time())
        if wanted is not None:
            notify(ALIVE)
        was_ready = _tell(state, was_ready=was_ready)
        await rest(stopping, BEAT_SECONDS if wanted is None else min(wanted, BEAT_SECONDS))


def _tell(state: ServiceState, *, was_ready: bool) -> bool:
    ready, document = state.readiness()
    if ready and not was_ready:
        _log.info("ready")
    if was_ready and not ready:
        _log.warning("not_ready", reasons=document["reasons"])
    return ready


async def probing_database(
    state: ServiceState,
    ledger: Ledger,
    metrics: Metrics,
    stopping: asyncio.Event,
    lost: Callable[[DatabaseLostError], None],
) -> None:
    """Whether it can be written, what is paused and what waits; in a thread, as it may be slow.

    `lost` is told once the database is not the one that was worked with.
    """
    while not stopping.is_set():
        try:
            problem, pauses = await asyncio.to_thread(_ask, ledger, metrics)
        except DatabaseLostError as error:
            state.database(str(error), ())
            lost(error)
            return
        state.database(problem, pauses)
        await rest(stopping, DATABASE_SECONDS)


async def probing_chain(
    state: ServiceState, name: str, chain: ChainSettings, stopping: asyncio.Event
) -> None:
    """How its nodes do."""
    async with members_of(chain) as members:
        while not stopping.is_set():
            state.chain(name, await members.inspect())
            await rest(stopping, CHAIN_SECONDS)


async def nodes_needed(chain: ChainSettings) -> int:
    """How many nodes of a chain have to agree."""
    async with members_of(chain) as members:
        return _quorum(members)


def _quorum(members: Members) -> int:
    return members.quorum


def _ask(ledger: Ledger, metrics: Metrics) -> tuple[str | None, tuple[Pause, ...]]:
    try:
        MARKS.check(ledger)
        probe(ledger)
        sample_notifications(metrics, ledger)
        return None, ledger.read(read_pauses)
    except DatabaseLostError:
        raise
    except (StoreUnavailableError, StoreRefusedError) as error:
        return str(error), ()
