"""Waiting until a transaction is included deep enough."""

from __future__ import annotations

from keepers.domain.chain import Receipt
from keepers.domain.errors_chain import ChainUnreachableError, SendUnresolvedError
from keepers.domain.run import NewAttempt
from keepers.engine.rebalance.world import World


async def await_receipt(world: World, transaction_hash: str) -> Receipt:
    """Wait for a receipt with the configured confirmations; read anew each time, as reorgs happen.

    Raises:
        SendUnresolvedError: It takes too long, or the node is away for too long.
    """
    deadline = world.clock.monotonic() + world.policy.confirmation_timeout_seconds
    problem = "no receipt"
    while True:
        try:
            receipt = await world.chain.receipt(transaction_hash)
            if receipt is not None and await _is_deep(world, receipt):
                return receipt
            problem = "no receipt" if receipt is None else "too few confirmations"
        except ChainUnreachableError as error:
            problem = str(error)
        if world.clock.monotonic() >= deadline:
            waited = world.policy.confirmation_timeout_seconds
            raise SendUnresolvedError(transaction_hash, f"{problem} after {waited} seconds")
        await world.clock.sleep(world.policy.poll_interval_seconds)


async def _is_deep(world: World, receipt: Receipt) -> bool:
    """A receipt's own block is its first confirmation."""
    head = await world.chain.head()
    return head - receipt.block_number + 1 >= world.policy.confirmations


async def is_lost(world: World, attempt: NewAttempt) -> bool:
    """Whether a nonce that is used up went to another transaction.

    A node may know the nonce before it shows the receipt, and a reorganisation may give the nonce
    back; only a nonce that was used as deep as a receipt must be counts.

    Raises:
        SendUnresolvedError: It takes too long to tell.
    """
    deadline = world.clock.monotonic() + world.policy.confirmation_timeout_seconds
    while await world.chain.receipt(attempt.transaction_hash) is None:
        deep = max(0, await world.chain.head() - world.policy.confirmations + 1)
        if await world.chain.nonce(attempt.sender, block=deep) > attempt.nonce:
            # The receipt may have come between the two questions.
            return await world.chain.receipt(attempt.transaction_hash) is None
        if world.clock.monotonic() >= deadline:
            raise SendUnresolvedError(attempt.transaction_hash, "its nonce was used just now")
        await world.clock.sleep(world.policy.poll_interval_seconds)
    return False
