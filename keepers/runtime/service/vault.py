"""The keeper of a vault: checks by the pipeline, upkeep and weights after them, and what waits."""

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
from keepers.runs.recurring import Wanted, recurring_tick
from keepers.runs.schedule.checks import vault_schedules
from keepers.runs.schedule.ports import CheckResult, Kept, Schedule, Watch
from keepers.runs.tiers.scheduled_check import check_once, resume_open_run
from keepers.runs.weights import check_weights
from keepers.runs.weights.due import Asked
from keepers.runtime.process.database import KeeperAlreadyRunningError, opened
from keepers.runtime.service.owner_loop import Beside, KeeperFactory, check_times
from keepers.runtime.vault.runtime import Memory, Work, working
from keepers.store.database import Ledger
from keepers.store.journal import SqlJournal
from keepers.telemetry.metrics import Metrics

TEND_SECONDS = 15.0
"""Seconds between looks at an open run."""


@dataclass(frozen=True, slots=True)
class FailureTexts:
    """Texts for work that fails, and for its recovery."""

    key: str
    trouble: str
    meanwhile: str
    over: str


CHECK = FailureTexts(
    "check",
    "a check cannot be made",
    "Until one can be made, this vault's keeper does nothing",
    "checks are made again",
)
RECURRING = FailureTexts(
    "recurring",
    "recurring rebalancers cannot be served",
    "It is tried again at each tick",
    "recurring rebalancers are served again",
)


