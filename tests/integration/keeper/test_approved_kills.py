"""The keeper is killed while it requests an approval, and while it executes the approved plan.

By default one life is killed at a sample of points, one after the other. With `make deep` each
passage of a point has its own life. A kill before a write is the same as one inside it.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from keepers.model.run import AttemptStatus, RunRecord, RunStatus, StepStatus
from keepers.transactions.crash_points import TRACE
from scripts.deployment.local import APPROVER
from tests.integration.keeper.test_approvals import ONE, approve, ticket_of, waiting
from tests.integration.keeper.test_rebalance import is_on_target
from tests.integration.support.keeper import Keeper
from tests.support.deep import IS_DEEP

pytestmark = pytest.mark.deep

ASKING = ("after_open_run", "inside_ask", "after_ask")
EXECUTING = (
    *("after_decide", "inside_open_step", "after_open_step", "after_store", "after_send"),
    *(
        "inside_include",
        "inside_submit_plan",
        "after_seal",
        "inside_finalise",
        "after_record_stage",
    ),
    *("inside_close_run", "after_close_run"),
)
"""Points at which the processes of the one life are killed, in this order."""

OVER = {RunStatus.INTERRUPTED, RunStatus.NOTHING_TO_DO}
"""Final states of runs that did not execute the approved plan."""


def test_approved_run__killed_at_a_sample_of_points__is_done_once(keeper: Keeper) -> None:
    keeper.configure(tiers=ONE)
    killed(keeper, ASKING)
    record = waiting(keeper)
    assert approve(keeper, record, APPROVER).status == 0
    killed(keeper, EXECUTING)
    judge(keeper, record)


if IS_DEEP:  # hundreds of processes take too long for each test run

    def test_asking__killed_at_every_passing__is_asked_and_done_once(keeper: Keeper) -> None:
        keeper.configure(tiers=ONE)
        lives = Lives(keeper)
        for life, point in lives.killed_at_each():
            record = waiting(life)
            assert approve(life, record, APPROVER).status == 0, point
            judge(life, record)

    def test_executing__killed_at_every_passing__is_done_once(keeper: Keeper) -> None:
        keeper.configure(tiers=ONE)
        record = waiting(keeper)
        assert approve(keeper, record, APPROVER).status == 0
        for life, _ in Lives(keeper).killed_at_each():
            judge(life, record)


@dataclass
class Lives:
    """One life per point, each from the same state of chain and database."""

    keeper: Keeper

    def killed_at_each(self) -> Generator[tuple[Keeper, str]]:
        """Yield a keeper that was killed at a point, and the point."""
        chain, here = self.keeper.vault.chain, self.keeper.folder
        before = chain.snapshot()
        for number, point in enumerate(["", *self._points()]):
            chain.revert(before)
            before = chain.snapshot()
            folder = here.parent / f"{here.name}-{number}"
            shutil.copytree(here, folder)
            life = Keeper(self.keeper.vault, folder)
            if point:
                killed(life, [point])
            yield life, point
            shutil.rmtree(folder)

    def _points(self) -> list[str]:
        """Return every passage of a point in a life without kills, as for `BALLAST_CRASH_AT`."""
        folder = self.keeper.folder.parent / f"{self.keeper.folder.name}-undisturbed"
        shutil.copytree(self.keeper.folder, folder)
        trace = folder / "trace"
        done = Keeper(self.keeper.vault, folder).run(
            "run", "--once", "--arm", environment={TRACE: str(trace)}
        )
        assert done.status == 0, done.err
        return numbered(trace)


def numbered(trace: Path) -> list[str]:
    """Return the passages that differ: a kill before a write and one inside it store nothing."""
    passed: Counter[str] = Counter()
    found: list[str] = []
    for point in trace.read_text().split():
        passed[point] += 1
        if not point.startswith("before_") or point == "before_send":
            found.append(f"{point}:{passed[point]}")
    return found


def killed(keeper: Keeper, points: Sequence[str]) -> None:
    """Run processes that are killed, one after the other."""
    for point in points:
        name, _, time = point.partition(":")
        keeper.killed_at(name, int(time or "1"))


def judge(keeper: Keeper, asked: RunRecord) -> None:
    """Check that the run of the request executes the approved plan once, and no other run acts."""
    done = keeper.rebalance()
    assert done.status == 0, done.err
    ended = keeper.journal.run(asked.run.run_id)
    assert (ended.status, len(ended.steps) > 0) == (RunStatus.DONE, True), ended.reason
    assert {each.status for each in ended.steps} == {StepStatus.DONE}
    others = [each for each in keeper.runs() if each.run.run_id != asked.run.run_id]
    assert {each.status for each in others} <= OVER
    attempts = [*ended.openings, *keeper.attempts()]
    assert {each.status for each in attempts} == {AttemptStatus.SUCCEEDED}
    nonces = sorted(each.nonce for each in attempts)
    assert nonces == list(range(keeper.vault.keeper_nonce())) == [0, 1]  # opening and actions
    controller = keeper.vault.deployment.contract("AssetController").address
    status = keeper.vault.deployment.read(
        "PlanLedger", "statusOf", controller, ticket_of(keeper, asked).plan_hash
    )
    assert status[0] == (1 << len(ended.steps)) - 1
    assert is_on_target(keeper)
