"""From rows to the domain's records."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from keepers.domain.run import (
    AttemptOutcome,
    AttemptRecord,
    AttemptStatus,
    NewAttempt,
    NewRun,
    NewStep,
    RunRecord,
    RunStatus,
    Stage,
    StageRecord,
    StepRecord,
    StepStatus,
    TierSample,
)
from keepers.domain.run_moves import SETTLED

RUN_FIELDS = ("run_id", "vault", "chain_id", "trigger", "armed", "started_at")
STEP_FIELDS = (
    *("kind", "tier", "asset", "symbol", "amount", "amount_in", "quoted_out", "minimum_out"),
    *("priority", "reason", "target", "calldata", "estimated_slippage_bps"),
)
ATTEMPT_FIELDS = (
    *("chain_id", "sender", "nonce", "transaction_hash", "raw"),
    *("gas_limit", "max_fee_per_gas", "max_priority_fee_per_gas"),
)
OUTCOME_FIELDS = (
    *("block_number", "block_hash", "gas_used", "effective_gas_price"),
    *("received", "slippage_bps", "error"),
)


def run_record(
    row: RowMapping, stages: Sequence[StageRecord], steps: Sequence[StepRecord]
) -> RunRecord:
    """A run with its stages and steps."""
    return RunRecord(
        run=NewRun(**{name: row[name] for name in RUN_FIELDS}),
        status=RunStatus(row["status"]),
        finished_at=row["finished_at"],
        reason=row["reason"],
        stages=tuple(stages),
        steps=tuple(steps),
    )


def stage_record(row: RowMapping) -> StageRecord:
    """The result of a stage."""
    return StageRecord(stage=Stage(row["stage"]), at=row["at"], detail=row["detail"])


def step_record(row: RowMapping, attempts: Sequence[AttemptRecord]) -> StepRecord:
    """A step with its attempts."""
    step = NewStep(
        index=row["position"],
        depends_on=tuple(row["depends_on"]),
        **{name: row[name] for name in STEP_FIELDS},
    )
    return StepRecord(
        step_id=row["step_id"],
        step=step,
        status=StepStatus(row["status"]),
        error=row["error"],
        attempts=tuple(attempts),
    )


def attempt_record(row: RowMapping) -> AttemptRecord:
    """A signed transaction, with its outcome once it is settled."""
    status = AttemptStatus(row["status"])
    facts = {name: row[name] for name in OUTCOME_FIELDS}
    return AttemptRecord(
        attempt_id=row["attempt_id"],
        step_id=row["step_id"],
        attempt=NewAttempt(**{name: row[name] for name in ATTEMPT_FIELDS}),
        status=status,
        outcome=AttemptOutcome(status=status, **facts) if status in SETTLED else None,
        stored_at=row["stored_at"],
    )


def tier_sample(row: RowMapping) -> TierSample:
    """Tier values at one block."""
    return TierSample(
        vault=row["vault"],
        chain_id=row["chain_id"],
        block_number=row["block_number"],
        at=row["at"],
        values=(row["l1"], row["l2"], row["l3"]),
        label=row["label"],
    )
