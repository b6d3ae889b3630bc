"""Properties of runs: whatever fails, a run ends and spends only its own money."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepers.model.order import OrderKind
from keepers.model.run import RunRecord, RunStatus, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import run_once
from tests.support.sqlite import new_database
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.nodes import reverted
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig

pytestmark = pytest.mark.long

FINAL = {StepStatus.DONE, StepStatus.FAILED, StepStatus.SKIPPED}


@st.composite
def markets(draw: st.DrawFn) -> Memory:
    """Generate a vault with two assets in L2 and two in L3, some of them untradable."""
    assets: dict[str, Asset] = {}
    for number, tier in enumerate((1, 1, 2, 2)):
        asset = Asset(tier, draw(st.integers(0, 1_000)) * UNIT)
        asset.rate = draw(st.sampled_from([Fraction(1), Fraction(99, 100)]))
        asset.delivered = Fraction(draw(st.integers(990, 1_010)), 1_000)
        if draw(st.booleans()):
            asset.estimate_error = reverted()
        assets[f"A{number}"] = asset
    return Memory(draw(st.integers(0, 1_000)) * UNIT, assets)


def run(memory: Memory, folder: str) -> tuple[RunRecord, list[int]]:
    """Return a run's record and the nonces sent."""
    rig = TierRunRig(memory, new_database(Path(folder) / "journal.sqlite"))
    try:
        record = asyncio.run(run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True))
        return record, rig.nodes.nonces
    finally:
        rig.close()


@settings(max_examples=25, deadline=None)
@given(memory=markets())
def test_run__any_market__ends_clean(memory: Memory) -> None:
    with TemporaryDirectory() as folder:
        record, nonces = run(memory, folder)
    assert record.status is not RunStatus.OPEN
    assert all(step.status in FINAL for step in record.steps)
    for step in record.steps:
        before = [record.steps[index].status for index in step.step.depends_on]
        if any(status is not StepStatus.DONE for status in before):
            assert step.status is StepStatus.SKIPPED
    assert nonces == list(range(len(nonces)))


@settings(max_examples=25, deadline=None)
@given(memory=markets())
def test_run__any_market__dependent_purchases_spend_only_their_sales(memory: Memory) -> None:
    idle = memory.idle
    with TemporaryDirectory() as folder:
        record, _ = run(memory, folder)
    own = sum(
        step.trade.amount_in
        for step in record.steps
        if step.status is StepStatus.DONE
        and step.step.kind == OrderKind.PURCHASE
        and not step.step.depends_on
    )
    assert memory.holdings()["idle"] >= idle - own
