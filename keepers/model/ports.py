"""Ports through which runs see the outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from keepers.model.chain import ContractCall
from keepers.model.json_document import JsonObject
from keepers.model.notice import NOTHING, Notice, Notification
from keepers.model.order import OrderKind, Quote, QuoteRequest, TradingRoom
from keepers.model.risk import Simulation
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage, TierSample
from keepers.model.step import NewStep
from keepers.model.vault import VaultPosition, VaultSnapshot


class RunStore(Protocol):
    """Store of runs; every method is one transaction."""

    def open_run(self, run: NewRun) -> None:
        """Open a run; raises `RunInProgressError` while the vault has an open one."""
        ...

    def record_stage(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Store a stage's result."""
        ...

    def add_steps(self, run_id: str, steps: Sequence[NewStep], /) -> tuple[int, ...]:
        """Store the steps of a plan; returns their ids in order."""
        ...

    def fail_step(self, step_id: int, reason: str) -> None:
        """Fail a step for which nothing was submitted."""
        ...

    def skip_step(self, step_id: int, reason: str) -> None:
        """Skip a step."""
        ...

    def open_step(self, run_id: str, detail: JsonObject) -> int:
        """Return the id of the step that opens an approved plan, made where there is none."""
        ...

    def close_run(
        self,
        run_id: str,
        status: RunStatus,
        reason: str | None,
        then: NewRun | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Close a run with its tick, notify operators, and open the run that does its rest."""
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
        """Return the newest run of an owner, if it had one."""
        ...

    def record_sample(self, sample: TierSample) -> None:
        """Store tier values for charts."""
        ...


class Chain(Protocol):
    """Reader of one vault on one chain."""

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """Return the vault at a block, the newest by default."""
        ...


class Market(Protocol):
    """Quotes, room, and the calls that trade, of one vault."""

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """Return the quote of each order by itself.

        Those that trade one asset in one direction at one venue are quoted in the same pools, so
        that their differences say what each adds, and `call` makes its trade there.
        """
        ...

    async def room(self, positions: Sequence[VaultPosition], block: int) -> tuple[TradingRoom, ...]:
        """Return the liquidity of each position now."""
        ...

    async def terms(
        self, kind: OrderKind, position: VaultPosition, *, amount_in: int, deadline: datetime
    ) -> bytes:
        """Return the data for the venue of a trade: none, or a path and a deadline."""
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
        """Return the controller's call that makes a trade."""
        ...


class Simulator(Protocol):
    """Runs calls in order without sending them."""

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Simulate calls; raises `UnsupportedNodeError` where the node cannot."""
        ...


class Clock(Protocol):
    """Time, which tests set."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary origin."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Progress(Protocol):
    """Reports progress to an operator."""

    def __call__(self, line: str, /) -> None:
        """Print a line."""
        ...


class Notifier(Protocol):
    """Outbox of messages to operators; each method is one transaction, and sending comes later."""

    def report(self, notice: Notice) -> None:
        """Queue a message, unless one of its key is open with the same severity and text."""
        ...

    def recovered(self, key: str, text: str) -> None:
        """Close what was open under a key and notify of it; do nothing if nothing was open."""
        ...
