"""Builder of the runtime that every owner's work shares."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass

from keepers.config import Settings
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.ports import Notifier, Progress
from keepers.runtime.process.database import alone, opened
from keepers.runtime.process.leases import kept, lease_seconds
from keepers.runtime.process.notifications import NullNotifier, delivering, notifier_of
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.signers import make_signing
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.runtime.process.transaction_engine import engine_of, holder_of
from keepers.store.database import Database
from keepers.store.leases import HeldLease
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.samples import sample_notifications
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.ports import Signer

Measure = Callable[[Metrics, Database], object]


@dataclass(frozen=True, slots=True)
class OwnerRuntime:
    """Database, signers, messages and metrics of a process while it may work for an owner.

    An owner's strategy adds its chains, repositories and planners to it.
    """

    settings: Settings
    database: Database
    signers: Mapping[str, Signer]
    metrics: Metrics
    progress: Progress
    armed: bool

    @property
    def notifier(self) -> Notifier:
        """The notifier, which drops every notice of a process that is not armed."""
        return notifier_of(self.settings, self.database) if self.armed else NullNotifier()

    def account(self, sender: SenderSetup) -> str:
        """Return the account of a sender."""
        return self.signers[sender.name].address

    def engine(self, sender: SenderSetup) -> AbstractAsyncContextManager[TransactionEngine]:
        """Open the engine of a sender."""
        signer = self.signers[sender.name]
        telemetry = KeeperTelemetry(
            self.metrics,
            sender.chain.chain_id,
            signer.address,
            self.progress,
            self.notifier if self.armed else None,
        )
        return engine_of(self.settings, sender, self.database, signer, telemetry, armed=self.armed)

    def lease(self, scope: str, seconds: int) -> AbstractContextManager[HeldLease]:
        """Keep the lease that fences the owner's work; it is acquired at the first write."""
        holder = holder_of(self.settings.database)
        seconds = lease_seconds(self.settings, seconds)
        return kept(self.settings, HeldLease(self.database, scope, holder, seconds))


@asynccontextmanager
async def owner_runtime(
    settings: Settings,
    senders: Sequence[SenderSetup],
    *,
    arm: bool,
    progress: Progress,
    metrics: Metrics | None = None,
    measure: Measure | None = None,
) -> AsyncGenerator[OwnerRuntime]:
    """Open the runtime of an owner, as its only keeper; messages leave at the end.

    Args:
        settings: The settings in force.
        senders: The owner's senders, whose keys are read and locked.
        arm: Whether to send, which the settings may also say.
        progress: Receives lines of progress.
        metrics: Receives what is counted and measured.
        measure: Measures the database at the end, besides its messages.

    Raises:
        KeeperAlreadyRunningError: Another process of this machine works for the owner, or with a
            key.
        SecretUnavailableError, SigningError: A key cannot be used.
    """
    signers = {each.name: make_signing(settings, each.limits.signer) for each in senders}
    armed = arm or settings.armed
    counted = Metrics() if metrics is None else metrics
    async with AsyncExitStack() as stack:
        for each in senders:
            stack.enter_context(alone(settings, each, signers[each.name].address))
        database = stack.enter_context(opened(settings))
        stack.enter_context(measured(counted, database, measure))
        await stack.enter_async_context(delivering(settings, database, armed=armed))
        yield OwnerRuntime(settings, database, signers, counted, progress, armed)


@contextmanager
def measured(
    metrics: Metrics, database: Database, measure: Measure | None = None
) -> Generator[None]:
    """Measure the database and its messages at the end, also of work that failed."""
    try:
        yield
    finally:
        with suppress(StoreUnavailableError):  # whoever cannot read it says so elsewhere
            if measure is not None:
                measure(metrics, database)
            sample_notifications(metrics, database)
