"""Engine on a simulated chain and a real database, which can be restarted."""

from __future__ import annotations

# ruff: noqa: ARG002 - a double has the parameters of its port
from dataclasses import dataclass, field, replace
from typing import Any

from eth_account import Account

from keepers.model.chain import Unsigned
from keepers.model.errors.signing import AuditRefusedError
from keepers.signing.local import LocalSigner
from keepers.signing.validator import StoredBytesValidator
from keepers.store.database import Database
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.sender_context import SendingPolicy
from tests.support.sending import POLICY, EngineRig, RecordedTelemetry, SteppedClock, sender_context
from tests.unit.transactions.paper_chain import PaperChain
from tests.unit.transactions.paper_nodes import PaperNodes

KEY = "0x" + "11" * 32
CHAIN_ID = 31_337
TARGET = "0x" + "aa" * 20


@dataclass
class Auditor:
    """Auditor that refuses given calldata."""

    refused: set[str] = field(default_factory=set[str])
    asked: list[Unsigned] = field(default_factory=list[Unsigned])

    def audit(self, transaction: Unsigned, sender: str) -> None:
        self.asked.append(transaction)
        if transaction.call.calldata in self.refused:
            raise AuditRefusedError("targets", "not on the list")


class EngineOnPaper(EngineRig):
    """Engine on a simulated chain, with all its dependencies."""

    chain: PaperChain
    target = TARGET
    chain_id = CHAIN_ID

    def __init__(
        self, database: Database, *, policy: SendingPolicy = POLICY, holder: str = "one"
    ) -> None:
        self.database = database
        self.chain = PaperChain()
        self.nodes = PaperNodes(self.chain)
        self.signer: Any = LocalSigner(Account.from_key(KEY))
        self.auditor = Auditor()
        self.validator: Any = StoredBytesValidator()
        self.telemetry = RecordedTelemetry()
        self.clock = SteppedClock()
        self.policy = policy
        self.holder = holder
        self.armed = True
        self.interpreters: dict[str, Any] = {}
        self.open_run()
        self.restart()

    @property
    def sender(self) -> str:
        return self.signer.address

    def restart(self, **policy: Any) -> None:
        """Restart the process; only the database is kept."""
        self.policy = replace(self.policy, **policy)
        self.context = sender_context(
            self.database,
            self.signer,
            self.nodes,
            chain_id=CHAIN_ID,
            auditor=self.auditor,
            telemetry=self.telemetry,
            clock=self.clock,
            policy=self.policy,
            interpreters=self.interpreters,
            holder=self.holder,
            armed=self.armed,
            validator=self.validator,
        )
        self.engine = TransactionEngine(self.context)

    def executed(self) -> list[str]:
        """Return the calldata of the key's calls that are in blocks."""
        return [
            each.decoded.calldata
            for _, each in self.chain.included()
            if each.decoded.calldata != "0x"
        ]
