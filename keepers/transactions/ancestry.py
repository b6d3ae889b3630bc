"""Blocks that were in the chain together: the newest of them answers for all below it."""

from __future__ import annotations

from keepers.model.transactions.chain_view import ChainView
from keepers.transactions.sender_context import Desk


async def is_in_chain(desk: Desk, view: ChainView, number: int, block_hash: str) -> bool:
    """Whether a block is in the chain, with few questions however many blocks are followed.

    Of a chain that has a block, all blocks below it stay the same. So once per head the newest
    block that is known is asked for, and the others only if it is gone. What is final must not
    rest on this: ask for the block itself before that.
    """
    known = desk.seen.together
    if desk.seen.together_at != view.head.block_hash:
        if known and not await _is_top_there(desk):
            known.clear()
        desk.seen.together_at = view.head.block_hash
    if known.get(number) == block_hash:
        return True
    if await desk.nodes.block_hash(number) != block_hash:
        return False
    # Only what was there at the same time belongs together: the chain may have changed meanwhile.
    if known and not await _is_top_there(desk):
        known.clear()
    known[number] = block_hash
    return True


async def _is_top_there(desk: Desk) -> bool:
    top = max(desk.seen.together)
    return await desk.nodes.block_hash(top) == desk.seen.together[top]


def forget_up_to(desk: Desk, number: int) -> None:
    """Blocks that nobody follows any more, since they are final; the newest stays."""
    known = desk.seen.together
    for each in [block for block in known if block <= number and block != max(known)]:
        del known[each]
