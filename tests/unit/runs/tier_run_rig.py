"""Rig of tier runs: an in-memory market, its nodes, a database and a run's dependencies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from eth_account import Account
from sqlalchemy import select

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.notice import MessageKind, Notice, Severity
from keepers.model.run import ACTION, PLAN
from keepers.model.tier_config import TierConfig
from keepers.notifications.notifier import SqlNotifier
from keepers.runs.outcomes import PlanInterpreter, TradeInterpreter
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.signing.local import LocalSigner
from keepers.store.connection import connect
from keepers.store.database import Database, nowhere
from keepers.store.runs import RunRepository
from keepers.store.tables import notifications
from keepers.store.tickets import TicketRepository
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.ports import ReceiptInterpreter
from keepers.transactions.sender_context import SenderContext, SendingPolicy
from tests.support.sending import POLICY as SENDING_POLICY
from tests.support.sending import RecordedTelemetry, sender_context
from tests.unit.runs.market import KEEPER, NOTHING, Clock, Memory
from tests.unit.runs.nodes import nodes_of
from tests.unit.runs.plans import PaperPlans
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_engine import KEY, Auditor

UNIT = 10**6
CHAIN_ID = 1
POLICY = RunPolicy(
    tiers=TierConfig.for_token(
        6,
        amounts={
            "rebalance_min_amount": UNIT,
            "rebalance_approval_threshold": 10**15,
            "rebalance_multisig_threshold": 10**15,
        },
    ),
    confirmation_timeout_seconds=10,
)
SENDING = replace(SENDING_POLICY, poll_seconds=1)


class TierRunRig:
    """State that outlives a process, and the parts that each process builds."""

    def __init__(self, memory: Memory, url: str) -> None:
        self.memory = memory
        self.nodes = nodes_of(memory)
        self.clock = Clock()
        self.on_point: Callable[[str], None] = nowhere
        self.database = Database(connect(url), self._pass, self.clock)
        self.journal = RunRepository(self.database)
        self.tickets = TicketRepository(self.database)
        self.plans = PaperPlans(memory)
        self.notifier = SqlNotifier(self.database)
        self.signer: Any = LocalSigner(Account.from_key(KEY))
        self.said: list[str] = []
        self.interpreters: dict[str, ReceiptInterpreter] = {
            ACTION: TradeInterpreter(memory.action_of),
            PLAN: PlanInterpreter(memory.plan_events_of),
        }
        self.policy = POLICY
        self.context = self._context(SENDING, armed=True)

    def ports(
        self, *, armed: bool = True, confirmations: int = 1, **changed: Any
    ) -> TierRunDependencies:
        """Return the dependencies of a new process; `changed` replaces parts of its policy."""
        self.context.close()
        self.context = self._context(replace(SENDING, confirmations=confirmations), armed=armed)
        return TierRunDependencies(
            vault="main",
            chain_id=CHAIN_ID,
            store=self.journal,
            chain=self.memory,
            market=self.memory,
            simulator=self.memory,
            keeper=KEEPER,
            transactions=TransactionEngine(self.context),
            tickets=self.tickets,
            plans=self.plans,
            notifier=self.notifier,
            readings=None,
            clock=self.clock,
            policy=replace(self.policy, **changed),
            progress=self.said.append,
        )

    def told(self) -> list[Notice]:
        """Return the notices reported so far, in order."""
        query = select(notifications).where(notifications.c.kind == MessageKind.REPORT)
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(notifications.c.notification_id))
            return [
                Notice(key=row.key, severity=Severity(row.severity), title=row.title, text=row.text)
                for row in rows
            ]

    def over(self) -> dict[str, str]:
        """Return the texts of recovery messages by key."""
        over = notifications.c.kind == MessageKind.RECOVERY
        with self.database.reading() as connection:
            rows = connection.execute(select(notifications).where(over))
            return {row.key: row.text for row in rows}

    def stranger(self, nonce: int) -> None:
        """Include an external transaction that uses a nonce of the key."""
        unsigned = Unsigned(
            chain_id=CHAIN_ID,
            nonce=nonce,
            call=ContractCall("0x" + "55" * 20, NOTHING),
            gas_limit=21_000,
            fees=Fees(50 * GWEI, 2 * GWEI),
        )
        signer = LocalSigner(Account.from_key(KEY))
        self.memory.paper.include(signer.sign(unsigned).raw)

    def _pass(self, point: str) -> None:
        self.on_point(point)

    def close(self) -> None:
        """Close the sender and the journal."""
        self.context.close()
        self.journal.close()

    def _context(self, policy: SendingPolicy, *, armed: bool) -> SenderContext:
        return sender_context(
            self.database,
            self.signer,
            self.nodes,
            chain_id=CHAIN_ID,
            auditor=Auditor(),
            telemetry=RecordedTelemetry(),
            clock=self.clock,
            policy=policy,
            interpreters=self.interpreters,
            armed=armed,
        )
