"""Which blocks stay, and what it means if one of them does not."""

from __future__ import annotations

from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView
from keepers.transactions.sender_context import Desk


def final_block(desk: Desk, view: ChainView) -> int:
    """The newest block that stays: as the chain says, or deep enough where it does not."""
    if desk.policy.trust_tags and view.finalized is not None:
        return view.finalized
    return view.head.number - desk.policy.finality_blocks


def safe_block(desk: Desk, view: ChainView) -> int:
    """The newest block that is safe: as the chain says, or half as deep as a final one."""
    if desk.policy.trust_tags and view.safe is not None:
        return view.safe
    return view.head.number - max(1, desk.policy.finality_blocks // 2)


async def check_finality(desk: Desk, view: ChainView) -> bool:
    """Whether the newest block that was final is still in the chain.

    If not, the chain was reset, or a node lies: nothing can be relied on, and the sender is paused
    until a person has looked. Nodes that have not come so far yet say nothing against it: nothing
    is done before they have.
    """
    known = await desk.read(desk.ledger.last_final)
    if known is None:
        return True
    if view.head.number < known.block_number:
        text = f"nodes are at block {view.head.number}, below final block {known.block_number}"
        desk.telemetry.alarm(Alarm.FINALITY_BROKEN, text)
        return False
    found = await desk.nodes.block_hash(known.block_number)
    if found == known.block_hash:
        return True
    reason = f"final block {known.block_number} was {known.block_hash} and is {found or 'missing'}"
    desk.telemetry.alarm(Alarm.FINALITY_BROKEN, reason)
    await desk.write(desk.ledger.pause, reason)
    return False