class PipelineKeeper:
    """A `VaultKeeper`. Between checks it holds no lock, so that a person can rebalance too."""

    def __init__(
        self, settings: Settings, vault: str, ledger: Ledger, metrics: Metrics, *, arm: bool
    ) -> None:
        self.name = vault
        self._settings = settings
        self._journal = SqlJournal(ledger)
        self._metrics = metrics
        self._arm = arm
        self._memory = Memory()
        self._tended_at = 0.0
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind(vault=vault)

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        """One check; after an event everything is judged. Upkeep follows it, then weights.

        Raises:
            LeaseHeldError: Another process works for the vault, or with its key.
        """
        self._log.info("check", trigger=trigger, weekly=weekly, events=len(occasion.events))
        choice = AUTO if trigger is TriggerKind.EVENT else trigger
        async with self._working() as work:
            with self._telling(work.world.notifier):
                try:
                    record = await check_once(
                        work.world, choice, armed=work.armed, weekly=weekly, occasion=occasion
                    )
                    self._tell(record)
                finally:  # redemptions are paid though no plan can be made
                    await self._keep_up(work)
                waits = record is not None and record.status is RunStatus.OPEN
                asked = Asked(choice, weekly, occasion.events)
                weighed = await check_weights(work.weights, asked, armed=work.armed, waits=waits)
        for each in weighed:
            self._tell(each)
        if record is None and weighed:
            return CheckResult(weighed[-1].run.run_id, _endings(weighed))
        if record is None:
            return CheckResult(None, "nothing to do")
        if record.status is RunStatus.OPEN:
            # Its plan may be older than these events; they are offered again once it has ended.
            return CheckResult(None, f"run {record.run.run_id} waits for approval")
        return CheckResult(record.run.run_id, record.ending)

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        """The checks of a vault."""
        return vault_schedules(self, check_times(self._settings), watch)

    async def resume_open(self) -> None:
        """Go on with an open run, if there is one: a plan that waits, or what a kill has left."""
        now = time.monotonic()
        if now - self._tended_at < TEND_SECONDS:
            return
        self._tended_at = now
        if self._journal.open_run_of(self.name) is None:
            return
        async with self._working() as work:
            try:
                record = await resume_open_run(work.world, armed=work.armed)
            except (NotSettledError, AwaitingFundsError) as waiting:
                self._log.info("waiting", reason=str(waiting))
                return
            if record is not None and record.status is not RunStatus.OPEN:
                self._tell(record)

    async def _keep_up(self, work: Work) -> None:
        done = await run_maintenance(work.upkeep, armed=work.armed)
        if done is not None:
            self._log.info("upkeep", run=done.run.run_id, result=done.ending)
        self._tell_of_upkeep(work.world.notifier, done)

    def _tell_of_upkeep(self, notifier: Notifier, done: RunRecord | None) -> None:
        """People hear of redemptions that are not paid, and of claims that are not taken in."""
        key = f"upkeep:{self.name}"
        if done is None or done.status not in {RunStatus.FAILED, RunStatus.PARTIAL}:
            notifier.recovered(key, f"vault {self.name}: upkeep is done again, or none is due")
            return
        causes = [each.step.reason for each in done.steps if each.status is not StepStatus.DONE]
        notifier.report(
            Notice(
                key=key,
                severity=Severity.WARNING,
                title=f"vault {self.name}: upkeep does not succeed",
                text=f"{'; '.join(causes)}: {done.reason}. It is tried again at each check",
            )
        )

    @contextmanager
    def _telling(self, notifier: Notifier, about: FailureTexts = CHECK) -> Generator[None]:
        """People hear of a check that cannot be made, as with a stale price, and of its end.

        Of transactions that wait the engine tells itself.
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
    async def _working(self) -> AsyncGenerator[Work]:
        try:
            async with working(
                self._settings,
                self.name,
                arm=self._arm,
                progress=self._say,
                metrics=self._metrics,
                memory=self._memory,
            ) as work:
                yield work
        except KeeperAlreadyRunningError as error:
            raise LeaseHeldError(error.what, "another process of this machine") from error

    def _tell(self, record: RunRecord | None) -> None:
        if record is None or record.status is RunStatus.OPEN:
            return
        self._log.info("run", run=record.run.run_id, result=record.ending)

    def _say(self, line: str, /) -> None:
        self._log.info("progress", text=line)

    async def recur(self, wanted: Wanted) -> TickResult:
        """One tick for recurring rebalancers.

        Raises:
            LeaseHeldError: Another process works for the vault, or with its key.
        """
        async with self._working() as work:
            if work.recurring is None:
                return TickResult(None, "the deployment has no recurring rebalancers")
            with self._telling(work.world.notifier, RECURRING):
                done = await recurring_tick(work.recurring, wanted, armed=work.armed)
        for record in done.runs:
            self._log.info("run", run=record.run.run_id, result=record.ending)
        if done.record is None:
            return TickResult(None, "nothing to do")
        return TickResult(done.record.run.run_id, done.record.ending)


def recurring_schedules(metrics: Metrics, *, arm: bool) -> Beside:
    """Return the factory of schedules for the vault that keeps recurring rebalancers."""

    def make(settings: Settings, vault: str, ledger: Ledger) -> tuple[Schedule, ...]:
        times = settings.recurring
        if times.vault != vault:
            return ()
        keeper = PipelineKeeper(settings, vault, ledger, metrics, arm=arm)

        def work(wanted: Wanted) -> Callable[[Tick], Awaitable[TickResult]]:
            return lambda _: keeper.recur(wanted)

        return (
            Schedule("recurring", Cron(times.due), work(Wanted())),
            Schedule("sweep", Cron(times.sweep), work(Wanted(due=False, sweep=True))),
        )

    return make


def _endings(records: Sequence[RunRecord]) -> str:
    return "; ".join(f"{each.run.trigger.lower()}: {each.ending}" for each in records)


def pipeline_keepers(metrics: Metrics, *, arm: bool) -> KeeperFactory:
    """Return the factory of keepers that run the pipeline; `arm` sends, as settings may too."""

    @asynccontextmanager
    async def make(settings: Settings, vault: str) -> AsyncGenerator[Kept]:
        with opened(settings) as ledger:
            yield PipelineKeeper(settings, vault, ledger, metrics, arm=arm)

    return make
