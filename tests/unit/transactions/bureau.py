"""A keeper's desk over a chain on paper and a real database, which can be restarted."""

from __future__ import annotations

# ruff: noqa: ARG002 - a double takes what the port gives
import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from eth_account import Account

from keepers.model.chain import Unsigned
from keepers.model.errors.signing import AuditRefusedError
from keepers.model.run import NewRun, RunKind
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView, FeeLimits
from keepers.model.transactions.records import IntentRecord, NewIntent
from keepers.signing.local import LocalSigner
from keepers.signing.validator import StoredBytesValidator
from keepers.store import run_writes
from keepers.store.database import Database, Writing
from keepers.store.transactions import TransactionRepository
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.sender_context import SenderContext, SendingPolicy
from tests.unit.transactions.paper_chain import GWEI, PaperChain
from tests.unit.transactions.paper_nodes import PaperNodes

KEY = "0x" + "11" * 32
CHAIN_ID = 31_337
TARGET = "0x" + "aa" * 20
POLICY = SendingPolicy(fees=FeeLimits(maximum=200 * GWEI, priority=20 * GWEI), poll_seconds=0)


@dataclass
class PaperClock:
    """Seconds that pass only where somebody waits."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass
class Auditor:
    """Refuses what it is told to refuse."""

    refused: set[str] = field(default_factory=set[str])
    asked: list[Unsigned] = field(default_factory=list[Unsigned])

    def audit(self, transaction: Unsigned, sender: str) -> None:
        self.asked.append(transaction)
        if transaction.call.calldata in self.refused:
            raise AuditRefusedError("targets", "not on the list")


@dataclass
class Telemetry:
    """Keeps what it is told."""

    alarms: list[tuple[Alarm, str]] = field(default_factory=list[tuple[Alarm, str]])
    events: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        self.alarms.append((alarm, text))

    def event(self, name: str, **facts: object) -> None:
        self.events.append((name, facts))

    def kinds(self) -> set[Alarm]:
        """What was raised."""
        return {alarm for alarm, _ in self.alarms}


class Bureau:
    """An engine and all that it works with."""

    def __init__(
        self, ledger: Database, *, policy: SendingPolicy = POLICY, holder: str = "one"
    ) -> None:
        self.ledger = ledger
        self.chain = PaperChain()
        self.nodes = PaperNodes(self.chain)
        self.signer: Any = LocalSigner(Account.from_key(KEY))
        self.auditor = Auditor()
        self.validator: Any = StoredBytesValidator()
        self.telemetry = Telemetry()
        self.clock = PaperClock()
        self.policy = policy
        self.holder = holder
        self.armed = True
        self.calls = 0
        self.interpreters: dict[str, Any] = {}
        self._open_run()
        self.restart()

    @property
    def sender(self) -> str:
        return self.signer.address

    @property
    def raised(self) -> set[Alarm]:
        return self.telemetry.kinds()

    def restart(self, **policy: Any) -> None:
        """The process begins anew; all but the database is forgotten."""
        self.policy = replace(self.policy, **policy)
        self.context = SenderContext(
            store=TransactionRepository(
                self.ledger, CHAIN_ID, self.sender, holder=self.holder, lease_seconds=60
            ),
            nodes=self.nodes,
            signer=self.signer,
            auditor=self.auditor,
            validator=self.validator,
            telemetry=self.telemetry,
            clock=self.clock,
            policy=self.policy,
            interpreters=self.interpreters,
            armed=self.armed,
        )
        self.engine = TransactionEngine(self.context)

    def submit(self, **changes: Any) -> int:
        """Ask for a call; each has other data."""
        self.calls += 1

        def step(writing: Writing) -> int:
            return run_writes.add_step(writing, "r1", "CALL", {})

        new = NewIntent(
            step_id=self.ledger.transact("step", step),
            idempotency_key=f"r1/{self.calls}",
            chain_id=CHAIN_ID,
            sender=self.sender,
            target=TARGET,
            calldata=f"0x{self.calls:08x}",
            value=0,
        )
        return asyncio.run(self.engine.submit(replace(new, **changes)))

    def run(self, passes: int = 1) -> ChainView | None:
        """Passes, one after the other."""
        view = None
        for _ in range(passes):
            view = asyncio.run(self.engine.run_pass())
        return view

    def mine(self, blocks: int = 1) -> None:
        """Blocks, with a pass after each."""
        for _ in range(blocks):
            self.chain.mine()
            self.run()

    def intent(self, intent_id: int) -> IntentRecord:
        return self.context.store.intent(intent_id)

    def states(self, intent_id: int) -> tuple[str, list[list[str]]]:
        """How an intent stands, and the attempts of each of its nonces."""
        record = self.intent(intent_id)
        return record.state, [[each.state for each in slot.attempts] for slot in record.slots]

    def executed(self) -> list[str]:
        """The data of calls of ours that are in blocks."""
        return [
            each.decoded.calldata
            for _, each in self.chain.included()
            if each.decoded.calldata != "0x"
        ]

    def _open_run(self) -> None:
        run = NewRun(
            run_id="r1",
            vault="main",
            chain_id=CHAIN_ID,
            trigger="test",
            armed=True,
            started_at=self.clock.now(),
        )
        self.ledger.transact(
            "open", lambda writing: run_writes.open_run(writing, RunKind.TRANSFER, run)
        )
