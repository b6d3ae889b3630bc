"""Tests of a tick: due bookings are executed, stuck ones fixed, and a kill repeats nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from keepers.model.chain import ContractCall
from keepers.model.errors.chain import ChainUnreachableError
from keepers.model.notice import Notice
from keepers.model.recurring import (
    EXECUTE,
    FIX,
    DueJob,
    FailedBooking,
    Funding,
    MeasuredJob,
    RecurringEvent,
    RecurringPolicy,
    RunOutcome,
    RunReport,
    StuckJob,
    batch_gas_of,
    fixes_gas_of,
)
from keepers.model.run import RunRecord, RunStatus, StepStatus
from keepers.runs import recurring
from keepers.runs.outcomes import BatchInterpreter
from keepers.runs.recurring import RecurringDependencies, RecurringScope
from keepers.runs.recurring.tick import batches
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.runs import MaintenanceRunRepository
from tests.support.deep import IS_DEEP
from tests.support.sqlite import new_database
from tests.unit.runs.killing import Killed
from tests.unit.runs.test_maintenance import Mining
from tests.unit.runs.tier_run_rig import POLICY
from tests.unit.transactions.paper_chain import GENESIS, GWEI, PaperChain
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper

pytestmark = [pytest.mark.deep, pytest.mark.long]

SCHEDULER, REGISTRY = "0x" + "aa" * 20, "0x" + "bb" * 20
EFFORT = 300_000


async def recurring_tick(
    ports: RecurringDependencies, wanted: RecurringScope, *, armed: bool
) -> RunRecord | None:
    """Return the run record of one tick."""
    return (await recurring.recurring_tick(ports, wanted, armed=armed)).record


def due(number: int, target: str = "0x" + "01" * 20) -> DueJob:
    return DueJob(booking=number, target=target, handler=REGISTRY, effort=EFFORT, fee=1)


def stuck(number: int, available: int = 9) -> StuckJob:
    return StuckJob(
        number=number,
        funding=Funding(SCHEDULER, balance=available),
        handler=REGISTRY,
        target=f"0x{number:040x}",
        paid=True,
        required=5,
        available=available,
    )


@dataclass
class Scheduler:
    """In-memory scheduler: a booking or a fix is done once its call is in a block."""

    chain: PaperChain
    waiting: list[DueJob] = field(default_factory=list[DueJob])
    broken: list[StuckJob] = field(default_factory=list[StuckJob])
    payout: int = 10**18
    raced: set[int] = field(default_factory=set[int])
    dealt: int = 0
    failing: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list[str])

    def begin(self, what: str) -> None:
        """Record a read, or raise if it is set to fail."""
        self.asked.append(what)
        if what in self.failing:
            raise ChainUnreachableError("http://node", "no answer in time")

    async def base_fee(self) -> int:
        return self.chain.base_fee

    async def due(self) -> tuple[DueJob, ...]:
        self.begin("due")
        return tuple(each for each in self.waiting if each.booking not in self.done("e"))

    async def stuck(self) -> tuple[StuckJob, ...]:
        self.begin("sweep")
        return tuple(each for each in self.broken if each.number not in self.done("f"))

    async def stuck_of(self, failed: Sequence[FailedBooking]) -> tuple[StuckJob, ...]:
        targets = {each.target for each in failed}
        open_ = tuple(each for each in self.broken if each.number not in self.done("f"))
        return tuple(each for each in open_ if each.target in targets)

    async def measure(self, jobs: Sequence[DueJob], sender: str, price: int) -> list[MeasuredJob]:
        del sender
        return [MeasuredJob(each, 200_000, self.payout, 200_000 * price) for each in jobs]

    async def runnable(self, jobs: Sequence[DueJob], sender: str) -> tuple[DueJob, ...]:
        del sender
        return tuple(each for each in jobs if each.booking not in self.raced)

    async def fixable(self, jobs: Sequence[StuckJob], sender: str, gas: int) -> list[StuckJob]:
        del sender, gas
        return [each for each in jobs if not each.is_dry]

    def execution(self, jobs: Sequence[DueJob], reward_to: str) -> ContractCall:
        del reward_to
        return ContractCall(SCHEDULER, data("e", [each.booking for each in jobs]))

    def fixes(self, jobs: Sequence[StuckJob], size: int) -> list[tuple[ContractCall, int]]:
        parts = [jobs[start : start + size] for start in range(0, len(jobs), size)]
        return [
            (ContractCall(REGISTRY, data("f", [each.number for each in part])), len(part))
            for part in parts
        ]

    async def read(self) -> tuple[FailedBooking, ...]:
        self.begin("events")
        return tuple(FailedBooking(REGISTRY, each.target) for each in self.broken[:1])

    def dealt_with(self) -> None:
        self.dealt += 1

    def done(self, kind: str) -> list[int]:
        """Return the numbers that calls in blocks have served, with repetitions."""
        texts = [
            bytes.fromhex(each.decoded.calldata[2:]).decode() for _, each in self.chain.included()
        ]
        return [int(number) for text in texts if text[0] == kind for number in text[1:].split(",")]


def data(kind: str, numbers: Sequence[int]) -> str:
    return f"0x{(kind + ','.join(map(str, numbers))).encode().hex()}"


@dataclass
class Shop:
    """Keeper of a test, with the notices that it reported."""

    rig: EngineOnPaper
    scheduler: Scheduler
    journal: MaintenanceRunRepository
    told: list[Notice] = field(default_factory=list[Notice])
    over: list[str] = field(default_factory=list[str])

    def report(self, notice: Notice) -> None:
        self.told.append(notice)

    def recovered(self, key: str, text: str) -> None:
        del text
        self.over.append(key)

    def ports(self, maximum_price: int = 10**12, sponsored: str = "") -> RecurringDependencies:
        """Return the dependencies of a new process."""
        judge = BatchInterpreter(lambda _: RecurringEvent(1, 7))
        self.rig.interpreters.update({EXECUTE: judge, FIX: judge})
        self.rig.restart(poll_seconds=1)
        self.rig.clock = Mining(self.rig)
        self.rig.context.clock = self.rig.clock
        return RecurringDependencies(
            vault="recurring:main",
            chain_id=CHAIN_ID,
            store=self.journal,
            jobs=self.scheduler,
            failures=self.scheduler,
            notifier=self,
            keeper=self.rig.sender,
            transactions=self.rig.engine,
            clock=self.rig.clock,
            policy=POLICY,
            recurring=policy(maximum_price, sponsored),
            progress=lambda _: None,
        )


def policy(maximum_price: int = 10**12, sponsored: str = "") -> RecurringPolicy:
    return RecurringPolicy(
        batch_size=2,
        batch_gas=5_000_000,
        fix_gas=250_000,
        maximum_price=maximum_price,
        sponsored=frozenset({sponsored}),
    )


@dataclass
class Killer:
    """Crash-point hook that records the points and raises `Killed` at one of them."""

    at: int | None = None
    passed: list[str] = field(default_factory=list[str])

    def __call__(self, point: str) -> None:
        self.passed.append(point)
        if self.at is not None and len(self.passed) == self.at:
            raise Killed


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Callable[[Killer], Shop]]:
    """Factory of keepers without work."""
    made: list[tuple[EngineOnPaper, Database]] = []

    def make(killer: Killer) -> Shop:
        url = new_database(tmp_path / f"journal{len(made)}.sqlite")
        ledger = Database(connect(url), killer, clock=lambda _: GENESIS)
        rig = EngineOnPaper(ledger)
        made.append((rig, ledger))
        return Shop(rig, Scheduler(rig.chain), MaintenanceRunRepository(ledger))

    yield make
    for rig, ledger in made:
        rig.context.close()
        ledger.close()


@pytest.fixture
def shop(open_shop: Callable[[Killer], Shop]) -> Shop:
    """Keeper that is never killed."""
    return open_shop(Killer())


async def test_tick__nothing_due_nor_stuck__opens_nothing(shop: Shop) -> None:
    assert await recurring_tick(shop.ports(), RecurringScope(sweep=True), armed=True) is None
    assert shop.journal.runs() == ()


async def test_tick__due__goes_in_batches_under_way_together(shop: Shop) -> None:
    shop.scheduler.waiting = [due(number) for number in range(1, 6)]
    record = await recurring_tick(shop.ports(), RecurringScope(), armed=True)
    assert record is not None
    assert record.status is RunStatus.DONE
    assert [each.step.amount for each in record.steps] == [2, 2, 1]
    assert shop.scheduler.done("e") == [1, 2, 3, 4, 5]
    assert shop.scheduler.dealt == 1


async def test_tick__does_not_pay__only_the_sponsored_is_executed(shop: Shop) -> None:
    target = "0x" + "cc" * 20
    shop.scheduler.waiting, shop.scheduler.payout = [due(1), due(2, target)], 1
    assert (
        await recurring_tick(shop.ports(sponsored="0x" + "dd" * 20), RecurringScope(), armed=True)
        is None
    )
    await recurring_tick(shop.ports(sponsored=target), RecurringScope(), armed=True)
    assert shop.scheduler.done("e") == [2]


async def test_tick__gas_above_the_limit__is_put_off(shop: Shop) -> None:
    shop.scheduler.waiting = [due(1)]
    assert (
        await recurring_tick(shop.ports(maximum_price=GWEI), RecurringScope(), armed=True) is None
    )
    assert shop.scheduler.done("e") == []


async def test_tick__another_keeper_was_faster__is_no_failure(shop: Shop) -> None:
    shop.scheduler.waiting, shop.scheduler.raced = [due(1), due(2), due(3)], {2, 3}
    record = await recurring_tick(shop.ports(), RecurringScope(), armed=True)
    assert record is not None
    assert record.status is RunStatus.DONE
    assert [each.status for each in record.steps] == [StepStatus.DONE, StepStatus.SKIPPED]
    assert shop.scheduler.done("e") == [1]


async def test_tick__events__fix_what_they_name_and_a_sweep_the_rest(shop: Shop) -> None:
    shop.scheduler.broken = [stuck(1), stuck(2)]
    await recurring_tick(shop.ports(), RecurringScope(), armed=True)
    assert shop.scheduler.done("f") == [1]
    await recurring_tick(shop.ports(), RecurringScope(due=False, sweep=True), armed=True)
    assert shop.scheduler.done("f") == [1, 2]


async def test_tick__funder_is_dry__is_told_and_over_when_it_is_not(shop: Shop) -> None:
    shop.scheduler.broken = [stuck(1, available=0)]
    assert await recurring_tick(shop.ports(), RecurringScope(sweep=True), armed=True) is None
    (notice,) = shop.told
    assert (notice.key, stuck(1).target in notice.text) == ("recurring:main:dry", True)
    assert shop.over == ["recurring:main:stuck"]
    shop.scheduler.broken = [stuck(1)]
    await recurring_tick(shop.ports(), RecurringScope(sweep=True), armed=True)
    assert shop.over[1:] == ["recurring:main:dry", "recurring:main:stuck"]


async def test_tick__not_armed__sends_and_forgets_nothing(shop: Shop) -> None:
    shop.scheduler.waiting, shop.scheduler.broken = [due(1)], [stuck(1, available=0)]
    record = await recurring_tick(shop.ports(), RecurringScope(sweep=True), armed=False)
    assert record is not None
    assert record.status is RunStatus.DRY_RUN
    assert (shop.rig.nodes.sent, shop.scheduler.dealt, shop.told) == ([], 0, [])


async def test_tick__not_armed__is_recorded_once_and_runs_when_armed(shop: Shop) -> None:
    shop.scheduler.waiting = [due(1)]
    assert await recurring_tick(shop.ports(), RecurringScope(), armed=False) is not None
    assert await recurring_tick(shop.ports(), RecurringScope(), armed=False) is None
    assert await recurring_tick(shop.ports(), RecurringScope(by_hand=True), armed=False) is not None
    shop.scheduler.waiting.append(due(2))
    assert await recurring_tick(shop.ports(), RecurringScope(), armed=False) is not None
    done = await recurring_tick(shop.ports(), RecurringScope(), armed=True)
    assert done is not None
    assert done.status is RunStatus.DONE


async def test_tick__looks_for_what_is_stuck_fail__executes_all_the_same(shop: Shop) -> None:
    # R1: a failed search for stuck rebalancers does not delay due bookings.
    shop.scheduler.waiting = [due(1)]
    shop.scheduler.failing = frozenset({"events", "sweep"})
    with pytest.raises(ChainUnreachableError):
        await recurring_tick(shop.ports(), RecurringScope(sweep=True), armed=True)
    assert shop.scheduler.done("e") == [1]
    assert shop.scheduler.asked == ["due", "sweep", "events"]
    assert shop.scheduler.dealt == 0


async def test_tick__due_cannot_be_read__fixes_all_the_same(shop: Shop) -> None:
    shop.scheduler.broken, shop.scheduler.failing = [stuck(1)], frozenset({"due"})
    with pytest.raises(ChainUnreachableError):
        await recurring_tick(shop.ports(), RecurringScope(), armed=True)
    assert shop.scheduler.done("f") == [1]
    assert shop.scheduler.dealt == 1


async def test_tick__a_sweep_fails__events_are_enough(shop: Shop) -> None:
    shop.scheduler.broken, shop.scheduler.failing = [stuck(1), stuck(2)], frozenset({"sweep"})
    with pytest.raises(ChainUnreachableError):
        await recurring_tick(shop.ports(), RecurringScope(sweep=True), armed=True)
    assert shop.scheduler.done("f") == [1]


def skipped(target: str, reason: str) -> RunReport:
    return RunReport(REGISTRY, target, RunOutcome.SKIPPED, reason)


@pytest.mark.parametrize(
    ("reason", "paid", "status"),
    [
        ("BucketEmpty", True, RunStatus.PARTIAL),
        ("InsideDrift", True, RunStatus.DONE),
        ("BucketEmpty", False, RunStatus.DONE),  # not the team's registry
    ],
)
async def test_tick__paid_run_moved_nothing__is_not_done(
    shop: Shop, reason: str, paid: bool, status: RunStatus
) -> None:
    # M7: the transaction succeeded, but the paid work was not done.
    job = replace(due(1), paid=paid)
    shop.scheduler.waiting = [job]
    ports = shop.ports()
    event = RecurringEvent(1, 7, (skipped(job.target or "", reason),))
    shop.rig.interpreters[EXECUTE] = BatchInterpreter(lambda _: event)
    record = await recurring_tick(ports, RecurringScope(), armed=True)
    assert record is not None
    assert record.status is status
    is_told = status is RunStatus.PARTIAL
    assert (reason in str(record.reason)) is is_told
    assert [each.key for each in shop.told] == [f"recurring:main:run:{job.target}"] * is_told


async def served(shop: Shop) -> None:
    shop.scheduler.waiting, shop.scheduler.broken = [due(1), due(2), due(3)], [stuck(1)]
    await recurring_tick(shop.ports(), RecurringScope(sweep=True), armed=True)


async def test_tick__killed_anywhere__next_one_serves_all_once(
    open_shop: Callable[[Killer], Shop],
) -> None:
    whole = Killer()
    healthy = open_shop(whole)
    begun = len(whole.passed)
    await served(healthy)
    points = range(begun + 1, len(whole.passed) + 1)
    assert len(points) > 20
    for point in points if IS_DEEP else list(points)[::7]:
        killer = Killer(at=point)
        shop = open_shop(killer)
        with pytest.raises(Killed):
            await served(shop)
        shop.rig.context.close()
        killer.at = None
        await served(shop)
        assert sorted(shop.scheduler.done("e")) == [1, 2, 3], whole.passed[point - 1]
        assert shop.scheduler.done("f") == [1], whole.passed[point - 1]
        assert shop.journal.open_run_of("recurring:main") is None


def test_batches__too_large_for_any_transaction__is_left_out() -> None:
    huge = DueJob(booking=9, target=None, handler=REGISTRY, effort=6_000_000, fee=1)
    assert list(batches([due(1), huge, due(2), due(3)], policy())) == [(due(1), due(2)), (due(3),)]


@pytest.mark.parametrize("batch_gas", [5_000_000, 5_059_999, 5_060_000, 400_000])
def test_fixes__as_many_as_the_gas_of_a_transaction_admits(batch_gas: int) -> None:
    chosen = replace(policy(), batch_size=20, batch_gas=batch_gas, fix_gas=500_000)
    most = chosen.fixes
    assert fixes_gas_of(most, 500_000) <= batch_gas or most == 1
    assert fixes_gas_of(most + 1, 500_000) > batch_gas


def test_batch_gas__every_handler_has_its_effort_of_what_a_call_may_give() -> None:
    left = batch_gas_of([EFFORT])
    assert (left - 60_000) * 63 // 64 >= EFFORT
