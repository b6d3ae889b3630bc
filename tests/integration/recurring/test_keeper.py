"""Keeper of recurring rebalancers on the real contracts, in separate processes."""

from __future__ import annotations

import signal

import pytest

from keepers.model.run import RunStatus, StepStatus
from tests.integration.recurring.conftest import ETHER, Stage
from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.integration.support.processes import crash_at
from tests.support.deep import IS_DEEP

pytestmark = pytest.mark.deep


def test_execute__due_and_paid__runs_all_once_and_earns(stage: Stage) -> None:
    stage.fund(ETHER)
    stage.create(3)
    assert stage.ballast("execute", "--arm")["status"] == "NOTHING_TO_DO"
    stage.a_day_passes()
    dry = stage.ballast("execute")
    assert (dry["status"], stage.runs()) == ("DRY_RUN", [0, 0, 0])
    done = stage.ballast("execute", "--arm")
    assert (done["status"], stage.runs()) == ("DONE", [1, 1, 1])
    assert stage.keeper.vault.keeper_nonce() == 1
    (attempt,) = stage.journal()[0].steps[0].attempts
    assert attempt.outcome is not None
    seen = attempt.inclusion
    assert seen is not None
    fee = seen.gas_used * seen.effective_gas_price
    assert attempt.outcome.received == stage.earned(KEEPER_ACCOUNT.address) > fee
    assert stage.ballast("execute", "--arm")["status"] == "NOTHING_TO_DO"


def test_fix__funder_was_dry_and_has_money_again__books_all_at_once(stage: Stage) -> None:
    stage.create(3)
    assert stage.stuck() == [True] * 3
    assert stage.ballast("fix", "--arm")["status"] == "NOTHING_TO_DO"
    assert {each["state"] for each in stage.ballast("status")["rebalancers"][-3:]} == {"stuck"}
    stage.fund(ETHER)
    assert stage.ballast("fix", "--arm")["status"] == "DONE"
    assert stage.stuck() == [False] * 3
    assert stage.keeper.vault.keeper_nonce() == 1
    assert stage.ballast("fix", "--arm")["status"] == "NOTHING_TO_DO"


POINTS = ("after_send", "after_open_run", "after_submit", "after_store", "after_include")


@pytest.mark.parametrize("point", POINTS if IS_DEEP else POINTS[:1])
def test_execute__killed__next_one_finishes_and_nothing_is_twice(stage: Stage, point: str) -> None:
    stage.fund(ETHER)
    stage.create(2)
    stage.a_day_passes()
    killed = stage.keeper.run("recurring", "execute", "--arm", environment=crash_at(point))
    assert killed.status == -signal.SIGKILL, killed.out + killed.err
    assert stage.ballast("execute", "--arm")["status"] in {"DONE", "NOTHING_TO_DO"}
    assert stage.runs() == [1, 1]
    assert stage.keeper.vault.keeper_nonce() == 1
    assert all(each.status is not RunStatus.OPEN for each in stage.journal())


def test_execute__another_keeper_was_faster__sends_nothing(stage: Stage) -> None:
    stage.fund(ETHER)
    stage.create(2)
    stage.a_day_passes()
    rows = stage.ballast("status")["rebalancers"]
    ids = [each["number"] << 32 | 1 for each in rows if each["state"] == "due"]
    assert len(ids) == 2
    stage.send("TransactionScheduler", "executeBatch", ids, [], stage.targets[0])
    done = stage.ballast("execute", "--arm")
    assert sum(stage.runs()) == 2
    assert done["status"] == "NOTHING_TO_DO"
    assert stage.keeper.vault.keeper_nonce() == 0
    assert all(
        each.status is not StepStatus.FAILED for run in stage.journal() for each in run.steps
    )
