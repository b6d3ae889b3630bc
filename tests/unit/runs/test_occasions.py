"""A check by the clock ends with its tick, its events and its messages at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import select

from keepers.model.chain_events import BlockCursor, Deposit, Handled
from keepers.model.cron import Cron
from keepers.model.run import RunStatus, StepStatus
from keepers.model.tier_plan import AUTO, TriggerChoice
from keepers.model.tier_state import Subscription
from keepers.runs.schedule.conductor import Conductor
from keepers.runs.schedule.ports import CheckResult, CheckTimes, Occasion, Offer, vault_schedules
from keepers.runs.tiers.scheduled_check import check_once, resume_open_run
from keepers.store.chain_events import keep_deposits, open_deposits
from keepers.store.database import nowhere
from keepers.store.tables import ticks
from keepers.store.ticks import TickRepository, clock_lease
from tests.support.deep import IS_DEEP
from tests.support.sqlite import new_database
from tests.unit.runs.killing import Killed, killing_at
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.office import UNIT, Office

pytestmark = [pytest.mark.long, pytest.mark.deep]

NEVER = Cron("0 0 1 1 *")
TIMES = CheckTimes(
    daily=NEVER, weekly=NEVER, threshold=NEVER, liquidity=NEVER, events=Cron("*/5 * * * *")
)
FIVE = 300
ENDS = ("claim_tick", "open_run", "submit", "sent", "close_run", "finish_tick")
"""What is tried by default; `make deep` tries every point of a life."""

ENDED = {RunStatus.DONE, RunStatus.NOTHING_TO_DO, RunStatus.INTERRUPTED}


@dataclass
class OfficeKeeper:
    """A `VaultKeeper` that is the pipeline, as in a new process each time."""

    office: Office
    changed: dict[str, Any]
    name: str = "main"

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        del trigger
        ports = self.office.ports(**self.changed)
        record = await check_once(ports, AUTO, armed=True, weekly=weekly, occasion=occasion)
        if record is None:
            return CheckResult(None, "nothing to do")
        return CheckResult(record.run.run_id, record.ending)

    async def resume_open(self) -> None:
        await resume_open_run(self.office.ports(**self.changed), armed=True)


@dataclass
class DepositWatch:
    """A `Watch` that offers what is in the database."""

    office: Office

    async def look(self) -> Offer:
        found = self.office.ledger.read(lambda connection: open_deposits(connection, "main"))
        if not found:
            return Offer()
        handled = Handled(tuple(each.deposit_id for each in found))
        return Offer((Subscription(sum(each.amount for each in found)),), handled=handled)


def deposited(office: Office, amount: int = 200_000 * UNIT) -> None:
    """Somebody subscribes."""
    place = BlockCursor(5, "0x" + "05" * 32)
    office.ledger.transact(
        "keep_deposits",
        lambda w: keep_deposits(w, "main", 1, [Deposit(place, 0, amount)], place),
    )


async def tick(office: Office, **changed: Any) -> None:
    """A process comes when the next tick is due."""
    ledger = TickRepository(
        office.ledger, "main", clock_lease(office.ledger, "main", holder="one", seconds=60)
    )
    schedules = vault_schedules(OfficeKeeper(office, changed), TIMES, DepositWatch(office))
    await Conductor("main", schedules[1:2], ledger, office.clock).run_due()


async def begun(office: Office) -> Office:
    """Its clock counts from now on, and a deposit is there when the first tick is due."""
    await tick(office)
    deposited(office)
    office.clock.seconds += FIVE
    return office


def states(office: Office) -> Sequence[str]:
    """The ticks after the first, which only begins."""
    with office.ledger.reading() as connection:
        return connection.scalars(select(ticks.c.state).order_by(ticks.c.due)).all()[1:]


def is_open(office: Office) -> bool:
    return bool(office.ledger.read(lambda connection: open_deposits(connection, "main")))


async def test_event__run_done__is_handled(office: Office) -> None:
    await tick(await begun(office))
    assert [each.status for each in office.journal.runs("main")] == [RunStatus.DONE]
    assert (states(office), is_open(office)) == (["RUN"], False)


async def test_event__run_refused__is_offered_again(office: Office) -> None:
    office.memory.paused = True
    await tick(await begun(office))
    assert (states(office), is_open(office)) == (["RUN"], True)
    office.memory.paused = False
    office.clock.seconds += FIVE
    await tick(office)
    assert [each.status for each in office.journal.runs("main")] == [
        RunStatus.DONE,
        RunStatus.REFUSED,
    ]
    assert not is_open(office)


async def test_event__nothing_to_do__is_judged_once(office: Office) -> None:
    office.memory.assets["FUND"].balance = 300 * UNIT
    office.memory.assets["YIELD"].balance = 600 * UNIT
    await tick(await begun(office))
    assert [each.status for each in office.journal.runs("main")] == [RunStatus.NOTHING_TO_DO]
    assert not is_open(office)
    office.clock.seconds += FIVE
    await tick(office)
    assert len(office.journal.runs("main")) == 1


async def life(office: Office) -> None:
    """The tick, and another process later that finds what is left."""
    await tick(office)
    await resume_open_run(office.ports(), armed=True)


async def points() -> list[str]:
    """What a life passes, each point once."""
    passed: list[str] = []
    with TemporaryDirectory() as folder:
        office = await begun(small_office(Path(folder) / "whole.sqlite"))
        office.on_point = passed.append
        await life(office)
        office.close()
    return [each for each in dict.fromkeys(passed) if IS_DEEP or each.endswith(ENDS)]


async def test_event__killed_at_a_point__is_handled_once_and_told_once(tmp_path: Path) -> None:
    tried = await points()
    assert len(tried) >= 3 * len(ENDS)
    for point in tried:
        office = await begun(small_office(tmp_path / f"{point}.sqlite"))
        killing_at(office, point)
        with pytest.raises(Killed):
            await life(office)
        office.on_point = nowhere
        await life(office)
        judge(office, point)
        office.close()


def small_office(file: Path) -> Office:
    """A surplus in L1, and a deficit in L3."""
    assets = {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 500 * UNIT)}
    return Office(Memory(100 * UNIT, assets), new_database(file))


def judge(office: Office, point: str) -> None:
    """What was done was done once and told once; the tick and its event are over."""
    runs = office.journal.runs("main")
    assert {each.status for each in runs} <= ENDED, point
    assert [each.status for each in runs].count(RunStatus.INTERRUPTED) == len(runs) - 1, point
    assert not is_open(office), point
    assert list(states(office)) == ["RUN"], point
    held = office.memory.holdings()
    assert (held["idle"], held["FUND"], held["YIELD"]) == (100 * UNIT, 300 * UNIT, 600 * UNIT), (
        point
    )
    moved = [each for each in runs if any(step.status is StepStatus.DONE for step in each.steps)]
    reports = [each.key for each in office.told() if each.key.startswith("report:")]
    assert sorted(reports) == sorted(f"report:{each.run.run_id}" for each in moved), point
