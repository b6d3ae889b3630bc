"""Kinds of node errors, by a table of their texts; an unlisted text is unknown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from keepers.chain.rpc import REVERTED, RpcError
from keepers.model.chain import NodeErrorKind
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ChainUnreachableError,
    NodeRefusedError,
    PayloadTooLargeError,
    UnexplainedRevertError,
)

SEND = "eth_sendRawTransaction"

BEFORE = r"(?:^|: )"
AFTER = r"(?=$|[\s:,.(])"
"""A pattern must be at the start or after a colon, and end at a word boundary: `unknown
transaction` is not `known transaction`."""


@dataclass(frozen=True, slots=True)
class Row:
    """Error text of one client.

    Attributes:
        client: Name of the client, for information.
        kind: Meaning of the text.
        send_only: Whether the meaning applies only to responses to a sent transaction.
        code: JSON-RPC code, if the text alone is ambiguous.
        pattern: Pattern of the text; None if the code suffices.
        text: The client's own text, which the tests classify.
    """

    client: str
    kind: NodeErrorKind
    send_only: bool
    code: int | None
    pattern: re.Pattern[str] | None
    text: str

    def matches(self, method: str, code: int, message: str) -> bool:
        """Return whether an error matches the row."""
        if self.send_only and method != SEND:
            return False
        if self.code is not None and self.code != code:
            return False
        return self.pattern is None or self.pattern.search(message) is not None


@cache
def rows() -> tuple[Row, ...]:
    """Return all rows, in the order of the file."""
    return tuple(_rows(tomllib.loads(_text())))


def _text() -> str:
    table = files("keepers.chain").joinpath("node_errors.toml")
    return table.read_text(encoding="utf-8")


def _rows(table: dict[str, Any]) -> Iterator[Row]:
    for kind, group in table.items():
        for each in group["rows"]:
            yield Row(
                client=each["client"],
                kind=NodeErrorKind(kind),
                send_only=group.get("send_only", False),
                code=each.get("code"),
                pattern=_compiled(each.get("pattern")),
                text=each["text"],
            )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    return re.compile(f"{BEFORE}(?:{pattern}){AFTER}", re.IGNORECASE)


REVERT = "revert"
"""A contract's reason follows, which may be any text, even `already known`. This text is
therefore searched first, anywhere in the message, and ends the search."""

TOO_LARGE = ("too large", "too big", "response size", "out of gas", "gas limit", "timed out")
"""Texts of nodes that refuse a request or response as too large."""

LIMITS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.PAYMENT_REQUIRED})


def classify(method: str, code: int, message: str) -> NodeErrorKind:
    """Return the kind of a node's error.

    Args:
        method: Method of the request.
        code: JSON-RPC code.
        message: The node's text.
    """
    if code == REVERTED or REVERT in message.casefold():
        return NodeErrorKind.EXECUTION_REVERTED
    kinds = {row.kind for row in rows() if row.matches(method, code, message.strip())}
    return kinds.pop() if len(kinds) == 1 else NodeErrorKind.UNKNOWN


def kind_of(error: Exception) -> NodeErrorKind:
    """Return the kind of a failed request, including no response from the node."""
    match error:
        case RpcError(data=bytes()) | CallRevertedError():
            return NodeErrorKind.EXECUTION_REVERTED
        case RpcError() | NodeRefusedError():
            return classify(error.method, error.code, error.message)
        case PayloadTooLargeError():
            # Another node may accept the request, and this node needs no pause.
            return NodeErrorKind.UNKNOWN
        case ChainUnreachableError() if _status(error) in LIMITS:
            return NodeErrorKind.RATE_LIMITED
        case ChainUnreachableError() | BadAnswerError():
            return NodeErrorKind.TRANSPORT
        case _:
            return NodeErrorKind.UNKNOWN


def is_too_large(error: Exception) -> bool:
    """Return whether a request or its response was too large, so that a part may succeed.

    A batch that reverts without a reason has run out of gas; in parts, a bad call fails alone.
    """
    match error:
        case UnexplainedRevertError() | PayloadTooLargeError():
            return True
        case NodeRefusedError() | RpcError():
            return any(words in error.message.casefold() for words in TOO_LARGE)
        case _:
            return False


def _status(error: ChainUnreachableError) -> int | None:
    """Return the HTTP status at the end of an error's text."""
    last = error.problem.rpartition(" ")[2]
    return int(last) if last.isascii() and last.isdecimal() else None
