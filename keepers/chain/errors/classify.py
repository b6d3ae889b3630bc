"""From a node's error to its kind. What the table does not know is unknown, and stays so."""

from __future__ import annotations

from http import HTTPStatus

from keepers.chain.errors.table import rows
from keepers.chain.rpc import REVERTED, RpcError
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ChainUnreachableError,
    NodeRefusedError,
    PayloadTooLargeError,
    UnexplainedRevertError,
)
from keepers.model.node_error import NodeErrorKind

REVERT = "revert"
"""A contract's own words follow it, and they may be any words, `already known` among them. So it
is looked for first, anywhere, and nothing else is then looked for."""

TOO_LARGE = ("too large", "too big", "response size", "out of gas", "gas limit", "timed out")
"""Words of nodes that will not answer as much at once."""

LIMITS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.PAYMENT_REQUIRED})


def classify(method: str, code: int, message: str) -> NodeErrorKind:
    """What an error that a node answered means.

    Args:
        method: What was asked.
        code: JSON-RPC's code.
        message: The node's text.
    """
    if code == REVERTED or REVERT in message.casefold():
        return NodeErrorKind.EXECUTION_REVERTED
    kinds = {row.kind for row in rows() if row.matches(method, code, message.strip())}
    return kinds.pop() if len(kinds) == 1 else NodeErrorKind.UNKNOWN


def kind_of(error: Exception) -> NodeErrorKind:
    """What went wrong with a request, the node's silence included."""
    match error:
        case RpcError(data=bytes()) | CallRevertedError():
            return NodeErrorKind.EXECUTION_REVERTED
        case RpcError() | NodeRefusedError():
            return classify(error.method, error.code, error.message)
        case PayloadTooLargeError():
            # Another node may admit it, and this one has nothing to be left alone for.
            return NodeErrorKind.UNKNOWN
        case ChainUnreachableError() if _status(error) in LIMITS:
            return NodeErrorKind.RATE_LIMITED
        case ChainUnreachableError() | BadAnswerError():
            return NodeErrorKind.TRANSPORT
        case _:
            return NodeErrorKind.UNKNOWN


def is_too_large(error: Exception) -> bool:
    """Whether a request or its answer was too large, so that a part of it may succeed.

    A batch that reverts without a reason has used up its gas: its calls may each fail alone.
    """
    match error:
        case UnexplainedRevertError() | PayloadTooLargeError():
            return True
        case NodeRefusedError() | RpcError():
            return any(words in error.message.casefold() for words in TOO_LARGE)
        case _:
            return False


def _status(error: ChainUnreachableError) -> int | None:
    """HTTP's status, which stands at the end of what the request says of itself."""
    last = error.problem.rpartition(" ")[2]
    return int(last) if last.isascii() and last.isdecimal() else None
