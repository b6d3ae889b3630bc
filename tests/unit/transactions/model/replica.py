"""One keeper's process: an engine, its memory, and all that may interrupt it."""

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
"""What a pass may end with; anything else is a fault of the engine's."""


@dataclass(slots=True, kw_only=True)
class WatchedSenderContext(SenderContext):
    """Before each look at the ledger the process may stand still; no threads, so no chance."""

    interruptions: Interruptions

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self.interruptions.stand()
        return work(*args, **kwargs)


class Replica:
    """A process that may be started, interrupted, and started again."""

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
        """Whether it stands still in the middle of a pass."""
        return self.task is not None

    @property
    def identity(self) -> str:
        """Which process of this replica."""
        return f"{self.name}{self.life}"

    def start(self, *, anew: bool = False) -> None:
        """Begin with nothing but the database; under a new name if it is `anew`."""
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
        """End it where it is, and start it again."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self.task)
            self.interruptions.standing.clear()
            self.task = None
        self.start(anew=anew)

    def run(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do some work to its end; None where it was refused, killed, or stands still now."""
        assert self.task is None
        self.task = self.loop.create_task(work)
        return self._wait()

    async def submit(self, new: NewIntent) -> int | None:
        """Submit a call; None where the nodes do not say what a new sender has sent before."""
        try:
            return await self.engine.submit(new)
        except ChainError:
            return None

    def go_on(self) -> None:
        """After standing still."""
        self.interruptions.standing.clear()
        self.interruptions.may_go_on.set()
        self._wait()

    def close(self) -> None:
        """End for good."""
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
