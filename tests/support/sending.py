"""Engine of one key for tests, the same with simulated chains, anvil and processes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from keepers.model.alarms import Alarm
from keepers.model.chain_view import ChainView, FeeLimits
from keepers.model.run import NewRun, RunKind
from keepers.model.transaction_records import IntentRecord, NewIntent
from keepers.signing.validator import StoredBytesValidator
from keepers.store import run_writes
from keepers.store.database import Database, Writing
from keepers.store.transactions import TransactionRepository
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.sender_context import SenderContext, SendingPolicy

GWEI = 10**9
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUN = "r1"
POLICY = SendingPolicy(fees=FeeLimits(maximum=200 * GWEI, priority=20 * GWEI), poll_seconds=0)
T = TypeVar("T")


@dataclass
class SteppedClock:
    """Clock that moves only when code sleeps or a test sets it."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass
class RecordedTelemetry:
    """Telemetry that keeps alarms and events."""

    alarms: list[tuple[Alarm, str]] = field(default_factory=list[tuple[Alarm, str]])
    facts: list[tuple[Alarm, dict[str, Any]]] = field(
        default_factory=list[tuple[Alarm, dict[str, Any]]]
    )
    events: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        self.alarms.append((alarm, text))
        self.facts.append((alarm, dict(facts)))

    def event(self, name: str, **facts: object) -> None:
        self.events.append((name, dict(facts)))

    @property
    def kinds(self) -> set[Alarm]:
        """Kinds of the alarms so far."""
        return {alarm for alarm, _ in self.alarms}


def sender_context(
    database: Database,
    signer: Any,
    nodes: Any,
    *,
    chain_id: int,
    auditor: Any,
    telemetry: Any,
    clock: Any,
    policy: SendingPolicy = POLICY,
    interpreters: Mapping[str, Any] | None = None,
    holder: str = "one",
    lease_seconds: int = 60,
    armed: bool = True,
    validator: Any = None,
    kind: type[SenderContext] = SenderContext,
    **more: Any,
) -> SenderContext:
    """Put a key's context together over a database, as a new process does."""
    return kind(
        store=TransactionRepository(
            database, chain_id, signer.address, holder=holder, lease_seconds=lease_seconds
        ),
        nodes=nodes,
        signer=signer,
        auditor=auditor,
        validator=validator or StoredBytesValidator(),
        telemetry=telemetry,
        clock=clock,
        policy=policy,
        interpreters={} if interpreters is None else interpreters,
        armed=armed,
        **more,
    )


def transfer_run(chain_id: int, run_id: str = RUN, started_at: datetime = NOON) -> NewRun:
    """Return a run to which a test adds steps."""
    return NewRun(
        run_id=run_id,
        vault="main",
        chain_id=chain_id,
        trigger="test",
        armed=True,
        started_at=started_at,
    )


class EngineRig:
    """Engine of one key, with calls that a test submits. A test gives the parts.

    Attributes:
        chain: Chain that mines the blocks.
        target: Called contract.
    """

    chain: Any
    database: Database
    context: SenderContext
    engine: TransactionEngine
    telemetry: RecordedTelemetry
    target: str
    chain_id: int
    calls: int = 0

    @property
    def sender(self) -> str:
        """Address of the key."""
        raise NotImplementedError

    @property
    def raised(self) -> set[Alarm]:
        """Kinds of the alarms so far."""
        return self.telemetry.kinds

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return asyncio.run(work)

    def calldata(self, number: int) -> str:
        """Return data that differs for each call."""
        return f"0x{number:08x}"

    def open_run(self) -> None:
        """Open the run of the calls."""
        run = transfer_run(self.chain_id)
        self.database.transact(
            "open", lambda writing: run_writes.open_run(writing, RunKind.TRANSFER, run)
        )

    def new(self, number: int, **changes: Any) -> NewIntent:
        """Make a call with a step of its own."""

        def step(writing: Writing) -> int:
            return run_writes.add_step(writing, RUN, "CALL", {})

        new = NewIntent(
            step_id=self.database.transact("step", step),
            idempotency_key=f"{RUN}/{number}",
            chain_id=self.chain_id,
            sender=self.sender,
            target=self.target,
            calldata=self.calldata(number),
            value=0,
        )
        return replace(new, **changes)

    def submit(self, **changes: Any) -> int:
        """Submit a call; each has other data."""
        self.calls += 1
        return self.do(self.engine.submit(self.new(self.calls, **changes)))

    def run(self, passes: int = 1) -> ChainView | None:
        """Run passes, one after the other."""
        view = None
        for _ in range(passes):
            view = self.do(self.engine.run_pass())
        return view

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks, with a pass after each."""
        for _ in range(blocks):
            self.chain.mine()
            self.run()

    def intent(self, intent_id: int) -> IntentRecord:
        """Read an intent."""
        return self.context.store.intent(intent_id)

    def states(self, intent_id: int) -> tuple[str, list[list[str]]]:
        """Read the state of an intent, and the attempts of each of its nonces."""
        record = self.intent(intent_id)
        return record.state, [[each.state for each in slot.attempts] for slot in record.slots]
