"""Ports through which runs access the store, the chain and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from keepers.model.chain import ContractCall
from keepers.model.json_document import JsonObject
from keepers.model.notice import NOTHING, Notice, Notification
from keepers.model.order import OrderKind, Quote, QuoteRequest, Trade, TradingRoom
from keepers.model.risk import Simulation
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, TierSample
from keepers.model.step import NewStep
from keepers.model.vault import VaultPosition, VaultSnapshot


class RunStore(Protocol):
    """Store of runs; every method is one transaction."""

    def open_run(self, run: NewRun) -> None:
        """Open a run; raise `RunInProgressError` if the vault already has an open one."""
        ...

    def record_stage(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Store a stage's result."""
        ...

    def add_steps(self, run_id: str, steps: Sequence[NewStep], /) -> tuple[int, ...]:
        """Store the steps of a plan; return their ids in order."""
        ...

    def fail_step(self, step_id: int, reason: str) -> None:
        """Mark a step as failed for which nothing was submitted."""
        ...

    def skip_step(self, step_id: int, reason: str) -> None:
        """Mark a step as skipped."""
        ...

    def open_step(self, run_id: str, detail: JsonObject) -> int:
        """Return the id of the step that opens an approved plan; create it if missing."""
        ...

    def close_run(
        self,
        run_id: str,
        status: RunStatus,
        reason: str | None,
        then: NewRun | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Close a run and its tick, notify operators, and open the follow-up run `then`."""
        ...

    def run(self, run_id: str) -> RunRecord:
        """Return a run."""
        ...

    def open_run_of(self, vault: str) -> RunRecord | None:
        """Return the open run of an owner, if there is one."""
        ...

    def runs(self, vault: str | None, limit: int | None, /) -> Sequence[RunRecord]:
        """Return the newest runs of an owner, newest first."""
        ...

    def last_run_of(self, vault: str) -> RunRecord | None:
        """Return the newest run of an owner, if there is one."""
        ...

    def record_sample(self, sample: TierSample) -> None:
        """Store tier values for charts."""
        ...


class Chain(Protocol):
    """Reader of a vault on its chain."""

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """Return the vault at a block, the newest by default."""
        ...


class Market(Protocol):
    """Quotes, trading room and trade calls of one vault."""

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """Return an independent quote of each request.

        Requests for the same asset, direction and venue are quoted in the same pools, so that the
        differences are marginal amounts, and `call` trades there.
        """
        ...

    async def room(self, positions: Sequence[VaultPosition], block: int) -> tuple[TradingRoom, ...]:
        """Return the liquidity of each position now."""
        ...

    async def terms(
        self, kind: OrderKind, position: VaultPosition, *, amount_in: int, deadline: datetime
    ) -> bytes:
        """Return the venue data of a trade: empty, or a path and a deadline."""
        ...

    async def call(
        self,
        kind: OrderKind,
        position: VaultPosition,
        *,
        amount_in: int,
        minimum_out: int,
        deadline: datetime,
    ) -> ContractCall:
        """Return the controller call that executes a trade."""
        ...

    async def call_together(self, trades: Sequence[Trade]) -> ContractCall:
        """Return the controller call that executes trades in order; one that fails is skipped."""
        ...


class Simulator(Protocol):
    """Runs calls in order without sending them."""

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Simulate calls; raise `UnsupportedNodeError` if the node cannot."""
        ...


class Clock(Protocol):
    """Source of time, replaceable in tests."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary origin."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for the given number of seconds."""
        ...


class Progress(Protocol):
    """Reports progress to an operator."""

    def __call__(self, line: str, /) -> None:
        """Print a line."""
        ...


class Notifier(Protocol):
    """Outbox of messages to operators; each method is one transaction, delivery is separate."""

    def report(self, notice: Notice) -> None:
        """Queue a message, unless its key is open with the same severity and text."""
        ...

    def recovered(self, key: str, text: str) -> None:
        """Close an open key and queue a resolution message; no-op if the key is not open."""
        ...
