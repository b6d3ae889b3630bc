"""Ports of an owner: one vault, the treasuries of all chains, or an externally deployed fund."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from rich.console import Console

    from keepers.audit.policy import Policy
    from keepers.chain.addresses import Token
    from keepers.chain.contracts.approved_plans import ChainPlans
    from keepers.chain.node import Node
    from keepers.chain.pool import Members
    from keepers.chain.pool.pool import LeastGas
    from keepers.config import ChainSettings
    from keepers.config.signers import SendingSettings
    from keepers.model.approval import SignedPlan, TicketRecord
    from keepers.model.json_document import Json
    from keepers.model.ports import Progress
    from keepers.model.tier_plan import TriggerChoice
    from keepers.runs.schedule.ports import Schedule, ScheduledOwner, Watch
    from keepers.runtime.process.checks import Check
    from keepers.store.database import Database
    from keepers.store.leases import HeldLease
    from keepers.telemetry.metrics import Metrics
    from keepers.transactions.ports import ReceiptInterpreter


@dataclass(frozen=True, slots=True)
class OwnedKey:
    """Signer of an owner on one chain, by its name in the settings."""

    owner: str
    chain_id: int
    signer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSetup:
    """Parts of the engine of one key on one chain.

    Attributes:
        name: Name in messages, and in the lock that excludes other processes.
        subject: Name within a sentence.
        owner: The owner of the runs.
        chain: The chain's settings.
        limits: Names of the signer and auditors, and cost limits.
        tokens: Names of addresses in errors.
        policy: Returns the default policy of an account, if the settings name none.
        interpreters: Interpreters of receipts, by kind of step.
        least_gas: Returns the minimum gas of calls whose estimates are too low.
    """

    name: str
    subject: str
    owner: str
    chain: ChainSettings
    limits: SendingSettings
    tokens: Mapping[str, Token]
    policy: Callable[[str], Policy]
    interpreters: Mapping[str, ReceiptInterpreter]
    least_gas: Callable[[Members], LeastGas | None] | None = None


@dataclass(frozen=True, slots=True)
class OwnerStatus:
    """Current status of an owner.

    Attributes:
        document: The status as one JSON object.
        table: Prints the tables.
        text: Returns the lines below the tables, for a width in columns.
    """

    document: dict[str, Json]
    table: Callable[[Console], None]
    text: Callable[[int | None], str] = lambda _: ""


@dataclass(frozen=True, slots=True)
class PassSummary:
    """Result of one pass over an owner, as printed by `ballast run --once`.

    Attributes:
        document: The result as one JSON object.
        lines: The result as text; omitted if JSON is requested.
        errors: Lines always printed on standard error.
        succeeded: Whether nothing requires an operator.
    """

    document: dict[str, Json]
    lines: tuple[str, ...]
    errors: tuple[str, ...]
    succeeded: bool


class PlanSubject(Protocol):
    """Vault or treasury that a signed plan is about, as shown to approvers."""

    @property
    def name(self) -> str:
        """Name in messages, as in `vault main`."""
        ...

    @property
    def consumer(self) -> str:
        """Kind of contract that executes the plan."""
        ...

    def node(self) -> AbstractAsyncContextManager[Node]:
        """Open the best of the chain's nodes."""
        ...

    def plans(self, node: Node, plan: SignedPlan) -> ChainPlans:
        """Return the chain's plans of the same consumer."""
        ...

    def lines(self, database: Database, record: TicketRecord) -> list[str]:
        """Describe why the plan was made, and each of its actions.

        Raises:
            AlteredPlanError: The terms in the database differ from the signed ones.
        """
        ...

    def actions(self, database: Database, record: TicketRecord) -> list[Json]:
        """Return each action as a document; raises as `lines`."""
        ...


class Owner(Protocol):
    """Owner of funds that keepers work for.

    Planning, sending, checks, approvals and reports use an owner only through this port, never by
    its kind. Properties need only the settings. Methods may read deployments files, the database
    and chains, so they may raise `InputError` and `DeploymentError`.
    """

    @property
    def name(self) -> str:
        """Name under which runs are stored and the lease of the owner's clock is held."""
        ...

    @property
    def chains(self) -> tuple[str, ...]:
        """Names of the owner's chains."""
        ...

    @property
    def keys(self) -> tuple[OwnedKey, ...]:
        """The owner's signers, one for each chain."""
        ...

    @property
    def has_triggers(self) -> bool:
        """Whether a pass can be limited to one trigger."""
        ...

    def senders(self) -> tuple[SenderSetup, ...]:
        """Return the owner's senders, one for each chain."""
        ...

    def plan_subject(self, plan: SignedPlan) -> PlanSubject:
        """Return the vault or treasury that a plan is about."""
        ...

    async def checks(self) -> list[Check]:
        """Check configuration, database, keys, nodes and contracts; nothing is sent."""
        ...

    async def status(self) -> OwnerStatus:
        """Read the owner's status at the newest blocks; no key is read."""
        ...

    async def run_once(
        self, trigger: TriggerChoice, *, arm: bool, progress: Progress, metrics: Metrics
    ) -> PassSummary:
        """Make one pass, as the owner's only keeper.

        Raises:
            KeeperAlreadyRunningError, LeaseHeldError: Another keeper works for the owner.
        """
        ...

    def keeper(self, metrics: Metrics, *, arm: bool) -> AbstractAsyncContextManager[ScheduledOwner]:
        """Open the owner's keeper; raises as `run_once`."""
        ...

    def watch(self, database: Database, lease: HeldLease) -> AbstractAsyncContextManager[Watch]:
        """Open the watch of the owner's events on chain."""
        ...

    def schedules(self, database: Database, metrics: Metrics, *, arm: bool) -> tuple[Schedule, ...]:
        """Return the schedules of the owner's clock other than its keeper's checks."""
        ...

    def server(self) -> AbstractContextManager[None]:
        """Serve the owner's own HTTP requests, if configured."""
        ...
