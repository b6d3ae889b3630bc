"""Soak of one vault: in each step the market moves and the keeper makes its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

from sqlalchemy import select

from keepers.model.run import RunRecord, RunStatus
from keepers.store.database import open_database
from keepers.store.runs import RunRepository, WeightsRunRepository
from keepers.store.tables import notifications
from scripts.network.market import feed_price
from tests.integration.soak.course import Course
from tests.integration.soak.diary import Diary, Message, Request, State, Step, moment
from tests.integration.soak.disturbances import Disturbance, Trouble, forecast
from tests.integration.soak.market import SHARE, VOLATILE, Market
from tests.integration.soak.process import CheckRound, KeeperProcess
from tests.integration.support.deploy import DeployedVault
from tests.integration.support.keeper import VAULT, Keeper

HOUR, FIVE_MINUTES = 3_600, 300
EVERY = None
"""No limit on the number of runs that are read."""

CRASHES = (
    *("after_claim_tick", "after_open_run", "inside_record_stage", "after_add_steps"),
    *(
        "after_submit_plan",
        "after_prepare",
        "after_store",
        "after_seal",
        "before_send",
        "after_send",
    ),
    *("inside_include", "after_include", "after_finalise", "inside_close_run", "after_close_run"),
    *("inside_finish_tick", "after_record_sample"),
)
"""Crash points at which the keeper is killed."""

LATEST_CRASH = 12
"""Most passages of a crash point before the keeper is killed there."""


@dataclass
class Soak:
    """Soak of one vault.

    `approve` signs the plan that waits, and returns whether there was one.
    """

    vault: DeployedVault
    folder: Path
    course: Course
    approve: Callable[[Keeper], bool] | None = None
    diary: Diary = field(init=False)
    keeper: Keeper = field(init=False)
    market: Market = field(init=False)
    disturbances: tuple[Disturbance, ...] = field(init=False)
    first_block: int = 0
    _told: int = 0
    _counted: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        course = self.course
        self._rng = Random(course.seed)
        self.diary = Diary(course.hours * HOUR)
        self.keeper = Keeper(self.vault, self.folder)
        self.market = Market(self.vault, Random(course.seed + 1))
        weather = Random(course.seed + 2)
        self.disturbances = forecast(weather, course.calm, course.steps, course.lasting)

    def configure(self, tiers: str) -> None:
        """Write the keeper's settings, without a cool-down, which would use the machine's time."""
        self.keeper.configure(tiers=tiers, timeout=3)
        file = self.folder / "ballast.toml"
        more = "[vaults.main]\ncooldown_seconds = 0\nplan_expiry_seconds = 7200"
        file.write_text(file.read_text().replace("[vaults.main]", more))

    def run(self) -> Diary:
        """Run all steps, and end the keeper's process."""
        self.first_block = self.vault.chain.web3.eth.block_number
        self.market.open(self.course.deposits)
        process = KeeperProcess(self.keeper)
        try:
            process.run_checks(self.vault.chain.timestamp())  # from here on ticks count
            for index in range(self.course.steps):
                self._step(index, process)
        finally:
            process.close()
        return self.diary

    def _step(self, index: int, process: KeeperProcess) -> None:
        trouble = self._trouble(index)
        happened = [*self._ended(index), *self._happens(index, trouble)]
        before, at = self.state(), moment(self.vault.chain.timestamp())
        self._maybe_kill(process)
        checks = self._run_checks(process, trouble)
        after = self.state()
        self._compare("the keeper's work", before, after, self._cost())
        self._follow_requests()
        self.diary.steps.append(
            Step(
                index=index,
                at=at,
                happened="; ".join(each for each in happened if each),
                trouble=trouble,
                checks=checks,
                messages=self._news(),
                before=before,
                after=after,
            )
        )

    def _run_checks(self, process: KeeperProcess, trouble: Disturbance | None) -> CheckRound:
        """Make due checks; after a run or a signature, also those of five minutes later."""
        checks = process.run_checks(self.vault.chain.timestamp())
        signed = self.approve is not None and self.approve(self.keeper)
        if not checks.has_run and not signed:
            return checks
        self.market.pass_time(FIVE_MINUTES)
        if trouble is not None:
            trouble.go_on(self.market)
        return checks.then(process.run_checks(self.vault.chain.timestamp()))

    def _happens(self, index: int, trouble: Disturbance | None) -> list[str]:
        """Let time pass and depositors act; only prices may lower the share price."""
        market, hours = self.market, self.course.hours
        start = self.state()
        market.pass_time(hours * HOUR)
        if (index + 1) * hours % 24 < hours:
            market.pay_yields()
        self._compare("time", start, self.state(), Fraction(0))
        said: list[str] = []
        if trouble is None or trouble.trouble is not Trouble.FEED_OUTAGE:
            said.append(self._drift())
        before = self.state()
        said.append(market.usual(hours))
        self._compare(said[-1], before, self.state(), Fraction(0))
        if trouble is not None and trouble.first == index:
            trouble.begin(market)
            said.append(f"{trouble.trouble} begins")
        if trouble is not None:
            trouble.go_on(market)
        return said

    def _drift(self) -> str:
        """Move the volatile price a little, about twice a day."""
        if self._rng.random() < self.course.hours / 12:
            before = self.state()
            percent = Decimal(self.market.rng.randint(-90, 90)) / 100
            self.market.move_price(percent)
            share = before.volatile_share if before else Fraction(0)
            explained = share * Fraction(max(Decimal(0), -percent)) / 100 + Fraction(1, 10**6)
            self._compare("a price", before, self.state(), explained)
        return ""

    def _ended(self, index: int) -> list[str]:
        over = [each for each in self.disturbances if each.after == index]
        for each in over:
            each.end(self.market)
        return [f"{each.trouble} is over" for each in over]

    def _trouble(self, index: int) -> Disturbance | None:
        on = (each for each in self.disturbances if each.first <= index < each.after)
        return next(on, None)

    def _maybe_kill(self, process: KeeperProcess) -> None:
        every = self.course.kill_every
        if every and self._rng.random() < 1 / every:
            if self._rng.random() < 0.2:
                process.kill()
            else:
                process.crash_at(self._rng.choice(CRASHES), self._rng.randint(1, LATEST_CRASH))

    def rebalances(self) -> tuple[RunRecord, ...]:
        """Return all rebalances, newest first."""
        return self.keeper.journal.runs(VAULT, EVERY)

    def runs(self, repository: type[RunRepository]) -> tuple[RunRecord, ...]:
        """Return all runs of a repository, for maintenance or for weights."""
        ledger = open_database(f"sqlite:///{self.folder / 'ballast.sqlite'}")
        found = repository(ledger).runs(VAULT, EVERY)
        ledger.close()
        return found

    def state(self) -> State | None:
        """Return the present state of the vault; None while a price is stale."""
        chain, deployment = self.vault.chain, self.vault.deployment
        if self.market.silent:
            return None
        weth = chain.balance(VOLATILE, deployment.address("PortfolioL3"))  # pyright: ignore[reportArgumentType]
        value = int(weth * feed_price(chain, VOLATILE)) // 10**12
        total: int = deployment.read("LiquidityVault", "totalAssets")
        return State(
            at=moment(chain.timestamp()),
            block=chain.web3.eth.block_number,
            tiers=self.vault.tiers(),
            share_price=deployment.read("LiquidityVault", "convertToAssets", 10**6 * SHARE),
            volatile_share=Fraction(value, total) if total else Fraction(0),
        )

    def _follow_requests(self) -> None:
        """Update the batches of redemptions, and record late ones."""
        queue, now = self.vault.deployment.contract("RedemptionQueue"), self.vault.chain.timestamp()
        for each in queue.events.BatchOpened().get_logs(from_block=self.first_block):
            number, due = each["args"]["requestId"], each["args"]["dueAt"]
            known = self.diary.requests.setdefault(number, Request(number, now, due))
            batch = queue.functions.batchOf(number).call()
            known.shares, paid = batch[0], batch[1]
            if known.paid_at is None and known.shares == paid:
                known.paid_at = now
            if known.shares > paid and now >= known.due_at:
                self.diary.late.append(f"batch {number} is not paid at {moment(now):%d %b %H:%M}")

    def _compare(self, what: str, old: State | None, new: State | None, loss: Fraction) -> None:
        """Record a fall of the share price beyond an explained part; one unit is rounding."""
        if old is None or new is None:
            return
        if new.share_price + 1 < old.share_price * (1 - loss):
            part = Fraction(old.share_price - new.share_price, old.share_price)
            self.diary.drops.append(
                f"{new.at:%d %b %H:%M}: {what}: {old.share_price} -> {new.share_price}, "
                f"{float(part):.2e} where {float(loss):.2e} is explained"
            )

    def _cost(self) -> Fraction:
        """Return the largest loss that trades may cause: one hundredth of their amount."""
        state = self.state()
        if state is None:
            return Fraction(1)
        moved, total = 0, sum(state.tiers)
        for run in (*self.rebalances(), *self.runs(WeightsRunRepository)):
            if run.run.run_id not in self._counted:
                if run.status is not RunStatus.OPEN:  # an open one may trade more in the next round
                    self._counted.add(run.run.run_id)
                moved += sum(each.step.amount for each in run.steps if each.attempts)
        return Fraction(moved, 100 * total) + Fraction(1, 10**7) if total else Fraction(1)

    def _news(self) -> tuple[Message, ...]:
        """Return the messages since the last step."""
        ledger = open_database(f"sqlite:///{self.folder / 'ballast.sqlite'}")
        columns = notifications.c
        query = select(notifications).where(columns.notification_id > self._told)
        rows = ledger.read(
            lambda connection: list(
                connection.execute(query.order_by(columns.notification_id)).mappings()
            )
        )
        ledger.close()
        if rows:
            self._told = rows[-1]["notification_id"]
        names = ("key", "kind", "severity", "title", "text")
        return tuple(Message(**{name: str(row[name]) for name in names}) for row in rows)
