"""Builder of the runtime shared by all owners' work."""

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
    """Database, signers, messages and metrics of a process that works for an owner.

    An owner's strategy adds its chains, repositories and planners.
    """

    settings: Settings
    database: Database
    signers: Mapping[str, Signer]
    metrics: Metrics
    progress: Progress
    armed: bool

    @property
    def notifier(self) -> Notifier:
        """The notifier; in an unarmed process it drops every notice."""
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
    """Open the runtime of an owner, as its only keeper; messages are sent at the end.

    Args:
        settings: The effective settings.
        senders: The owner's senders, whose keys are read and locked.
        arm: Whether to send; the settings may enable it too.
        progress: Receives progress lines.
        metrics: Receives counts and measurements.
        measure: Measures the database at the end, in addition to its messages.

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
    """Measure the database and its messages at the end, even if the work failed."""
    try:
        yield
    finally:
        with suppress(StoreUnavailableError):  # a failure to read is reported elsewhere
            if measure is not None:
                measure(metrics, database)
            sample_notifications(metrics, database)
