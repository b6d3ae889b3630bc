"""Service whose keepers are controlled by tests: `python -m …program FILE [VAULT …]`.

Environment: `KEEPER_STUCK`, `KEEPER_FAILING`, `KEEPER_BROKEN` and `KEEPER_REFUSED` name vaults
whose checks never end, cannot be started, end by a defect, or fail one by one. With `KEEPER_RUNS`
each check has a run.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from keepers.config import Settings, load_settings
from keepers.model.chain_events import Handled
from keepers.model.errors import BallastError
from keepers.model.run import NewRun, RunStatus
from keepers.model.tick import Occasion
from keepers.model.tier_plan import TriggerChoice
from keepers.model.tier_state import Subscription
from keepers.runs.schedule.ports import (
    CheckResult,
    Offer,
    Schedule,
    ScheduledOwner,
    Watch,
    vault_schedules,
)
from keepers.runtime.process.logs import LogFormat, configure_logs
from keepers.runtime.service.service import kept_owners, serve
from keepers.runtime.vault.keeper import check_times
from keepers.runtime.vault.owner import VaultOwner
from keepers.store.chain_events import open_deposits
from keepers.store.database import Database, open_database
from keepers.store.leases import HeldLease
from keepers.store.runs import RunRepository
from keepers.telemetry.metrics import Metrics
from keepers.transactions.crash_points import crash_point


def told(what: str, vault: str) -> bool:
    """Return whether a variable names the vault."""
    return vault in os.environ.get(f"KEEPER_{what}", "").split(",")


class ToldKeeper:
    """Keeper that prints its checks and behaves as the environment requires."""

    def __init__(self, settings: Settings, vault: str, journal: RunRepository) -> None:
        self._settings = settings
        self.name = vault
        self._journal = journal

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        # Written to the stream of the log lines, so that the order is kept.
        line = f"check {self.name} {trigger} weekly={weekly} events={len(occasion.events)}"
        sys.stderr.write(f"{line}\n")
        if told("STUCK", self.name):
            await asyncio.Event().wait()
        if told("BROKEN", self.name):
            raise ValueError("a mistake of ours")
        if told("REFUSED", self.name):
            raise BallastError("a price is stale")
        if "KEEPER_RUNS" not in os.environ:
            return CheckResult(None, "nothing to do")
        return CheckResult(self._run(trigger, occasion), "done")

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        return vault_schedules(self, check_times(self._settings), watch)

    async def resume_open(self) -> None: ...

    def _run(self, trigger: TriggerChoice, occasion: Occasion) -> str:
        """Record a run as the pipeline does: an open run is resumed."""
        found = self._journal.open_run_of(self.name)
        run_id = uuid4().hex if found is None else found.run.run_id
        if found is None:
            self._journal.open_run(
                NewRun(
                    run_id=run_id,
                    vault=self.name,
                    chain_id=1,
                    trigger=trigger,
                    armed=False,
                    started_at=datetime.now(UTC),
                    tick_id=occasion.tick_id,
                    handles=occasion.handles,
                )
            )
        self._journal.close_run(run_id, RunStatus.NOTHING_TO_DO, "done")
        return run_id


class KnownDeposits:
    """Watch that offers the deposits in the database."""

    def __init__(self, ledger: Database, vault: str) -> None:
        self._ledger = ledger
        self._vault = vault

    async def poll(self) -> Offer:
        found = self._ledger.read(lambda connection: open_deposits(connection, self._vault))
        if not found:
            return Offer()
        ids = tuple(each.deposit_id for each in found)
        total = sum(each.amount for each in found)
        return Offer((Subscription(total),), handled=Handled(deposits=ids))


class ToldOwner(VaultOwner):
    """Vault with a keeper that the environment controls."""

    @asynccontextmanager
    async def keeper(self, metrics: Metrics, *, arm: bool) -> AsyncGenerator[ScheduledOwner]:
        del metrics, arm
        if told("FAILING", self.name):
            raise BallastError("its node is away; check rpc_urls")
        settings = self.settings
        yield ToldKeeper(
            settings, self.name, RunRepository(open_database(settings.database, crash_point))
        )

    @asynccontextmanager
    async def watch(self, database: Database, lease: HeldLease) -> AsyncGenerator[Watch]:
        del lease
        yield KnownDeposits(database, self.name)


def main() -> None:
    configure_logs(verbose=False, form=LogFormat.JSON)
    file, *named = sys.argv[1:]
    settings = load_settings(Path(file))
    names = named or [each.name for each in kept_owners(settings, None)]
    owners = [ToldOwner(settings, name) for name in names]
    asyncio.run(serve(settings, owners, arm=False))


if __name__ == "__main__":
    main()
