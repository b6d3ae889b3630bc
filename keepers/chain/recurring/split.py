"""Requests for many items, halved on failure, so that a bad item fails alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from keepers.chain.node_errors import kind_of
from keepers.chain.rpc import METHOD_NOT_FOUND
from keepers.model.chain import NodeErrorKind
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ChainError,
    ChainUnreachableError,
    ContractMissingError,
    NodeRefusedError,
    PayloadTooLargeError,
)

T = TypeVar("T")
R = TypeVar("R")
Ask = Callable[[Sequence[T]], Awaitable[Sequence[R]]]
"""One request for several items; returns one result for each, in order."""

Page = tuple[Sequence[R], int]
"""Elements of a page, and the start of the next one; 0 at the end."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def is_too_much(error: ChainError, count: int) -> bool:
    """Return whether a smaller request may succeed, or the only item is the cause.

    A node that does not respond to many items may be overloaded; for one item, it is down.
    """
    match error:
        case NodeRefusedError(code=code) if code == METHOD_NOT_FOUND:
            return False
        case _ if kind_of(error) is NodeErrorKind.RATE_LIMITED:
            return False
        case PayloadTooLargeError() | CallRevertedError() | NodeRefusedError():
            return True
        case BadAnswerError() | ContractMissingError():
            return True
        case ChainUnreachableError():
            return count > 1
        case _:
            return False


async def in_parts(items: Sequence[T], size: int, ask: Ask[T, R]) -> list[R | None]:
    """Request all items, at most `size` at once; a part that fails is halved down to one item.

    Returns:
        A result for each item, in order; None for an item that cannot be requested.

    Raises:
        ChainError: The node is down, limits requests, or does not know the method.
    """
    found: list[R | None] = []
    for start in range(0, len(items), size):
        found += await _halved(items[start : start + size], ask)
    return found


async def _halved(part: Sequence[T], ask: Ask[T, R]) -> list[R | None]:
    try:
        return list(await ask(part))
    except ChainError as error:
        if not is_too_much(error, len(part)):
            raise
        if len(part) == 1:
            _log.warning("recurring item skipped", item=str(part[0]), reason=str(error))
            return [None]
    middle = len(part) // 2
    return [*await _halved(part[:middle], ask), *await _halved(part[middle:], ask)]


async def pages(ends: int, size: int, read: Callable[[int, int], Awaitable[Page[R]]]) -> list[R]:
    """Read the records from 1 up to but excluding `ends`, in pages; a page that fails is halved.

    A page may end early, and returns the start of the next one. A single record that cannot be read
    is skipped. After a success, pages grow again.

    Raises:
        ChainError: As for `in_parts`.
    """
    found: list[R] = []
    first, count = 1, size
    while first < ends:
        count = min(count, ends - first)
        try:
            more, following = await read(first, count)
        except ChainError as error:
            if not is_too_much(error, count):
                raise
            if count > 1:
                count //= 2
                continue
            _log.warning("recurring record skipped", record=first, reason=str(error))
            more, following = (), first + 1
        found += more
        if following <= first:
            break
        first, count = following, min(size, count * 2)
    return found
