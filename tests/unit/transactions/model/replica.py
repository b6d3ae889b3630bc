"""Process of one keeper: an engine, its memory, and everything that may interrupt it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from keepers.model.errors.chain import ChainError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.transaction_records import NewIntent
from keepers.store.database import Database
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.sender_context import SenderContext, SendingPolicy
from tests.support.sending import RecordedTelemetry, SteppedClock, sender_context
from tests.unit.transactions.model.interruptions import Crash, Interruptions
from tests.unit.transactions.model.nodes import WatchedNodes
from tests.unit.transactions.model.scribe import Scribe
from tests.unit.transactions.paper_engine import CHAIN_ID, Auditor

P = ParamSpec("P")
T = TypeVar("T")
LEASE_SECONDS = 60
REFUSALS = (LeaseHeldError, StaleLeaseError, StoreUnavailableError)
"""Errors that may end a pass; any other error is a bug of the engine."""


@dataclass(slots=True, kw_only=True)
class WatchedSenderContext(SenderContext):
    """Sender context that may stall before each read; without threads, so runs are repeatable."""

    interruptions: Interruptions

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self.interruptions.stand()
        return work(*args, **kwargs)


class Replica:
    """Process that may be started, interrupted, and restarted."""

    def __init__(
        self,
        *,
        name: str,
        loop: asyncio.AbstractEventLoop,
        open_ledger: Callable[[Callable[[str], None]], Database],
        nodes: WatchedNodes,
        scribe: Scribe,
        policy: SendingPolicy,
        on_point: Callable[[Replica, str], None],
    ) -> None:
        self.name = name
        self.loop = loop
        self.nodes = nodes
        self.scribe = scribe
        self.policy = policy
        self.on_point = on_point
        self.interruptions = nodes.interruptions
        self.database = open_ledger(self._point)
        self.task: asyncio.Task[Any] | None = None
        self.life = 0
        self.start()

    @property
    def is_standing(self) -> bool:
        """Whether the process is stalled in the middle of a pass."""
        return self.task is not None

    @property
    def identity(self) -> str:
        """Identity of the current process of this replica."""
        return f"{self.name}{self.life}"

    def start(self, *, anew: bool = False) -> None:
        """Start with only the database, under a new lease holder if `anew`."""
        self.life += 1
        self.interruptions.clear()
        self.context = sender_context(
            self.database,
            self.scribe,
            self.nodes,
            chain_id=CHAIN_ID,
            auditor=Auditor(),
            telemetry=RecordedTelemetry(),
            clock=SteppedClock(),
            policy=self.policy,
            holder=self.identity if anew else self.name,
            lease_seconds=LEASE_SECONDS,
            validator=self.scribe,
            kind=WatchedSenderContext,
            interruptions=self.interruptions,
        )
        self.engine = TransactionEngine(self.context)

    def kill(self, *, anew: bool = False) -> None:
        """Kill the process at its current point and restart it."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self.task)
            self.interruptions.standing.clear()
            self.task = None
        self.start(anew=anew)

    def run(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Run work to its end; return None if it was refused, killed, or is stalled now."""
        assert self.task is None
        self.task = self.loop.create_task(work)
        return self._wait()

    async def submit(self, new: NewIntent) -> int | None:
        """Submit a call; return None if the nodes do not return the past nonces of a new sender."""
        try:
            return await self.engine.submit(new)
        except ChainError:
            return None

    def go_on(self) -> None:
        """Continue after a stall."""
        self.interruptions.standing.clear()
        self.interruptions.may_go_on.set()
        self._wait()

    def close(self) -> None:
        """End the process finally."""
        self.kill()
        self.database.close()

    def _wait(self) -> Any:
        task = self.task
        assert task is not None
        self.loop.run_until_complete(self._until_done_or_standing(task))
        if not task.done():
            return None
        self.task = None
        self.interruptions.clear()
        try:
            return task.result()
        except REFUSALS:
            return None
        except Crash:
            self.start()
            return None

    async def _until_done_or_standing(self, task: asyncio.Task[Any]) -> None:
        standing = asyncio.ensure_future(self.interruptions.standing.wait())
        await asyncio.wait({task, standing}, return_when=asyncio.FIRST_COMPLETED)
        standing.cancel()

    def _point(self, point: str) -> None:
        self.on_point(self, point)
        self.interruptions.at(point)
