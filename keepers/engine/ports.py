"""What the engine needs of the world, and nothing of how it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from keepers.domain.chain import ContractCall, Fees, Receipt, Signed, Unsigned
from keepers.domain.order import OrderKind
from keepers.domain.quote import Quote, QuoteRequest, Room
from keepers.domain.run import (
    AttemptOutcome,
    JsonObject,
    NewAttempt,
    NewRun,
    NewStep,
    RunRecord,
    RunStatus,
    Stage,
    StepStatus,
    TierSample,
)
from keepers.domain.simulation import Simulation
from keepers.domain.vault import VaultPosition, VaultSnapshot


class Journal(Protocol):
    """The durable memory of runs; every method is one transaction."""

    def open_run(self, run: NewRun) -> None:
        """Begin a run; raises `RunInProgress` while the vault has an open one."""
        ...

    def record_stage(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Keep a stage's result."""
        ...

    def add_steps(self, run_id: str, steps: Sequence[NewStep], /) -> tuple[int, ...]:
        """Keep the plan's actions; answers their ids in order."""
        ...

    def store_attempt(self, step_id: int, attempt: NewAttempt) -> int:
        """Keep signed bytes before they leave; the step is SENDING from now on."""
        ...

    def mark_broadcast(self, attempt_id: int) -> None:
        """Note that the node has the bytes."""
        ...

    def settle_attempt(self, attempt_id: int, outcome: AttemptOutcome) -> None:
        """Note how an attempt ended, and its step with it."""
        ...

    def finish_step(self, step_id: int, status: StepStatus, error: str | None) -> None:
        """End a step of which nothing was sent."""
        ...

    def close_run(self, run_id: str, status: RunStatus, reason: str | None) -> None:
        """End a run."""
        ...

    def run(self, run_id: str) -> RunRecord:
        """Read a run."""
        ...

    def open_run_of(self, vault: str) -> RunRecord | None:
        """The vault's run that has not ended, if there is one."""
        ...

    def record_sample(self, sample: TierSample) -> None:
        """Keep tier values for drawing."""
        ...


class Chain(Protocol):
    """One vault on one chain, read and written by one keeper."""

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """The vault at a block, the newest by default."""
        ...

    async def fees(self) -> Fees:
        """What gas costs now."""
        ...

    async def nonce(self, account: str, *, pending: bool = False, block: int | None = None) -> int:
        """How many transactions of an account are included, at a block, or under way as well."""
        ...

    async def estimate_gas(self, sender: str, call: ContractCall) -> int:
        """Gas that a call takes; raises `CallRevertedError` if it would revert."""
        ...

    async def send(self, raw: str) -> None:
        """Hand bytes to the node, once; any error may mean that they left."""
        ...

    async def knows(self, transaction_hash: str) -> bool:
        """Whether the node has a transaction, included or not."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """The receipt, if the transaction is included."""
        ...

    async def head(self) -> int:
        """The newest block's number."""
        ...

    async def block_hash(self, block: int) -> str | None:
        """The hash of a block of the chain as it is now; None if it is not that long."""
        ...

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """The hash of the transaction that used a nonce by a block; None if that is not known."""
        ...

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """Why signed bytes reverted in a block; a node that cannot say so is no error."""
        ...


class Market(Protocol):
    """Quotes, room, and the calls that trade, of one vault."""

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        """What each order would bring, each for itself.

        Those that trade one asset in one direction at one venue are quoted in the same pools, so
        that their differences say what each adds, and `call` makes its trade there.
        """
        ...

    async def room(self, positions: Sequence[VaultPosition], block: int) -> tuple[Room, ...]:
        """What each position can take and give now."""
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
        """The controller's call that makes a trade."""
        ...


class Simulator(Protocol):
    """Runs calls in order without sending them."""

    async def simulate(self, sender: str, calls: Sequence[ContractCall]) -> Simulation:
        """Raises `UnsupportedNodeError` where the node cannot."""
        ...


class Signer(Protocol):
    """Signs with the keeper's key, wherever that is."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign; raises a `SigningError` unless the result is what was asked for, of this account.

        It may ask a machine elsewhere, so it takes its time: call it in a thread.
        """
        ...


class Clock(Protocol):
    """Time, which tests set."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from any beginning."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Progress(Protocol):
    """Tells a person what happens."""

    def __call__(self, line: str, /) -> None:
        """Say a line."""
        ...
