"""What a killed run left behind is resolved before anything new is planned."""

from __future__ import annotations

from keepers.domain.chain import ContractCall
from keepers.domain.errors import BallastError
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
from keepers.engine.rebalance.settling import Stored
from keepers.engine.rebalance.waiting import is_lost
from keepers.engine.rebalance.world import World


class OtherChainError(BallastError):
    """The vault's interrupted run was on another chain than the settings name now."""

    def __init__(self, run_id: str, then: int, now: int) -> None:
        super().__init__(
            f"run {run_id} was interrupted on chain {then}, but the settings say {now}; "
            "put the settings back and run again, so that it can be resolved"
        )
        self.run_id = run_id


INTERRUPTED = "interrupted; planned anew"


async def recover(world: World) -> RunRecord | None:
    """Resolve the vault's open run, if there is one, and close it as interrupted.

    Each transaction that was stored is found by its hash, or sent again byte for byte, or known to
    be lost because its nonce went to another. Steps that were not begun are skipped: the state
    they were planned on is gone.

    Raises:
        OtherChainError: It cannot be resolved on this chain.
        SendUnresolvedError: A transaction still has no known end; the run stays open.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return None
    if record.run.chain_id != world.chain_id:
        raise OtherChainError(record.run.run_id, record.run.chain_id, world.chain_id)
    world.say(f"run {record.run.run_id} was interrupted; finding out how its actions ended")
    for step, attempt in open_attempts_of(record):
        outcome = await _resolve(world, step, attempt)
        world.say(f"action {step.step.index + 1}: {outcome.status.lower()}")
    return close(world, record.run.run_id, RunStatus.INTERRUPTED, INTERRUPTED)


async def _resolve(world: World, step: StepRecord, record: AttemptRecord) -> AttemptOutcome:
    attempt = record.attempt
    stored = Stored(record.attempt_id, attempt.sender, attempt.raw, attempt.transaction_hash)
    if await world.chain.receipt(attempt.transaction_hash) is None:
        if await world.chain.nonce(attempt.sender) <= attempt.nonce:
            await broadcast(world, stored)
        elif await is_lost(world, attempt):
            return _lost(world, record)
    return await conclude(
        world, stored, step.step, ContractCall(step.step.target, step.step.calldata)
    )


def _lost(world: World, record: AttemptRecord) -> AttemptOutcome:
    attempt = record.attempt
    outcome = AttemptOutcome(
        status=AttemptStatus.LOST,
        error=f"nonce {attempt.nonce} of {attempt.sender} went to another transaction",
    )
    world.journal.settle_attempt(record.attempt_id, outcome)
    return outcome
