"""Node that has not received the newest blocks."""

from __future__ import annotations

from typing import Any

from tests.integration.support.faults import Failure, Outcome, Result
from tests.integration.support.upstream import Ask

BLOCK_PARAMETER = {
    "eth_getBlockByNumber": 0,
    "eth_getBlockReceipts": 0,
    "eth_getTransactionCount": 1,
    "eth_getBalance": 1,
    "eth_getCode": 1,
    "eth_call": 1,
    "eth_estimateGas": 1,
    "eth_createAccessList": 1,
    "eth_feeHistory": 1,
    "eth_getStorageAt": 2,
}
"""Index of each method's block parameter."""

ABOUT_BLOCKS = {"eth_getBlockByNumber", "eth_getBlockReceipts"}
BEHIND_HEAD = {"latest": 0, "pending": 0, "safe": 1, "finalized": 2}
"""Blocks of each tag behind the head, with one slot in an epoch, as the anvils are started."""

UNKNOWN_BLOCK = Failure(-32000, "header not found")


def lagging(ask: Ask, head: int, method: str, params: list[Any]) -> Outcome:
    """Answer as a node whose chain ends at the block `head`. It still accepts transactions."""
    if method == "eth_blockNumber":
        return Result(hex(head))
    if method in BLOCK_PARAMETER:
        return _as_of(ask, head, method, params)
    said = ask(method, params)
    return Result(None) if isinstance(said, Result) and _is_newer(said.value, head) else said


def _as_of(ask: Ask, head: int, method: str, params: list[Any]) -> Outcome:
    position = BLOCK_PARAMETER[method]
    asked = params[position] if len(params) > position else "latest"
    if asked == "earliest" or not isinstance(asked, str):
        return ask(method, params)
    behind = BEHIND_HEAD.get(asked)
    block = int(asked, 16) if behind is None else max(head - behind, 0)
    if block > head:
        return Result(None) if method in ABOUT_BLOCKS else UNKNOWN_BLOCK
    return ask(method, [*params[:position], hex(block), *params[position + 1 :]])


def _is_newer(value: Any, head: int) -> bool:
    """Return whether a receipt, transaction or block is beyond the head."""
    if not isinstance(value, dict):
        return False
    number: Any = value.get("blockNumber") or value.get("number")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return isinstance(number, str) and int(number, 16) > head
