"""A vault as an owner.

Modules are imported on use, so that commands start quickly.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepers.runtime.process.owner import OwnedKey
from keepers.runtime.vault.sender import sender_of_vault
from keepers.runtime.vault.setup import set_up

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from keepers.config import Settings
    from keepers.model.approval import SignedPlan
    from keepers.model.ports import Progress
    from keepers.model.tier_plan import TriggerChoice
    from keepers.runs.schedule.ports import Schedule, ScheduledOwner, Watch
    from keepers.runtime.process.checks import Check
    from keepers.runtime.process.owner import OwnerStatus, PassSummary, PlanSubject, SenderSetup
    from keepers.store.database import Database
    from keepers.store.leases import HeldLease
    from keepers.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class VaultOwner:
    """`Owner` of one vault."""

    settings: Settings
    name: str
    has_triggers: bool = True

    @property
    def chains(self) -> tuple[str, ...]:
        """Name of the vault's chain."""
        return (self.settings.vaults[self.name].chain,)

    @property
    def keys(self) -> tuple[OwnedKey, ...]:
        """The vault's signer."""
        vault = self.settings.vaults[self.name]
        return (OwnedKey(self.name, self.settings.chains[vault.chain].chain_id, vault.signer),)

    def senders(self) -> tuple[SenderSetup, ...]:
        """Return the vault's sender."""
        return (sender_of_vault(set_up(self.settings, self.name)),)

    def plan_subject(self, plan: SignedPlan) -> PlanSubject:
        """Return the vault, which all its plans are about."""
        from keepers.runtime.vault.approvals import VaultPlanSubject  # noqa: PLC0415

        del plan
        return VaultPlanSubject(set_up(self.settings, self.name))

    async def checks(self) -> list[Check]:
        """Check configuration, database, key, nodes, contracts, prices and the vault."""
        from keepers.runtime.vault.checks import vault_checks  # noqa: PLC0415

        return await vault_checks(self.settings, self.name)

    async def status(self) -> OwnerStatus:
        """Read tiers, holdings, limits and pauses."""
        from keepers.runtime.vault.status import vault_status  # noqa: PLC0415

        return await vault_status(self.settings, self.name)

    async def run_once(
        self, trigger: TriggerChoice, *, arm: bool, progress: Progress, metrics: Metrics
    ) -> PassSummary:
        """Run the pipeline once."""
        from keepers.runtime.vault.runs import rebalance, run_summary  # noqa: PLC0415

        record = await rebalance(
            self.settings, self.name, trigger, arm=arm, progress=progress, metrics=metrics
        )
        return run_summary(record)

    def keeper(self, metrics: Metrics, *, arm: bool) -> AbstractAsyncContextManager[ScheduledOwner]:
        """Open the keeper that runs the pipeline."""
        from keepers.runtime.vault.keeper import vault_keeper  # noqa: PLC0415

        return vault_keeper(self.settings, self.name, metrics, arm=arm)

    def watch(self, database: Database, lease: HeldLease) -> AbstractAsyncContextManager[Watch]:
        """Open the watch of deposits and prices."""
        from keepers.runtime.vault.watch import vault_watch  # noqa: PLC0415

        return vault_watch(self.settings, self.name, database, lease)

    def schedules(self, database: Database, metrics: Metrics, *, arm: bool) -> tuple[Schedule, ...]:
        """Return the schedules of recurring rebalancers, if this vault's key maintains them."""
        from keepers.runtime.vault.keeper import recurring_schedules  # noqa: PLC0415

        return recurring_schedules(self.settings, self.name, database, metrics, arm=arm)

    def server(self) -> AbstractContextManager[None]:
        """Serve nothing."""
        return nullcontext()
