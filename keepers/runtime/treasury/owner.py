"""The treasuries of all chains as one owner.

Modules are imported on use, so that commands start quickly.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepers.model.errors import InputError
from keepers.model.inventory_state import state_machine_id
from keepers.model.transfer_record import TREASURY
from keepers.runtime.process.owner import OwnedKey
from keepers.runtime.treasury.sender import sender_of_treasury
from keepers.runtime.treasury.setup import set_up_treasury

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
class TreasuryOwner:
    """`Owner` of the treasuries of all chains."""

    settings: Settings
    name: str = TREASURY
    has_triggers: bool = False

    @property
    def chains(self) -> tuple[str, ...]:
        """Names of the treasuries' chains."""
        return () if self.settings.treasury is None else tuple(self.settings.treasury.chains)

    @property
    def keys(self) -> tuple[OwnedKey, ...]:
        """The treasuries' signers, one for each chain."""
        treasury, chains = self.settings.treasury, self.settings.chains
        if treasury is None:
            return ()
        return tuple(
            OwnedKey(self.name, chains[name].chain_id, each.signer)
            for name, each in treasury.chains.items()
        )

    def senders(self) -> tuple[SenderSetup, ...]:
        """Return the treasuries' senders, one for each chain."""
        setup = set_up_treasury(self.settings)
        return tuple(sender_of_treasury(setup, each) for each in setup.chains.values())

    def plan_subject(self, plan: SignedPlan) -> PlanSubject:
        """Return the treasury on the plan's chain.

        Raises:
            InputError: There is no treasury on the chain.
        """
        from keepers.runtime.treasury.approvals import TreasuryPlanSubject  # noqa: PLC0415

        found = set_up_treasury(self.settings).of_chain(plan.chain_id)
        if found is None:
            name = state_machine_id(plan.chain_id)
            problem = f"has no chain {name}, which this plan is for"
            raise InputError("treasury.chains", problem)
        return TreasuryPlanSubject(found)

    async def checks(self) -> list[Check]:
        """Check the database, each chain and each bridge service."""
        from keepers.runtime.treasury.checks import treasury_checks  # noqa: PLC0415

        return await treasury_checks(self.settings)

    async def status(self) -> OwnerStatus:
        """Read holdings, bases, limits, and unfinished transfers and batches."""
        from keepers.runtime.treasury.status import treasury_status  # noqa: PLC0415

        return await treasury_status(self.settings)

    async def run_once(
        self, trigger: TriggerChoice, *, arm: bool, progress: Progress, metrics: Metrics
    ) -> PassSummary:
        """Check balances once, and advance transfers until bridges carry them."""
        from keepers.runtime.treasury.single_pass import pass_summary, treasury_pass  # noqa: PLC0415

        del trigger
        found = await treasury_pass(self.settings, arm=arm, progress=progress, metrics=metrics)
        return pass_summary(found)

    def keeper(self, metrics: Metrics, *, arm: bool) -> AbstractAsyncContextManager[ScheduledOwner]:
        """Open the keeper of balances and transfers."""
        from keepers.runtime.treasury.keeper import treasury_keeper  # noqa: PLC0415

        return treasury_keeper(self.settings, metrics, arm=arm)

    def watch(self, database: Database, lease: HeldLease) -> AbstractAsyncContextManager[Watch]:
        """Open a watch without events."""
        from keepers.runtime.treasury.keeper import NoWatch  # noqa: PLC0415

        del database, lease
        return nullcontext(NoWatch())

    def schedules(self, database: Database, metrics: Metrics, *, arm: bool) -> tuple[Schedule, ...]:
        """Return no schedules."""
        del database, metrics, arm
        return ()

    def server(self) -> AbstractContextManager[None]:
        """Serve instructions if `[treasury.http]` has an address."""
        from keepers.runtime.treasury.instructions import instruction_server  # noqa: PLC0415

        return instruction_server(self.settings)
