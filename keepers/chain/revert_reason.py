"""Why a transaction reverted."""

from __future__ import annotations

from keepers.chain.node import Node
from keepers.chain.raw import call_of, value_of
from keepers.model.errors.chain import CallRevertedError, ChainError


async def explain_revert(node: Node, sender: str, raw: str, block: int) -> str:
    """Why signed bytes reverted in a block, by repeating them on the state before it.

    A node that cannot repeat them is no error: the text then says so.
    """
    call = call_of(raw)
    request = {
        "from": sender,
        "to": call.target,
        "data": call.calldata,
        "value": hex(value_of(raw)),
    }
    try:
        await node.ask("eth_call", request, hex(block - 1))
    except CallRevertedError as error:
        return str(error)
    except ChainError as error:
        return f"reverted; reason not available: {error}"
    return "reverted; a repetition succeeds: out of gas, or the state had changed"
