"""An engine with a real pool of nodes, key, audit and ledger, over one anvil that tests control."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from eth_account import Account
from eth_utils.crypto import keccak
from sqlalchemy import Connection, event

from keepers.audit.auditor import PolicyAuditor
from keepers.chain.pool import Members, NodePool, PoolPolicy
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.model.chain import ContractCall, Fees, NodeRole, Unsigned
from keepers.model.run import NewRun, RunKind
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView, FeeLimits
from keepers.model.transactions.records import (
    IntentRecord,
    NewIntent,
    NonceSlot,
    SlotAttempt,
    sender_scope,
)
from keepers.model.transactions.states import Annotation
from keepers.signing.local import LocalSigner
from keepers.signing.validator import StoredBytesValidator
from keepers.store import run_writes
from keepers.store.connection import connect
from keepers.store.database import Database, Writing, database_time, nowhere
from keepers.store.pauses import resume
from keepers.store.transactions import TransactionRepository
from keepers.store.transitions import append_event
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.sender_context import SenderContext, SendingPolicy
from scripts.network.accounts import test_account
from tests.integration.faults.target import CODE, OFF, ON, policy_of, take
from tests.integration.faults.witnesses import Listener, RecordingAuditor, SteppedClock
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.fault_proxy import FaultProxy
from tests.integration.support.faulty_chain import FaultyChain

GWEI = 10**9
ETHER = 10**18
BASE_FEE = 10 * GWEI
POLICY = SendingPolicy(fees=FeeLimits(maximum=200 * GWEI, priority=20 * GWEI), poll_seconds=0)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How an engine is put together.

    Attributes:
        roles: What each proxy of the chain is to the pool, in their order.
        node_seconds: How long a node has for an answer.
        crash: Called at each crash point of the ledger, in this process.
        clock: The ledger's time; the database's own by default.
        pages: To how many pages a SQLite file may grow; fewer than it has are ignored.
    """

    policy: SendingPolicy = POLICY
    roles: tuple[NodeRole, ...] = (NodeRole.READER,)
    quorum: int | None = None
    node_seconds: float = 20.0
    holder: str = "one"
    lease_seconds: int = 600
    crash: Callable[[str], None] = nowhere
    clock: Callable[[Connection], datetime] = database_time
    signer: Any = None
    pages: int | None = None


