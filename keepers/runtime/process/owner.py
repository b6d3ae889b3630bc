"""Ports of an owner: one vault, the treasuries of all chains, or a fund that others deployed."""

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
        name: Its name in messages, and in the lock that keeps other processes away.
        subject: The same in a sentence.
        owner: The owner in whose name runs are kept.
        chain: The chain's settings.
        limits: Names of its signer and auditors, and limits of cost.
        tokens: Names of addresses in errors.
        policy: Makes the policy of an account, unless the settings name one.
        interpreters: Interpreters of receipts, by kind of step.
        least_gas: Makes the gas that a call must have, where estimates are too low.
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
    """Status of an owner now.

    Attributes:
        document: It as one JSON object.
        table: Prints its tables.
        text: Returns the lines below the tables, for a width of columns.
    """

    document: dict[str, Json]
    table: Callable[[Console], None]
    text: Callable[[int | None], str] = lambda _: ""


@dataclass(frozen=True, slots=True)
class PassSummary:
    """Result of one pass over an owner, as `ballast run --once` prints it.

    Attributes:
        document: It as one JSON object.
        lines: The same as text; left out where JSON is asked for.
        errors: Lines that are printed on standard error in any case.
        succeeded: Whether nothing in it needs a person.
    """

    document: dict[str, Json]
    lines: tuple[str, ...]
    errors: tuple[str, ...]
    succeeded: bool


class PlanSubject(Protocol):
    """Vault or treasury that a signed plan is about, as approvers see it."""

    @property
    def name(self) -> str:
        """Its name in messages, as in `vault main`."""
        ...

    @property
    def consumer(self) -> str:
        """The kind of contract that executes the plan."""
        ...

    def node(self) -> AbstractAsyncContextManager[Node]:
        """Open the best of its chain's nodes."""
        ...

    def plans(self, node: Node, plan: SignedPlan) -> ChainPlans:
        """Return the chain's view of plans of the same consumer."""
        ...

    def lines(self, database: Database, record: TicketRecord) -> list[str]:
        """Describe why the plan was made, and each of its actions.

        Raises:
            AlteredPlanError: The database has other terms than those that are signed.
        """
        ...

    def actions(self, database: Database, record: TicketRecord) -> list[Json]:
        """Return each action as a document; raises as `lines`."""
        ...


class Owner(Protocol):
    """Owner of funds that keepers work for.

    Whatever plans, sends, checks, approves and reports asks an owner through this port, and never
    for its kind. Properties need the settings alone. Methods may read deployments files, the
    database and chains, so they may raise `InputError` and `DeploymentError`.
    """

    @property
    def name(self) -> str:
        """Its name, under which runs are kept and its clock's lease is held."""
        ...

    @property
    def chains(self) -> tuple[str, ...]:
        """Names of its chains."""
        ...

    @property
    def keys(self) -> tuple[OwnedKey, ...]:
        """Its signers, one for each chain."""
        ...

    @property
    def has_triggers(self) -> bool:
        """Whether a pass can be limited to one trigger."""
        ...

    def senders(self) -> tuple[SenderSetup, ...]:
        """Return its senders, one for each chain."""
        ...

    def plan_subject(self, plan: SignedPlan) -> PlanSubject:
        """Return the part of it that a plan is about."""
        ...

    async def checks(self) -> list[Check]:
        """Check configuration, database, keys, nodes and contracts; nothing is sent."""
        ...

    async def status(self) -> OwnerStatus:
        """Read its status at the newest blocks; no key is read."""
        ...

    async def run_once(
        self, trigger: TriggerChoice, *, arm: bool, progress: Progress, metrics: Metrics
    ) -> PassSummary:
        """Make one pass, as its only keeper.

        Raises:
            KeeperAlreadyRunningError, LeaseHeldError: Another keeper works for it.
        """
        ...

    def keeper(self, metrics: Metrics, *, arm: bool) -> AbstractAsyncContextManager[ScheduledOwner]:
        """Open its keeper; raises as `run_once`."""
        ...

    def watch(self, database: Database, lease: HeldLease) -> AbstractAsyncContextManager[Watch]:
        """Open the watch of its events on chain."""
        ...

    def schedules(self, database: Database, metrics: Metrics, *, arm: bool) -> tuple[Schedule, ...]:
        """Return the schedules of its clock beside its keeper's checks."""
        ...

    def server(self) -> AbstractContextManager[None]:
        """Serve its own requests over HTTP, where the settings have that."""
        ...
