"""Tests of scheduled checks: check, tick, events and messages end in one transaction."""

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
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig

pytestmark = [pytest.mark.long, pytest.mark.deep]

NEVER = Cron("0 0 1 1 *")
TIMES = CheckTimes(
    daily=NEVER, weekly=NEVER, threshold=NEVER, liquidity=NEVER, events=Cron("*/5 * * * *")
)
FIVE = 300
ENDS = ("claim_tick", "open_run", "submit_plan", "sent", "close_run", "finish_tick")
"""Crash points tested by default; `make deep` tests every point."""

ENDED = {RunStatus.DONE, RunStatus.NOTHING_TO_DO, RunStatus.INTERRUPTED}


@dataclass
class RigKeeper:
    """`VaultKeeper` that runs the pipeline as a new process each time."""

    rig: TierRunRig
    changed: dict[str, Any]
    name: str = "main"

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        del trigger
        ports = self.rig.ports(**self.changed)
        record = await check_once(ports, AUTO, armed=True, weekly=weekly, occasion=occasion)
        if record is None:
            return CheckResult(None, "nothing to do")
        return CheckResult(record.run.run_id, record.ending)

    async def resume_open(self) -> None:
        await resume_open_run(self.rig.ports(**self.changed), armed=True)


@dataclass
class DepositWatch:
    """`Watch` that offers the deposits in the database."""

    rig: TierRunRig

    async def poll(self) -> Offer:
        found = self.rig.database.read(lambda connection: open_deposits(connection, "main"))
        if not found:
            return Offer()
        handled = Handled(tuple(each.deposit_id for each in found))
        return Offer((Subscription(sum(each.amount for each in found)),), handled=handled)


def deposited(rig: TierRunRig, amount: int = 200_000 * UNIT) -> None:
    """Store a deposit."""
    place = BlockCursor(5, "0x" + "05" * 32)
    rig.database.transact(
        "keep_deposits",
        lambda w: keep_deposits(w, "main", 1, [Deposit(place, 0, amount)], place),
    )


async def tick(rig: TierRunRig, **changed: Any) -> None:
    """Run the due tick as a new process."""
    ledger = TickRepository(
        rig.database, "main", clock_lease(rig.database, "main", holder="one", seconds=60)
    )
    schedules = vault_schedules(RigKeeper(rig, changed), TIMES, DepositWatch(rig))
    await Conductor("main", schedules[1:2], ledger, rig.clock).run_due()


async def begun(rig: TierRunRig) -> TierRunRig:
    """Start the schedule, store a deposit and advance to the first due tick."""
    await tick(rig)
    deposited(rig)
    rig.clock.seconds += FIVE
    return rig


def states(rig: TierRunRig) -> Sequence[str]:
    """Return the states of the ticks after the first, which only starts the schedule."""
    with rig.database.reading() as connection:
        return connection.scalars(select(ticks.c.state).order_by(ticks.c.due)).all()[1:]


def is_open(rig: TierRunRig) -> bool:
    return bool(rig.database.read(lambda connection: open_deposits(connection, "main")))


async def test_event__run_done__is_handled(rig: TierRunRig) -> None:
    await tick(await begun(rig))
    assert [each.status for each in rig.journal.runs("main")] == [RunStatus.DONE]
    assert (states(rig), is_open(rig)) == (["RUN"], False)


async def test_event__run_refused__is_offered_again(rig: TierRunRig) -> None:
    rig.memory.paused = True
    await tick(await begun(rig))
    assert (states(rig), is_open(rig)) == (["RUN"], True)
    rig.memory.paused = False
    rig.clock.seconds += FIVE
    await tick(rig)
    assert [each.status for each in rig.journal.runs("main")] == [
        RunStatus.DONE,
        RunStatus.REFUSED,
    ]
    assert not is_open(rig)


async def test_event__nothing_to_do__is_judged_once(rig: TierRunRig) -> None:
    rig.memory.assets["FUND"].balance = 300 * UNIT
    rig.memory.assets["YIELD"].balance = 600 * UNIT
    await tick(await begun(rig))
    assert [each.status for each in rig.journal.runs("main")] == [RunStatus.NOTHING_TO_DO]
    assert not is_open(rig)
    rig.clock.seconds += FIVE
    await tick(rig)
    assert len(rig.journal.runs("main")) == 1


async def life(rig: TierRunRig) -> None:
    """Run the tick, then resume what is left as another process."""
    await tick(rig)
    await resume_open_run(rig.ports(), armed=True)


async def points() -> list[str]:
    """Return the crash points that a life passes, each once."""
    passed: list[str] = []
    with TemporaryDirectory() as folder:
        rig = await begun(small_office(Path(folder) / "whole.sqlite"))
        rig.on_point = passed.append
        await life(rig)
        rig.close()
    return [each for each in dict.fromkeys(passed) if IS_DEEP or each.endswith(ENDS)]


async def test_event__killed_at_a_point__is_handled_once_and_told_once(tmp_path: Path) -> None:
    tried = await points()
    assert len(tried) >= 3 * len(ENDS)
    for point in tried:
        rig = await begun(small_office(tmp_path / f"{point}.sqlite"))
        killing_at(rig, point)
        with pytest.raises(Killed):
            await life(rig)
        rig.on_point = nowhere
        await life(rig)
        judge(rig, point)
        rig.close()


def small_office(file: Path) -> TierRunRig:
    """Return a rig with a surplus in L2 and a deficit in L3."""
    assets = {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 500 * UNIT)}
    return TierRunRig(Memory(100 * UNIT, assets), new_database(file))


def judge(rig: TierRunRig, point: str) -> None:
    """Assert that work was done and reported once, and that the tick and its event are over."""
    runs = rig.journal.runs("main")
    assert {each.status for each in runs} <= ENDED, point
    assert [each.status for each in runs].count(RunStatus.INTERRUPTED) == len(runs) - 1, point
    assert not is_open(rig), point
    assert list(states(rig)) == ["RUN"], point
    held = rig.memory.holdings()
    assert (held["idle"], held["FUND"], held["YIELD"]) == (100 * UNIT, 300 * UNIT, 600 * UNIT), (
        point
    )
    moved = [each for each in runs if any(step.status is StepStatus.DONE for step in each.steps)]
    reports = [each.key for each in rig.told() if each.key.startswith("report:")]
    assert sorted(reports) == sorted(f"report:{each.run.run_id}" for each in moved), point
