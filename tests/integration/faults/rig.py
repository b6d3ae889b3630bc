"""Engine with a real node pool, key, auditor and database, over one anvil that tests control."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak
from sqlalchemy import Connection, event

from keepers.audit.auditor import PolicyAuditor
from keepers.chain.pool import Members, NodePool, PoolPolicy
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.model.chain import ContractCall, Fees, NodeRole, Unsigned
from keepers.model.transaction_records import (
    NonceSlot,
    SlotAttempt,
    sender_scope,
)
from keepers.model.transaction_states import Annotation
from keepers.signing.local import LocalSigner
from keepers.store.connection import connect
from keepers.store.database import Database, Writing, database_time, nowhere
from keepers.store.pauses import resume
from keepers.store.transitions import append_event
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.sender_context import SendingPolicy
from scripts.network.accounts import test_account
from tests.integration.faults.target import CODE, OFF, ON, policy_of, take
from tests.integration.faults.witnesses import RecordingAuditor
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.fault_proxy import FaultProxy
from tests.integration.support.faulty_chain import FaultyChain
from tests.support.sending import (
    POLICY,
    EngineRig,
    RecordedTelemetry,
    SteppedClock,
    T,
    sender_context,
)

GWEI = 10**9
ETHER = 10**18
BASE_FEE = 10 * GWEI


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Set-up of an engine.

    Attributes:
        roles: Roles of the chain's proxies in the pool, in their order.
        node_seconds: Time limit for a node's response.
        crash: Function called at each crash point of the database, in this process.
        clock: The database's time; its own by default.
        pages: Most pages of a SQLite file; ignored if the file already has more.
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
class Rig(EngineRig):
    """Engine of one key and its nodes. Each test has its own key, so tests share a chain."""

    chain: FaultyChain
    url: str
    key: str
    setup: Setup
    runner: asyncio.Runner
    auditor: RecordingAuditor = field(init=False)
    telemetry: RecordedTelemetry = field(default_factory=RecordedTelemetry)
    clock: SteppedClock = field(default_factory=SteppedClock)
    interpreters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    armed: bool = True
    chain_id: int = CHAIN_ID
    first_block: int = 0
    keeps_finality: bool = True
    _databases: list[Database] = field(default_factory=list[Database])
    _rpcs: list[Rpc] = field(default_factory=list[Rpc])

    def __post_init__(self) -> None:
        self.local = LocalSigner.from_private_key(self.key, "test")
        self.signer: Any = self.setup.signer or self.local
        self.target = Account.from_key(keccak(text=f"target of {self.key}")).address
        self.auditor = RecordingAuditor(PolicyAuditor(policy_of(self.sender, self.target)))
        self.database = self._database()
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

    def begin(self) -> None:
        """Fund the account, deploy the contract, and open a run."""
        self.chain.set_balance(self.sender, 100 * ETHER)
        self.chain.rpc("anvil_setCode", self.target, CODE)
        self.chain.rpc("anvil_dropAllTransactions")
        self.chain.set_base_fee(BASE_FEE)
        self.chain.mine()
        self.first_block = self.chain.head
        self.open_run()

    def reconnect(self, url: str | None = None, **setup: Any) -> None:
        """Restart the process, optionally on another database or with another set-up."""
        self.setup = replace(self.setup, **setup)
        self.url = url or self.url
        self.database.close()
        self.database = self._database()
        self.restart()

    def reconnect_beside(self, **setup: Any) -> None:
        """Start another process; the previous one continues."""
        self.setup = replace(self.setup, **setup)
        self._databases.append(self.database)
        self.database = self._database()
        self.restart()

    def restart(self, **policy: Any) -> None:
        """Restart the process; only the database remains."""
        self.setup = replace(self.setup, policy=replace(self.setup.policy, **policy))
        self.pool = NodePool(self._members(), Reverts({}))
        self.context = sender_context(
            self.database,
            self.signer,
            self.pool,
            chain_id=CHAIN_ID,
            auditor=self.auditor,
            telemetry=self.telemetry,
            clock=self.clock,
            policy=self.setup.policy,
            interpreters=self.interpreters,
            holder=self.setup.holder,
            lease_seconds=self.setup.lease_seconds,
            armed=self.armed,
        )
        self.engine = TransactionEngine(self.context)

    def calldata(self, number: int) -> str:
        """Return the calldata of a call with this amount."""
        return take(number)

    def sent(self) -> int:
        """Submit and send a call; return the intent."""
        intent_id = self.submit()
        self.run()
        return intent_id

    def stuck(self, blocks: int = 1) -> None:
        """Mine blocks without waiting transactions, with a pass after each."""
        for _ in range(blocks):
            self.chain.mine_empty()
            self.run()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def slot(self, intent_id: int) -> NonceSlot:
        """Return the newest nonce slot of an intent."""
        return self.intent(intent_id).slots[-1]

    def attempts(self, intent_id: int) -> tuple[SlotAttempt, ...]:
        """Return all attempts of the newest nonce slot of an intent."""
        return self.slot(intent_id).attempts

    def fees(self, intent_id: int) -> list[Fees]:
        return [each.signed.fees for each in self.attempts(intent_id)]

    def step(self, intent_id: int) -> tuple[str, str | None]:
        """Return the state of an intent's step, and its reason."""
        found = self.context.store.step(self.intent(intent_id).intent.step_id)
        return found.state, found.reason

    def stranger(self, nonce: int, *, tip: int = 19 * GWEI) -> str:
        """Return bytes signed with the same key outside the engine."""
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
        """Set the contract's switch in a separate block; waiting transactions keep waiting."""
        self.chain.mine_raw(self.switching(on=on))

    def switching(self, *, on: bool) -> str:
        """Return bytes signed by another account that set the contract's switch."""
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
        """Lift the pause of the sender, as an operator."""
        scope = sender_scope(CHAIN_ID, self.sender)
        self.database.transact("resume", lambda writing: resume(writing, scope, "somebody"))

    def noting(self, text: str) -> Callable[[Writing], None]:
        """Return a write that needs space."""

        def note(writing: Writing) -> None:
            append_event(writing, "tests", "1", Annotation.PAUSE, detail={"text": text})

        return note

    def close(self) -> None:
        """Close the connections to nodes and databases."""
        for rpc in self._rpcs:
            self.do(rpc.close())
        for each in (*self._databases, self.database):
            each.close()

    def _database(self) -> Database:
        engine = connect(self.url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", self._limit)
        return Database(engine, crash=self.setup.crash, clock=self.setup.clock)

    def _limit(self, connection: Any, record: object) -> None:
        """Shorten waits for locks, and limit the file to the set-up's pages."""
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
