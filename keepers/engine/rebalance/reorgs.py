"""Settled transactions whose block left the chain: noticed, and sent again byte for byte.

A settled attempt is final in the journal; what became of it afterwards goes into the run's reason.
"""

from __future__ import annotations

from keepers.domain.errors_run import ReorganisedError, RunWaitsForArm
from keepers.domain.run import AttemptRecord, AttemptStatus, RunRecord
from keepers.engine.rebalance.sending import hand_over
from keepers.engine.rebalance.settling import stored_of
from keepers.engine.rebalance.waiting import await_receipt, is_lost
from keepers.engine.rebalance.world import World


async def check_settled(world: World, run_id: str) -> None:
    """Look whether everything that a run has settled is still in the chain.

    Raises:
        ReorganisedError: Something is not.
    """
    for each in await _gone(world, world.journal.run(run_id)):
        raise ReorganisedError(each.attempt.transaction_hash, _block(each))


async def restore_all(world: World, record: RunRecord, *, armed: bool) -> list[str]:
    """Bring back what left the chain.

    Returns:
        What became of each transaction that did.

    Raises:
        RunWaitsForArm: Bytes would have to be sent.
        SendUnresolvedError, SendRefusedError: How one ends is not known yet.
    """
    return [await _restore(world, record, each, armed=armed) for each in await _gone(world, record)]


async def _restore(world: World, run: RunRecord, record: AttemptRecord, *, armed: bool) -> str:
    attempt = record.attempt
    what = f"transaction {attempt.transaction_hash} left block {_block(record)}"
    if await world.chain.receipt(attempt.transaction_hash) is None:
        if await world.chain.nonce(attempt.sender) <= attempt.nonce:
            if not armed:
                raise RunWaitsForArm(run.run.run_id, attempt.transaction_hash)
            await hand_over(world, stored_of(record))
        elif await is_lost(world, attempt):
            return f"{what}, and its nonce went to another"
    receipt = await await_receipt(world, attempt.transaction_hash)
    ended = "succeeded" if receipt.succeeded else "reverted"
    world.say(f"{what}; {ended} in block {receipt.block_number}")
    return f"{what} and {ended} in block {receipt.block_number}"


async def _gone(world: World, record: RunRecord) -> list[AttemptRecord]:
    """Settled attempts whose block is not in the chain any more, lowest nonce first."""
    hashes: dict[int, str | None] = {}
    gone: list[AttemptRecord] = []
    for each in (attempt for step in record.steps for attempt in step.attempts):
        if each.outcome is None or each.status is AttemptStatus.LOST:
            continue
        block = _block(each)
        if block not in hashes:
            hashes[block] = await world.chain.block_hash(block)
        if hashes[block] != each.outcome.block_hash:
            gone.append(each)
    return sorted(gone, key=lambda each: each.attempt.nonce)


def _block(record: AttemptRecord) -> int:
    """The block that a settled attempt was in."""
    outcome = record.outcome
    assert outcome is not None  # noqa: S101 - the caller chose settled ones
    assert outcome.block_number is not None  # noqa: S101 - the database asks for it
    return outcome.block_number
