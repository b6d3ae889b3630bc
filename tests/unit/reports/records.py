"""Runs as the pipeline stores them, with invented values, as input of reports."""

from datetime import UTC, datetime, timedelta
from typing import Any

from keepers.model.run import (
    AttemptOutcome,
    NewRun,
    RunRecord,
    RunStatus,
    Stage,
    StageRecord,
    StepAttempt,
    StepRecord,
    StepStatus,
    TierSample,
)
from keepers.model.step import TradeStep
from keepers.model.transaction_records import Inclusion, NonceSlot, SignedBytes, SlotAttempt
from keepers.model.transaction_states import AttemptKind, AttemptState, SlotState

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
USDT = 10**6
BANDS = ((500, 1000, 2000), (2000, 3000, 4000), (5000, 6000, 7000))

Values = tuple[int, int, int]


def whole(*values: int) -> Values:
    """Return three amounts of whole USDT in base units."""
    l1, l2, l3 = (value * USDT for value in values)
    return l1, l2, l3


def stage(which: Stage, detail: dict[str, Any], at: datetime = START) -> StageRecord:
    """Return the record of a stage."""
    return StageRecord(stage=which, at=at, detail=detail)


def plan_detail(before: Values, block: int, *reasons: str) -> dict[str, Any]:
    """Return the detail that the plan stage stores."""
    names = ("minimum_bps", "target_bps", "maximum_bps")
    return {
        "settlement": {"symbol": "USDT", "decimals": 6},
        "snapshot": {
            "block_number": block,
            "tier_values": [str(value) for value in before],
            "bands": [dict(zip(names, band, strict=True)) for band in BANDS],
        },
        "plan": {"triggers": [{"kind": "LIQUIDITY", "reason": reason} for reason in reasons]},
    }


def verification_detail(before: Values, planned: Values, after: Values) -> dict[str, Any]:
    """Return the detail that the verification stage stores."""
    values = {"before": before, "planned": planned, "after": after}
    texts = {name: [str(value) for value in each] for name, each in values.items()}
    return {**texts, "deviation_bps": "1.75", "alert": False}


def step_record(  # noqa: PLR0917
    number: int,
    symbol: str,
    tier: int,
    amount: int,
    status: StepStatus = StepStatus.DONE,
    error: str | None = None,
    slippage: str = "3.2",
) -> StepRecord:
    """Return a step, a sale if `amount` is negative; a started step has a transaction."""
    step = TradeStep(
        index=number,
        kind="PURCHASE" if amount > 0 else "SALE",
        tier=tier,
        asset="0x" + f"{number:02x}" * 20,
        symbol=symbol,
        amount=abs(amount) * USDT,
        amount_in=abs(amount) * USDT,
        quoted_out=abs(amount) * 10**18,
        minimum_out=abs(amount) * 10**18 - 1,
        priority=3,
        depends_on=(),
        reason="L1 above its target",
        target="0x" + "bb" * 20,
        calldata="0x12345678",
        estimated_slippage_bps="5.125",
    )
    sent = status in {StepStatus.DONE, StepStatus.FAILED}
    attempts = (_attempt(number, slippage, error),) if sent else ()
    return StepRecord(step_id=number, step=step, status=status, error=error, attempts=attempts)


def _attempt(number: int, slippage: str, error: str | None) -> StepAttempt:
    outcome = AttemptOutcome(
        received=None if error else 2**200,
        slippage_bps=None if error else slippage,
        error=error,
    )
    attempt = SlotAttempt(
        attempt_id=number,
        position=0,
        signed=SignedBytes(
            kind=AttemptKind.ORIGINAL,
            transaction_hash=f"0x{(number + 1) * 0x1F3A5B7C9D:064x}",
            raw="0x02f8",
            gas_limit=500_000,
            max_fee_per_gas=30 * 10**9,
            max_priority_fee_per_gas=10**9,
        ),
        state=AttemptState.FINAL,
        inclusion=Inclusion(
            block_number=1_000 + number,
            block_hash="0x" + "ee" * 32,
            succeeded=error is None,
            gas_used=184_000 + 7_919 * number,
            effective_gas_price=11 * 10**9,
        ),
        stored_at=START,
    )
    slot = NonceSlot(
        slot_id=number,
        intent_id=number,
        chain_id=1_000_001,
        sender="0x" + "cc" * 20,
        nonce=number,
        state=SlotState.OURS_FINAL,
        attempts=(attempt,),
    )
    return StepAttempt(slot=slot, attempt=attempt, outcome=outcome)


def run_record(
    number: int,
    status: RunStatus,
    stages: tuple[StageRecord, ...] = (),
    steps: tuple[StepRecord, ...] = (),
    reason: str | None = None,
) -> RunRecord:
    """Return a run that started `number` hours after `START`."""
    started = START + timedelta(hours=number)
    run = NewRun(
        run_id=f"0000000{number}-aaaa-4bbb-8ccc-123456789abc",
        vault="main",
        chain_id=1_000_001,
        trigger="auto",
        armed=status is not RunStatus.DRY_RUN,
        started_at=started,
    )
    finished = None if status is RunStatus.OPEN else started + timedelta(seconds=9.4)
    return RunRecord(
        run=run, status=status, finished_at=finished, reason=reason, stages=stages, steps=steps
    )


def sample(number: int, block: int, values: Values, label: str | None = None) -> TierSample:
    """Return tier values sampled `number` half hours after `START`."""
    at = START + timedelta(minutes=30 * number)
    return TierSample(
        vault="main", chain_id=1_000_001, block_number=block, at=at, values=values, label=label
    )
