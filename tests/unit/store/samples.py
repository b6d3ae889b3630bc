"""Sample runs and steps for the run repository; every field can be overridden."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from keepers.model.run import NewRun, TierSample
from keepers.model.step import NewStep, TradeStep

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

RUN = NewRun(run_id="r1", vault="main", chain_id=1, trigger="auto", armed=True, started_at=NOON)
STEP = TradeStep(
    index=0,
    kind="PURCHASE",
    tier=1,
    asset="0x" + "aa" * 20,
    symbol="TBILL",
    amount=25_000_000_000,
    amount_in=25_000_000_000,
    quoted_out=2**256 - 1,
    minimum_out=2**255,
    priority=3,
    depends_on=(),
    reason="L1 above target",
    target="0x" + "bb" * 20,
    calldata="0x12345678",
    estimated_slippage_bps="3.25",
)
SAMPLE = TierSample(
    vault="main", chain_id=1, block_number=100, at=NOON, values=(2**256 - 1, 0, 7), label="before"
)


def run(run_id: str = "r1", **changes: Any) -> NewRun:
    """Return a run; a higher id starts later."""
    later = timedelta(minutes=int(run_id[1:]))
    return replace(RUN, **{"run_id": run_id, "started_at": NOON + later, **changes})


def step(index: int = 0, **changes: Any) -> NewStep:
    """Return a step."""
    return replace(STEP, index=index, **changes)
