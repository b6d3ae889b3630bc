"""Waiting until a transaction is included deep enough, or known never to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from keepers.domain.chain import Receipt
from keepers.domain.errors_chain import (
    BadAnswerError,
    ChainUnreachableError,
    NodeRefusedError,
    SendUnresolvedError,
)
from keepers.domain.run import NewAttempt
from keepers.engine.rebalance.world import World

PASSING = (ChainUnreachableError, NodeRefusedError, BadAnswerError)
"""What a node may say while it is overloaded or restarted; the next look decides."""

LOOKS, BLOCKS = 3, 2
"""How often, and in how many blocks, a transaction must be missing where nothing else tells."""


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
        except PASSING as error:
            problem = str(error)
        if world.clock.monotonic() >= deadline:
            waited = world.policy.confirmation_timeout_seconds
            raise SendUnresolvedError(transaction_hash, f"{problem} after {waited} seconds")
        await world.clock.sleep(world.policy.poll_interval_seconds)


async def _is_deep(world: World, receipt: Receipt) -> bool:
    """A receipt's own block is its first confirmation."""
    head = await world.chain.head()
    return head - receipt.block_number + 1 >= world.policy.confirmations


@dataclass(slots=True)
class _Missing:
    """Looks in a row that found nothing of a transaction, and the heads at which they were made."""

    looks: int = 0
    heads: set[int] = field(default_factory=set[int])

    def add(self, head: int) -> bool:
        """Count a look; answers whether they suffice."""
        self.looks += 1
        self.heads.add(head)
        return self.looks >= LOOKS and len(self.heads) >= BLOCKS


async def is_lost(world: World, attempt: NewAttempt) -> bool:
    """Whether a nonce that is used up went to another transaction.

    A node may know the nonce before it shows the receipt, may lose receipts for a while, and a
    reorganisation may give the nonce back. So the transaction that used the nonce decides, once it
    is as deep as a receipt must be; where the node cannot name it, ours must be missing for long.

    Raises:
        SendUnresolvedError: It takes too long to tell.
    """
    deadline = world.clock.monotonic() + world.policy.confirmation_timeout_seconds
    missing = _Missing()
    while await world.chain.receipt(attempt.transaction_hash) is None:
        if await _has_gone_to_another(world, attempt, missing):
            # The receipt may have come between the questions.
            return await world.chain.receipt(attempt.transaction_hash) is None
        if world.clock.monotonic() >= deadline:
            problem = "its nonce is used, and by which transaction is not certain yet"
            raise SendUnresolvedError(attempt.transaction_hash, problem)
        await world.clock.sleep(world.policy.poll_interval_seconds)
    return False


async def _has_gone_to_another(world: World, attempt: NewAttempt, missing: _Missing) -> bool:
    head = await world.chain.head()
    deep = max(0, head - max(1, world.policy.confirmations) + 1)
    if await world.chain.nonce(attempt.sender, block=deep) <= attempt.nonce:
        return False
    spender = await world.chain.spender(attempt.sender, attempt.nonce, deep)
    if spender is not None:
        return spender.lower() != attempt.transaction_hash.lower()
    if await world.chain.knows(attempt.transaction_hash):
        return False
    return missing.add(head)
