"""Tests of requests that are halved down to the failing item; only it is left out (R2)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.chain.recurring.split import in_parts, pages
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ChainError,
    ChainUnreachableError,
    NodeRefusedError,
    PayloadTooLargeError,
)

URL = "http://node"
TOO_MUCH = (
    CallRevertedError("no reason given"),
    NodeRefusedError("eth_call", -32000, "out of gas"),
    NodeRefusedError("eth_call", -32000, "execution aborted (timeout = 5s)"),
    BadAnswerError("eth_call", "garbage"),
    PayloadTooLargeError(URL, "ClientResponseError 413"),
)
AWAY = (
    ChainUnreachableError(URL, "no answer in time"),
    ChainUnreachableError(URL, "ClientResponseError 429"),
    NodeRefusedError("eth_call", -32601, "the method does not exist"),
)


@given(bad=st.sets(st.integers(0, 39)), size=st.integers(1, 50))
async def test_parts__bad_items__are_left_out_alone(bad: set[int], size: int) -> None:
    async def ask(part: Sequence[int]) -> Sequence[int]:
        if bad & set(part):
            raise TOO_MUCH[0]
        return part

    found = await in_parts(range(40), size, ask)
    assert found == [None if each in bad else each for each in range(40)]


@given(bad=st.sets(st.integers(1, 40)), size=st.integers(1, 50), most=st.integers(1, 50))
async def test_pages__bad_records__are_left_out_alone(bad: set[int], size: int, most: int) -> None:
    async def read(first: int, count: int) -> tuple[Sequence[int], int]:
        told = range(first, min(first + count, first + most))
        if bad & set(range(first, first + count)):
            raise TOO_MUCH[0]
        following = told[-1] + 1
        return told, following if following <= 40 else 0

    assert await pages(41, size, read) == [each for each in range(1, 41) if each not in bad]


@pytest.mark.parametrize("error", TOO_MUCH, ids=str)
async def test_parts__too_much_at_once__is_asked_in_smaller_parts(error: ChainError) -> None:
    async def ask(part: Sequence[int]) -> Sequence[int]:
        if len(part) > 3:
            raise error
        return part

    assert await in_parts(range(20), 20, ask) == list(range(20))


@pytest.mark.parametrize("error", AWAY, ids=str)
async def test_parts__node_is_away__is_said_soon_and_no_item_blamed(error: ChainError) -> None:
    asked: list[int] = []

    async def ask(part: Sequence[int]) -> Sequence[int]:
        asked.append(len(part))
        raise error

    with pytest.raises(type(error)):
        await in_parts(range(100), 100, ask)
    assert len(asked) <= 8


async def test_pages__one_that_does_not_go_on__ends() -> None:
    async def read(first: int, count: int) -> tuple[Sequence[int], int]:
        del count
        return [first], first

    assert await pages(41, 10, read) == [1]