@dataclass
class Rig:
    """The engine of one key and its nodes. A key is of one test, so tests share a chain."""

    chain: FaultyChain
    url: str
    key: str
    setup: Setup
    runner: asyncio.Runner
    auditor: RecordingAuditor = field(init=False)
    listener: Listener = field(default_factory=Listener)
    clock: SteppedClock = field(default_factory=SteppedClock)
    interpreters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    calls: int = 0
    armed: bool = True
    first_block: int = 0
    keeps_finality: bool = True
    _ledgers: list[Database] = field(default_factory=list[Database])
    _rpcs: list[Rpc] = field(default_factory=list[Rpc])

    def __post_init__(self) -> None:
        self.local = LocalSigner.from_private_key(self.key, "test")
        self.signer: Any = self.setup.signer or self.local
        self.target = Account.from_key(keccak(text=f"target of {self.key}")).address
        self.auditor = RecordingAuditor(PolicyAuditor(policy_of(self.sender, self.target)))
        self.ledger = self._ledger()
        self.restart()

    @property
    def sender(self) -> str:
        return self.local.address

    @property
    def nodes(self) -> tuple[FaultProxy, ...]:
        return self.chain.proxies

    @property
    def node(self) -> FaultProxy:
        """The only node, or the first."""
        return self.nodes[0]

    @property
    def raised(self) -> set[Alarm]:
        return self.listener.kinds

    def begin(self) -> None:
        """The account has coins, the contract is there, and a run is open."""
        self.chain.set_balance(self.sender, 100 * ETHER)
        self.chain.rpc("anvil_setCode", self.target, CODE)
        self.chain.rpc("anvil_dropAllTransactions")
        self.chain.set_base_fee(BASE_FEE)
        self.chain.mine()
        self.first_block = self.chain.head
        run = NewRun(
            run_id="r1",
            vault="main",
            chain_id=CHAIN_ID,
            trigger="test",
            armed=True,
            started_at=self.clock.now(),
        )
        self.ledger.transact("open", lambda w: run_writes.open_run(w, RunKind.TRANSFER, run))

    def reconnect(self, url: str | None = None, **setup: Any) -> None:
        """The process begins anew, perhaps on another database or with another set-up."""
        self.setup = replace(self.setup, **setup)
        self.url = url or self.url
        self.ledger.close()
        self.ledger = self._ledger()
        self.restart()

    def reconnect_beside(self, **setup: Any) -> None:
        """Another process begins; the one before goes on."""
        self.setup = replace(self.setup, **setup)
        self._ledgers.append(self.ledger)
        self.ledger = self._ledger()
        self.restart()

    def restart(self, **policy: Any) -> None:
        """The process begins anew; all but the database is forgotten."""
        self.setup = replace(self.setup, policy=replace(self.setup.policy, **policy))
        self.pool = NodePool(self._members(), Reverts({}))
        self.context = SenderContext(
            store=TransactionRepository(
                self.ledger,
                CHAIN_ID,
                self.sender,
                holder=self.setup.holder,
                lease_seconds=self.setup.lease_seconds,
            ),
            nodes=self.pool,
            signer=self.signer,
            auditor=self.auditor,
            validator=StoredBytesValidator(),
            telemetry=self.listener,
            clock=self.clock,
            policy=self.setup.policy,
            interpreters=self.interpreters,
            armed=self.armed,
        )
        self.engine = TransactionEngine(self.context)

    def submit(self, **changes: Any) -> int:
        """Ask for a call; each has another amount."""
        self.calls += 1
        return self.do(self.engine.submit(self.new(self.calls, **changes)))

    def new(self, amount: int, **changes: Any) -> NewIntent:
        """A call of a step of its own."""

        def step(writing: Writing) -> int:
            return run_writes.add_step(writing, "r1", "CALL", {})

        new = NewIntent(
            step_id=self.ledger.transact("step", step),
            idempotency_key=f"r1/{amount}",
            chain_id=CHAIN_ID,
            sender=self.sender,
            target=self.target,
            calldata=take(amount),
            value=0,
        )
        return replace(new, **changes)

    def run(self, passes: int = 1) -> ChainView | None:
        """Passes, one after the other."""
        view = None
        for _ in range(passes):
            view = self.do(self.engine.run_pass())
        return view

    def sent(self) -> int:
        """A call that a node has; answers the intent."""
        intent_id = self.submit()
        self.run()
        return intent_id

    def mine(self, blocks: int = 1) -> None:
        """Blocks with whatever waits, and a pass after each."""
        for _ in range(blocks):
            self.chain.mine()
            self.run()

    def stuck(self, blocks: int = 1) -> None:
        """Blocks without anything that waits, and a pass after each."""
        for _ in range(blocks):
            self.chain.mine_empty()
            self.run()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def intent(self, intent_id: int) -> IntentRecord:
        return self.context.store.intent(intent_id)

    def slot(self, intent_id: int) -> NonceSlot:
        """The newest nonce of an intent."""
        return self.intent(intent_id).slots[-1]

    def attempts(self, intent_id: int) -> tuple[SlotAttempt, ...]:
        """All that was signed for the newest nonce of an intent."""
        return self.slot(intent_id).attempts

    def fees(self, intent_id: int) -> list[Fees]:
        return [each.signed.fees for each in self.attempts(intent_id)]

    def states(self, intent_id: int) -> tuple[str, list[list[str]]]:
        """How an intent stands, and the attempts of each of its nonces."""
        record = self.intent(intent_id)
        return record.state, [[each.state for each in slot.attempts] for slot in record.slots]

    def step(self, intent_id: int) -> tuple[str, str | None]:
        """How the step of an intent stands, and why."""
        found = self.context.store.step(self.intent(intent_id).intent.step_id)
        return found.state, found.reason

    def stranger(self, nonce: int, *, tip: int = 19 * GWEI) -> str:
        """Bytes that somebody else signs with the same key."""
        terms = Unsigned(
            chain_id=CHAIN_ID,
            nonce=nonce,
            call=ContractCall("0x" + "bb" * 20, "0x"),
            gas_limit=21_000,
            fees=Fees(190 * GWEI, tip),
            value=1,
        )
        return self.local.sign(terms).raw

    def switch(self, *, on: bool) -> None:
        """Turn the contract's switch, in a block of its own; what waits waits on."""
        self.chain.mine_raw(self.switching(on=on))

    def switching(self, *, on: bool) -> str:
        """Signed bytes of somebody who turns the contract's switch."""
        whose = LocalSigner(test_account(7))
        terms = Unsigned(
            chain_id=CHAIN_ID,
            nonce=self.chain.nonce(whose.address),
            call=ContractCall(self.target, ON if on else OFF),
            gas_limit=100_000,
            fees=Fees(190 * GWEI, 19 * GWEI),
        )
        return whose.sign(terms).raw

    def resume(self) -> None:
        """A person lifts the pause of the sender."""
        scope = sender_scope(CHAIN_ID, self.sender)
        self.ledger.transact("resume", lambda writing: resume(writing, scope, "somebody"))

    def noting(self, text: str) -> Callable[[Writing], None]:
        """A write that takes room."""

        def note(writing: Writing) -> None:
            append_event(writing, "tests", "1", Annotation.PAUSE, detail={"text": text})

        return note

    def close(self) -> None:
        """Let go of nodes and database."""
        for rpc in self._rpcs:
            self.do(rpc.close())
        for each in (*self._ledgers, self.ledger):
            each.close()

    def _ledger(self) -> Database:
        engine = connect(self.url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", self._limit)
        return Database(engine, crash=self.setup.crash, clock=self.setup.clock)

    def _limit(self, connection: Any, record: object) -> None:
        """Waits for locks are short, and the disk is as large as the test says."""
        del record
        connection.execute("PRAGMA busy_timeout = 100")
        if self.setup.pages is not None:
            connection.execute(f"PRAGMA max_page_count = {self.setup.pages}")

    def _members(self) -> Members:
        rpcs = [Rpc(url, timeout=self.setup.node_seconds) for url in self.chain.urls]
        self._rpcs.extend(rpcs)
        return Members(
            list(zip(rpcs, self.setup.roles, strict=True)),
            CHAIN_ID,
            PoolPolicy(quorum=self.setup.quorum, request_seconds=self.setup.node_seconds),
            self.clock.monotonic,
        )
