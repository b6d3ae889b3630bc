"""Keeper of a vault: checks by the pipeline, then maintenance and weights; resumes open runs."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog

from keepers.config import Settings
from keepers.model.cron import Cron
from keepers.model.errors import BallastError
from keepers.model.errors.run import AwaitingFundsError
from keepers.model.errors.transaction import LeaseHeldError, NotSettledError
from keepers.model.notice import Notice, Severity
from keepers.model.ports import Notifier
from keepers.model.run import RunRecord, RunStatus, StepStatus
from keepers.model.tick import Occasion, Tick, TickResult
from keepers.model.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.runs.maintenance import run_maintenance
from keepers.runs.recurring import RecurringScope, recurring_tick
from keepers.runs.schedule.ports import CheckResult, CheckTimes, Schedule, Watch, vault_schedules
from keepers.runs.tiers.scheduled_check import check_once, resume_open_run
from keepers.runs.weights import check_weights
from keepers.runs.weights.scheduled_check import WeightsTrigger
from keepers.runtime.process.database import locks_as_leases, opened
from keepers.runtime.vault.runtime import Memory, VaultRuntime, vault_runtime
from keepers.store.database import Database
from keepers.store.runs import RunRepository
from keepers.telemetry.metrics import Metrics

RESUME_SECONDS = 15.0
"""Seconds between attempts to resume an open run."""


@dataclass(frozen=True, slots=True)
class FailureTexts:
    """Texts for failing work, and for its recovery."""

    key: str
    trouble: str
    meanwhile: str
    over: str


CHECK = FailureTexts(
    "check",
    "a check cannot be completed",
    "This vault's keeper does nothing until a check completes",
    "checks complete again",
)
RECURRING = FailureTexts(
    "recurring",
    "recurring rebalancers cannot be served",
    "It is retried at each tick",
    "recurring rebalancers are served again",
)


class PipelineKeeper:
    """`VaultKeeper` that runs the pipeline; it holds no lock between checks."""

    def __init__(
        self, settings: Settings, vault: str, database: Database, metrics: Metrics, *, arm: bool
    ) -> None:
        self.name = vault
        self._settings = settings
        self._runs = RunRepository(database)
        self._metrics = metrics
        self._arm = arm
        self._memory = Memory()
        self._resumed_at = 0.0
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind(vault=vault)

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        """Make one check, then maintenance, then weights; an event checks all triggers.

        Raises:
            LeaseHeldError: Another process works for the vault, or with its key.
        """
        self._log.info("check", trigger=trigger, weekly=weekly, events=len(occasion.events))
        choice = AUTO if trigger is TriggerKind.EVENT else trigger
        async with self._runtime() as runtime:
            with self._reporting(runtime.tiers.notifier):
                try:
                    record = await check_once(
                        runtime.tiers, choice, armed=runtime.armed, weekly=weekly, occasion=occasion
                    )
                    self._log_run(record)
                finally:  # redemptions are paid even if no plan can be made
                    await self._maintain(runtime)
                waits = record is not None and record.status is RunStatus.OPEN
                asked = WeightsTrigger(choice, weekly, occasion.events)
                weighed = await check_weights(
                    runtime.weights, asked, armed=runtime.armed, waits=waits
                )
        for each in weighed:
            self._log_run(each)
        if record is None and weighed:
            return CheckResult(weighed[-1].run.run_id, _endings(weighed))
        if record is None:
            return CheckResult(None, "nothing to do")
        if record.status is RunStatus.OPEN:
            # Its plan may be older than these events; they are offered again after it finishes.
            return CheckResult(None, f"run {record.run.run_id} waits for approval")
        return CheckResult(record.run.run_id, record.ending)

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        """Return the checks of a vault."""
        return vault_schedules(self, check_times(self._settings), watch)

    async def resume_open(self) -> None:
        """Resume an open run, if any: a waiting plan, or a run that was killed."""
        now = time.monotonic()
        if now - self._resumed_at < RESUME_SECONDS:
            return
        self._resumed_at = now
        if self._runs.open_run_of(self.name) is None:
            return
        async with self._runtime() as runtime:
            try:
                record = await resume_open_run(runtime.tiers, armed=runtime.armed)
            except (NotSettledError, AwaitingFundsError) as waiting:
                self._log.info("waiting", reason=str(waiting))
                return
            if record is not None and record.status is not RunStatus.OPEN:
                self._log_run(record)

    async def _maintain(self, runtime: VaultRuntime) -> None:
        done = await run_maintenance(runtime.maintenance, armed=runtime.armed)
        if done is not None:
            self._log.info("upkeep", run=done.run.run_id, result=done.ending)
        self._report_maintenance(runtime.tiers.notifier, done)

    def _report_maintenance(self, notifier: Notifier, done: RunRecord | None) -> None:
        """Report redemptions that are not paid, and claims that are not received."""
        key = f"upkeep:{self.name}"
        if done is None or done.status not in {RunStatus.FAILED, RunStatus.PARTIAL}:
            notifier.recovered(
                key, f"vault {self.name}: maintenance succeeds again, or none is due"
            )
            return
        causes = [each.step.reason for each in done.steps if each.status is not StepStatus.DONE]
        notifier.report(
            Notice(
                key=key,
                severity=Severity.WARNING,
                title=f"vault {self.name}: maintenance fails",
                text=f"{'; '.join(causes)}: {done.reason}. It is retried at each check",
            )
        )

    @contextmanager
    def _reporting(self, notifier: Notifier, about: FailureTexts = CHECK) -> Generator[None]:
        """Report a check that cannot be made, for example with a stale price, and its recovery.

        The engine itself reports waiting transactions.
        """
        key = f"{about.key}:{self.name}"
        try:
            yield
        except (LeaseHeldError, NotSettledError, AwaitingFundsError):
            raise
        except BallastError as error:
            title = f"vault {self.name}: {about.trouble}"
            text = f"{error}. {about.meanwhile}"
            severity = Severity.WARNING
            notifier.report(Notice(key=key, severity=severity, title=title, text=text))
            raise
        notifier.recovered(key, f"vault {self.name}: {about.over}")

    @asynccontextmanager
    async def _runtime(self) -> AsyncGenerator[VaultRuntime]:
        with locks_as_leases():
            async with vault_runtime(
                self._settings,
                self.name,
                arm=self._arm,
                progress=self._say,
                metrics=self._metrics,
                memory=self._memory,
            ) as runtime:
                yield runtime

    def _log_run(self, record: RunRecord | None) -> None:
        if record is None or record.status is RunStatus.OPEN:
            return
        self._log.info("run", run=record.run.run_id, result=record.ending)

    def _say(self, line: str, /) -> None:
        self._log.info("progress", text=line)

    async def recur(self, wanted: RecurringScope) -> TickResult:
        """Make one tick for recurring rebalancers.

        Raises:
            LeaseHeldError: Another process works for the vault, or with its key.
        """
        async with self._runtime() as runtime:
            if runtime.recurring is None:
                return TickResult(None, "the deployment has no recurring rebalancers")
            with self._reporting(runtime.tiers.notifier, RECURRING):
                done = await recurring_tick(runtime.recurring, wanted, armed=runtime.armed)
        for record in done.runs:
            self._log.info("run", run=record.run.run_id, result=record.ending)
        if done.record is None:
            return TickResult(None, "nothing to do")
        return TickResult(done.record.run.run_id, done.record.ending)


def recurring_schedules(
    settings: Settings, vault: str, database: Database, metrics: Metrics, *, arm: bool
) -> tuple[Schedule, ...]:
    """Return the recurring schedules of the vault that has them; none for other vaults."""
    times = settings.recurring
    if times.vault != vault:
        return ()
    keeper = PipelineKeeper(settings, vault, database, metrics, arm=arm)

    def work(wanted: RecurringScope) -> Callable[[Tick], Awaitable[TickResult]]:
        return lambda _: keeper.recur(wanted)

    return (
        Schedule("recurring", Cron(times.due), work(RecurringScope())),
        Schedule("sweep", Cron(times.sweep), work(RecurringScope(due=False, sweep=True))),
    )


def _endings(records: Sequence[RunRecord]) -> str:
    return "; ".join(f"{each.run.trigger.lower()}: {each.ending}" for each in records)


@asynccontextmanager
async def vault_keeper(
    settings: Settings, vault: str, metrics: Metrics, *, arm: bool
) -> AsyncGenerator[PipelineKeeper]:
    """Open the keeper of a vault; `arm` sends, and so may the settings."""
    with opened(settings) as database:
        yield PipelineKeeper(settings, vault, database, metrics, arm=arm)


def check_times(settings: Settings) -> CheckTimes:
    """Return the schedule of each check."""
    times = settings.schedule
    return CheckTimes(
        daily=Cron(times.daily),
        weekly=Cron(times.weekly),
        threshold=Cron(times.threshold),
        liquidity=Cron(times.liquidity),
        events=Cron(times.events),
    )
