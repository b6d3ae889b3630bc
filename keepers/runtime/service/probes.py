"""Repeated probes of database and nodes for the readiness page, and the systemd heartbeat."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping

import structlog

from keepers.chain.pool import Members
from keepers.config import ChainSettings
from keepers.model.errors.run import DatabaseLostError, StoreRefusedError, StoreUnavailableError
from keepers.model.transaction_records import Pause
from keepers.runtime.process.nodes import members_of
from keepers.runtime.service.owner_loop import rest
from keepers.runtime.service.state import ServiceState
from keepers.store.database import Database
from keepers.store.marks import MARKS, probe
from keepers.store.pauses import read_pauses
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.registry import HEARTBEAT
from keepers.telemetry.samples import sample_notifications

SOCKET = "NOTIFY_SOCKET"
WATCHDOG = "WATCHDOG_USEC"
READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"
MICROSECONDS = 1_000_000
BEAT_SECONDS = 1.0
DATABASE_SECONDS = 5.0
CHAIN_SECONDS = 15.0

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def notify(message: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send a message to systemd if it listens; a failure never stops a keeper."""
    address = environment.get(SOCKET)
    if not address:
        return False
    if address.startswith("@"):
        address = f"\0{address[1:]}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(0)
            sender.sendto(message.encode(), address)
    except OSError as error:
        structlog.get_logger().warning("systemd_not_told", problem=error.strerror)
        return False
    return True


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """Return half of systemd's watchdog interval; None without a watchdog."""
    wanted = environment.get(WATCHDOG, "")
    meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if not (meant and wanted.isascii() and wanted.isdecimal() and int(wanted)):
        return None
    return int(wanted) / MICROSECONDS / 2


async def beating(state: ServiceState, metrics: Metrics, stopping: asyncio.Event) -> None:
    """Send the loop's heartbeat to the server, the metrics and systemd; log readiness."""
    wanted, was_ready = watchdog_seconds(), False
    while not stopping.is_set():
        state.beat()
        metrics.put(HEARTBEAT, time.time())
        if wanted is not None:
            notify(ALIVE)
        was_ready = _log_readiness(state, was_ready=was_ready)
        await rest(stopping, BEAT_SECONDS if wanted is None else min(wanted, BEAT_SECONDS))


def _log_readiness(state: ServiceState, *, was_ready: bool) -> bool:
    ready, document = state.readiness()
    if ready and not was_ready:
        _log.info("ready")
    if was_ready and not ready:
        _log.warning("not_ready", reasons=document["reasons"])
    return ready


async def probing_database(
    state: ServiceState,
    database: Database,
    metrics: Metrics,
    stopping: asyncio.Event,
    lost: Callable[[DatabaseLostError], None],
) -> None:
    """Probe database writes, read pauses, and measure messages, in a thread, since it may be slow.

    `lost` is called if the database is no longer the one used before.
    """
    while not stopping.is_set():
        try:
            problem, pauses = await asyncio.to_thread(_ask, database, metrics)
        except DatabaseLostError as error:
            state.database(str(error), ())
            lost(error)
            return
        state.database(problem, pauses)
        await rest(stopping, DATABASE_SECONDS)


async def probing_chain(
    state: ServiceState, name: str, chain: ChainSettings, stopping: asyncio.Event
) -> None:
    """Probe the nodes of a chain."""
    async with members_of(chain) as members:
        while not stopping.is_set():
            state.chain(name, await members.inspect())
            await rest(stopping, CHAIN_SECONDS)


async def nodes_needed(chain: ChainSettings) -> int:
    """Return the quorum of a chain's nodes."""
    async with members_of(chain) as members:
        return _quorum(members)


def _quorum(members: Members) -> int:
    return members.quorum


def _ask(database: Database, metrics: Metrics) -> tuple[str | None, tuple[Pause, ...]]:
    try:
        MARKS.check(database)
        probe(database)
        sample_notifications(metrics, database)
        return None, database.read(read_pauses)
    except DatabaseLostError:
        raise
    except (StoreUnavailableError, StoreRefusedError) as error:
        return str(error), ()
