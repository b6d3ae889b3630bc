"""From a receipt to the durable outcome of an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.domain.chain import Receipt
from keepers.domain.run import AttemptOutcome, AttemptRecord, AttemptStatus, NewStep
from keepers.engine.crash import CrashPoint, crash_point
from keepers.engine.rebalance.amounts import bps_text, measured_slippage_bps
from keepers.engine.rebalance.world import World


@dataclass(frozen=True, slots=True)
class Stored:
    """An attempt that the journal has."""

    attempt_id: int
    sender: str
    nonce: int
    raw: str
    transaction_hash: str


def stored_of(record: AttemptRecord) -> Stored:
    """An attempt as it was read from the journal."""
    made = record.attempt
    return Stored(record.attempt_id, made.sender, made.nonce, made.raw, made.transaction_hash)


async def settle(world: World, attempt: Stored, step: NewStep, receipt: Receipt) -> AttemptOutcome:
    """Store what a receipt says about an attempt, and answer it."""
    if receipt.succeeded:
        outcome = _succeeded(step, receipt)
    else:
        block = receipt.block_number
        reason = await world.chain.revert_reason(attempt.sender, attempt.raw, block)
        outcome = _outcome(AttemptStatus.REVERTED, receipt, error=reason)
    crash_point(CrashPoint.BEFORE_SETTLE)
    world.journal.settle_attempt(attempt.attempt_id, outcome)
    crash_point(CrashPoint.AFTER_SETTLE)
    return outcome


def _succeeded(step: NewStep, receipt: Receipt) -> AttemptOutcome:
    action = receipt.action
    if action is None:
        error = "included, but the controller emitted no event of it"
        return _outcome(AttemptStatus.REVERTED, receipt, error=error)
    slippage = measured_slippage_bps(
        quoted=Fraction(step.quoted_out * action.amount, step.amount_in),
        estimated_bps=Fraction(step.estimated_slippage_bps),
        received=action.received,
    )
    return _outcome(
        AttemptStatus.SUCCEEDED,
        receipt,
        received=action.received,
        slippage_bps=bps_text(slippage),
    )


def _outcome(
    status: AttemptStatus,
    receipt: Receipt,
    *,
    received: int | None = None,
    slippage_bps: str | None = None,
    error: str | None = None,
) -> AttemptOutcome:
    return AttemptOutcome(
        status=status,
        block_number=receipt.block_number,
        block_hash=receipt.block_hash,
        gas_used=receipt.gas_used,
        effective_gas_price=receipt.effective_gas_price,
        received=received,
        slippage_bps=slippage_bps,
        error=error,
    )
