"""What a killed run left behind is resolved before anything new is planned."""

from __future__ import annotations

from keepers.domain.chain import ContractCall
from keepers.domain.run import (
    AttemptOutcome,
    AttemptRecord,
    AttemptStatus,
    RunRecord,
    RunStatus,
    StepRecord,
)
from keepers.engine.rebalance.record import close, open_attempts_of
from keepers.engine.rebalance.sending import broadcast, conclude
from keepers.engine.rebalance.world import World

INTERRUPTED = "interrupted; planned anew"


async def recover(world: World) -> RunRecord | None:
    """Resolve the vault's open run, if there is one, and close it as interrupted.

    Each transaction that was stored is found by its hash, or sent again byte for byte, or known to
    be lost because its nonce went to another. Steps that were not begun are skipped: the state
    they were planned on is gone.

    Raises:
        SendUnresolvedError: A transaction still has no known end; the run stays open.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return None
    world.say(f"run {record.run.run_id} was interrupted; finding out how its actions ended")
    for step, attempt in open_attempts_of(record):
        outcome = await _resolve(world, step, attempt)
        world.say(f"action {step.step.index + 1}: {outcome.status.lower()}")
    return close(world, record.run.run_id, RunStatus.INTERRUPTED, INTERRUPTED)


async def _resolve(world: World, step: StepRecord, record: AttemptRecord) -> AttemptOutcome:
    attempt = record.attempt
    if await world.chain.receipt(attempt.transaction_hash) is None:
        if await world.chain.nonce(attempt.sender) > attempt.nonce:
            # The receipt may have come between the two questions.
            if await world.chain.receipt(attempt.transaction_hash) is None:
                return _lost(world, record)
        else:
            await broadcast(world, record.attempt_id, attempt.raw, attempt.transaction_hash)
    call = ContractCall(step.step.target, step.step.calldata)
    return await conclude(world, record.attempt_id, step.step, call, attempt.transaction_hash)


def _lost(world: World, record: AttemptRecord) -> AttemptOutcome:
    attempt = record.attempt
    outcome = AttemptOutcome(
        status=AttemptStatus.LOST,
        error=f"nonce {attempt.nonce} of {attempt.sender} went to another transaction",
    )
    world.journal.settle_attempt(record.attempt_id, outcome)
    return outcome
