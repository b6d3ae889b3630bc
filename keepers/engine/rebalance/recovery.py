"""What a killed run left behind is resolved before anything new is planned."""

from __future__ import annotations

from datetime import timedelta

from keepers.domain.errors import BallastError
from keepers.domain.errors_chain import AttemptExpiredError
from keepers.domain.errors_run import RunWaitsForArm
from keepers.domain.run import (
    AttemptOutcome,
    AttemptRecord,
    AttemptStatus,
    NewRun,
    RunRecord,
    RunStatus,
    StepRecord,
)
from keepers.engine.rebalance.record import close, open_attempts_of
from keepers.engine.rebalance.reorgs import restore_all
from keepers.engine.rebalance.sending import broadcast, conclude
from keepers.engine.rebalance.settling import Stored, stored_of
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


async def recover(world: World, *, armed: bool) -> RunRecord | None:
    """Resolve the vault's open run, if there is one, and close it as interrupted.

    Each transaction that was stored is found by its hash, or sent again byte for byte, or known to
    be lost because its nonce went to another. Steps that were not begun are skipped: the state
    they were planned on is gone.

    Args:
        world: The ports.
        armed: Whether stored bytes may be sent; without it receipts are looked for, and no more.

    Raises:
        OtherChainError: It cannot be resolved on this chain.
        RunWaitsForArm: Bytes would have to be sent, and this run is not armed.
        AttemptExpiredError: Bytes were perhaps never sent, and are too old to be sent now.
        SendUnresolvedError, SendRefusedError: A transaction still has no known end.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return None
    if record.run.chain_id != world.chain_id:
        raise OtherChainError(record.run.run_id, record.run.chain_id, world.chain_id)
    world.say(f"run {record.run.run_id} was interrupted; finding out how its actions ended")
    notes = await restore_all(world, record, armed=armed)
    for step, attempt in open_attempts_of(record):
        outcome = await _resolve(world, record.run, step, attempt, armed=armed)
        world.say(f"action {step.step.index + 1}: {outcome.status.lower()}")
    reason = "; ".join((INTERRUPTED, *notes))
    return close(world, record.run.run_id, RunStatus.INTERRUPTED, reason)


async def _resolve(
    world: World, run: NewRun, step: StepRecord, record: AttemptRecord, *, armed: bool
) -> AttemptOutcome:
    attempt, stored = record.attempt, stored_of(record)
    if await world.chain.receipt(attempt.transaction_hash) is None:
        if await world.chain.nonce(attempt.sender) <= attempt.nonce:
            if not armed:
                raise RunWaitsForArm(run.run_id, attempt.transaction_hash)
            await _send_again(world, run, record, stored)
        elif await is_lost(world, attempt):
            return _lost(world, record)
    return await conclude(world, stored, step.step)


async def _send_again(world: World, run: NewRun, record: AttemptRecord, stored: Stored) -> None:
    """Send the same bytes, unless they were perhaps never sent and their plan has expired."""
    expires = run.started_at + timedelta(seconds=world.policy.plan_expiry_seconds)
    is_old = record.status is AttemptStatus.STORED and world.clock.now() >= expires
    if is_old and not await world.chain.knows(stored.transaction_hash):
        raise AttemptExpiredError(stored.transaction_hash, stored.sender, stored.nonce)
    await broadcast(world, stored)


def _lost(world: World, record: AttemptRecord) -> AttemptOutcome:
    attempt = record.attempt
    outcome = AttemptOutcome(
        status=AttemptStatus.LOST,
        error=f"nonce {attempt.nonce} of {attempt.sender} went to another transaction",
    )
    world.journal.settle_attempt(record.attempt_id, outcome)
    return outcome
