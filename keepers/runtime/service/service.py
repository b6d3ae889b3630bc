"""Service that keeps owners: a loop for each, pages, heartbeat and graceful stop."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import structlog

from keepers.config import Settings
from keepers.config.service import address_of
from keepers.model.errors import InputError
from keepers.model.errors.run import DatabaseLostError
from keepers.runtime.owners import owners_of
from keepers.runtime.process.database import opened
from keepers.runtime.process.notifications import notification_sender_of
from keepers.runtime.process.owner import Owner
from keepers.runtime.service.owner_loop import LoopDependencies, OwnerLoop, rest
from keepers.runtime.service.probes import (
    READY,
    STOPPING,
    beating,
    nodes_needed,
    notify,
    probing_chain,
    probing_database,
)
from keepers.runtime.service.state import ServiceState, VaultMode, pages_of
from keepers.store.deadline import PROCESS
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.registry import METRICS, SERVICE_METRICS
from keepers.web.pages import serving_pages

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
DATABASE_SECONDS = 1.5
"""Seconds that a stopping process waits for its database."""

FORCE_SECONDS = 1.5
"""Seconds after the graceful stop until the process is ended by force."""

Work = Callable[[], Coroutine[Any, Any, None]]
Failed = Callable[[str], object]
"""Called with the internal error that ended some work."""


def service_metrics() -> Metrics:
    """Return all metrics, including those of the service."""
    return Metrics((*METRICS, *SERVICE_METRICS))


def kept_owners(settings: Settings, name: str | None) -> tuple[Owner, ...]:
    """Return the named owner, or all owners.

    Raises:
        InputError: There is no such owner.
    """
    known = {each.name: each for each in owners_of(settings)}
    if name is None:
        return tuple(known.values())
    if name not in known:
        names = ", ".join(sorted(known))
        raise InputError("--vault", f"there is no vault {name!a}, only {names}")
    return (known[name],)


async def serve(
    settings: Settings, owners: Sequence[Owner], *, arm: bool, listen: str | None = None
) -> None:
    """Keep owners until SIGTERM or SIGINT; a second signal ends the process at once.

    Args:
        settings: The effective settings.
        owners: The owners to keep.
        arm: Whether to send; the settings may enable it too.
        listen: The address to listen on, if not that of the settings.

    Raises:
        InputError: `listen` is not an address.
        UnusableDestinationError: An address for messages is invalid.
        ListenError: The address cannot be used.
        SecretUnavailableError: The token for instructions is not where the settings say.
        StoreUnavailableError: The database cannot be opened.
        DatabaseLostError: The database was deleted, replaced or rolled back while in use.
    """
    address = address_of(listen or settings.service.listen)
    if address is None:
        raise InputError("--listen", 'must be an address and a port, as in "127.0.0.1:9464"')
    metrics, stopping = service_metrics(), asyncio.Event()
    _on_signals(stopping, float(settings.service.stop_seconds))
    chains = tuple(dict.fromkeys(chain for each in owners for chain in each.chains))
    state = await _state(settings, owners, chains)
    losses: list[DatabaseLostError] = []

    def lose(error: DatabaseLostError) -> None:
        losses.append(error)
        _log.critical("database_lost", error=str(error))
        stopping.set()

    with ExitStack() as stack:
        database = stack.enter_context(opened(settings))
        url = stack.enter_context(serving_pages(*address, pages_of(state, metrics)))
        for owner in owners:
            stack.enter_context(owner.server())
        # An invalid address for messages is reported now, not after the first check.
        notification_sender_of(settings, database)
        parts = LoopDependencies(settings, database, state, metrics, stopping, arm)
        works: list[Work] = [
            lambda: beating(state, metrics, stopping),
            lambda: probing_database(state, database, metrics, stopping, lose),
            *(_chain_work(parts, name) for name in chains),
        ]
        loops = {owner.name: OwnerLoop(parts, owner).run for owner in owners}
        _log.info("listening", url=url, vaults=[owner.name for owner in owners])
        notify(READY)
        await _until_stopped(parts, works, loops)
    if losses:
        raise losses[0]
    _log.info("stopped")


async def _until_stopped(
    parts: LoopDependencies, works: Sequence[Work], loops: Mapping[str, Work]
) -> None:
    stopping = parts.stopping
    beside = [asyncio.create_task(_again(work, parts)) for work in works]
    keeping = [
        asyncio.create_task(_again(work, parts, _failing(parts, name)))
        for name, work in loops.items()
    ]
    await stopping.wait()
    _log.info("stopping", seconds=parts.settings.service.stop_seconds)
    notify(STOPPING)
    _, late = await asyncio.wait(keeping, timeout=parts.settings.service.stop_seconds)
    for task in (*late, *beside):
        task.cancel()
    await asyncio.gather(*keeping, *beside, return_exceptions=True)
    if late:
        _log.warning("left_to_the_next_start", checks=len(late))


def _failing(parts: LoopDependencies, name: str) -> Failed:
    return lambda problem: parts.state.vault(name, VaultMode.FAILING, problem)


async def _again(work: Work, parts: LoopDependencies, failed: Failed | None = None) -> None:
    """Run work while the service runs; restart it if an internal error ends it."""
    while not parts.stopping.is_set():
        task = asyncio.create_task(work())
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        problem = None if task.cancelled() else task.exception()
        if problem is None:
            return
        if failed is not None:
            failed(f"internal error {type(problem).__name__}; see the log")
        _log.critical("unexpected_error", error=type(problem).__name__, exc_info=problem)
        await rest(parts.stopping, float(parts.settings.service.retry_seconds))


def _chain_work(parts: LoopDependencies, name: str) -> Work:
    chain = parts.settings.chains[name]
    return lambda: probing_chain(parts.state, name, chain, parts.stopping)


async def _state(
    settings: Settings, owners: Sequence[Owner], chains: Sequence[str]
) -> ServiceState:
    needed = {name: await nodes_needed(settings.chains[name]) for name in chains}
    names = [owner.name for owner in owners]
    return ServiceState(names, needed, heartbeat_seconds=settings.service.heartbeat_seconds)


def _on_signals(stopping: asyncio.Event, stop_seconds: float) -> None:
    """Stop the service at the first signal; the next one has its default effect.

    A Python signal handler also runs while the loop waits for a database that does not respond,
    unlike `loop.add_signal_handler`.
    """
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def stop(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        PROCESS.end_within(DATABASE_SECONDS)
        _end_by_force(stop_seconds + FORCE_SECONDS)
        loop.call_soon_threadsafe(stopping.set)

    for number in numbers:
        signal.signal(number, stop)


def _end_by_force(seconds: float) -> None:
    """End the process by force after a number of seconds, whatever hangs.

    Nothing is lost: all state is in the database, and leases expire by themselves.
    """

    def end() -> None:
        _log.error("ended_by_force", seconds=seconds)
        os._exit(0)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
