"""One action onto the chain: build, sign, store, send, wait, settle."""

from __future__ import annotations

import asyncio

import structlog

from keepers.domain.chain import ContractCall, Signed, Unsigned
from keepers.domain.errors_chain import (
    CallRevertedError,
    ChainError,
    NodeRefusedError,
    NonceTakenError,
    SendRefusedError,
    SendUnresolvedError,
)
from keepers.domain.run import AttemptOutcome, NewAttempt, NewStep
from keepers.domain.vault import HoldingKind
from keepers.engine.crash import CrashPoint, crash_point
from keepers.engine.rebalance.gas import gas_to_send
from keepers.engine.rebalance.settling import Stored, settle
from keepers.engine.rebalance.waiting import await_receipt
from keepers.engine.rebalance.world import World

REFUSALS = (NodeRefusedError, CallRevertedError)
"""The node answered, and what it answered is no; any other error may mean that bytes left."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def build(world: World, kind: HoldingKind, call: ContractCall) -> Unsigned:
    """Estimate, price and number a transaction.

    Raises:
        CallRevertedError: It would revert.
        ChainError: Something else that keeps it from being sent.
    """
    sender = world.signer.address
    estimate = await world.chain.estimate_gas(sender, call)
    gas_limit = gas_to_send(world.policy, kind, estimate)
    fees = await world.chain.fees()
    nonce = await world.chain.nonce(sender)
    pending = await world.chain.nonce(sender, pending=True)
    if pending > nonce:
        raise NonceTakenError(sender, nonce, pending)
    return Unsigned(chain_id=world.chain_id, nonce=nonce, call=call, gas_limit=gas_limit, fees=fees)


async def send(world: World, step_id: int, step: NewStep, transaction: Unsigned) -> AttemptOutcome:
    """Send a transaction and wait for its end. Nothing leaves that is not stored.

    Raises:
        SendUnresolvedError: It was stored, and how it ended is not known.
    """
    signed = await asyncio.to_thread(world.signer.sign, transaction)
    _log.info("signed", nonce=transaction.nonce, transaction=signed.transaction_hash)
    crash_point(CrashPoint.BEFORE_STORE_ATTEMPT)
    attempt_id = world.journal.store_attempt(step_id, _attempt(transaction, signed))
    crash_point(CrashPoint.AFTER_STORE_ATTEMPT)
    nonce, hashed = transaction.nonce, signed.transaction_hash
    stored = Stored(attempt_id, signed.sender, nonce, signed.raw, hashed)
    await broadcast(world, stored)
    return await conclude(world, stored, step)


async def broadcast(world: World, attempt: Stored) -> None:
    """Hand stored bytes to the node and note that it has them.

    Raises:
        SendRefusedError: The node said no, and does not know the transaction.
        SendUnresolvedError: The node said nothing, and may or may not have it.
    """
    await hand_over(world, attempt)
    crash_point(CrashPoint.AFTER_SEND)
    world.journal.mark_broadcast(attempt.attempt_id)
    crash_point(CrashPoint.AFTER_MARK_BROADCAST)
    depth = world.policy.confirmations
    world.say(f"sent {attempt.transaction_hash}, waiting for {depth} confirmation(s)")


async def hand_over(world: World, attempt: Stored) -> None:
    """Hand stored bytes to the node, once; an error counts as sent if the node has them.

    Raises:
        SendRefusedError: The node said no, and does not know the transaction.
        SendUnresolvedError: The node said nothing, and may or may not have it.
    """
    try:
        await world.chain.send(attempt.raw)
    except ChainError as error:
        known = await _is_known(world, attempt.transaction_hash)
        if known:
            return
        hashed, problem = attempt.transaction_hash, str(error)
        if known is False and isinstance(error, REFUSALS):
            raise SendRefusedError(hashed, attempt.sender, attempt.nonce, problem) from error
        raise SendUnresolvedError(hashed, problem) from error


async def conclude(world: World, attempt: Stored, step: NewStep) -> AttemptOutcome:
    """Wait for the receipt of a transaction that left, and settle it."""
    receipt = await await_receipt(world, attempt.transaction_hash)
    return await settle(world, attempt, step, receipt)


async def _is_known(world: World, transaction_hash: str) -> bool | None:
    """Whether the node has a transaction; None if it does not say."""
    try:
        return await world.chain.knows(transaction_hash)
    except ChainError:
        return None


def _attempt(transaction: Unsigned, signed: Signed) -> NewAttempt:
    return NewAttempt(
        chain_id=transaction.chain_id,
        sender=signed.sender,
        nonce=transaction.nonce,
        transaction_hash=signed.transaction_hash,
        raw=signed.raw,
        gas_limit=transaction.gas_limit,
        max_fee_per_gas=transaction.fees.maximum,
        max_priority_fee_per_gas=transaction.fees.priority,
    )
