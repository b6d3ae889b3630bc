"""Rebalancers under troubles, with the real contracts and keeper; a month with `make deep`."""

from __future__ import annotations

import pytest

from keepers.model.recurring import EXECUTE
from keepers.model.run import StepStatus
from tests.integration.recurring.company import found_company
from tests.integration.recurring.conftest import Stage
from tests.integration.recurring.month import DEEP, SHORT, Month, Trouble, too_often
from tests.integration.support.deploy import KEEPER_ACCOUNT
from tests.support.deep import IS_DEEP

pytestmark = pytest.mark.deep


def test_month__whatever_happens__none_is_dead_or_charged_too_much(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEEPER_KEY", f"0x{KEEPER_ACCOUNT.key.hex()}")
    company = found_company(stage, paid=5)
    month = Month(company, DEEP if IS_DEEP else SHORT)
    month.run()
    assert month.broken == []
    assert [each for cap in company.caps.values() for each in cap.broken] == []
    assert too_often(company, {each["number"]: each for each in company.rows()}) == []
    # The keeper has not paid for failing work, nor more for an execution than it earned.
    steps = [step for run in stage.journal() for step in run.steps]
    assert all(each.status is not StepStatus.FAILED for each in steps)
    for step in (each for each in steps if each.step.kind == EXECUTE and each.attempts):
        outcome, seen = step.attempts[-1].outcome, step.attempts[-1].inclusion
        assert outcome is not None
        assert seen is not None
        assert (outcome.received or 0) >= seen.gas_used * seen.effective_gas_price
    # The month had troubles.
    assert len(month.seen) >= (len(Trouble) if IS_DEEP else 5)
    assert month.fixed > 0
    assert all(each.charged > 0 for each in company.caps.values())
    assert all(count > 0 for count in stage.runs())
