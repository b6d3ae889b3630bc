"""Property tests: the pool agrees with the honest nodes or fails, for any faulty minority."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keepers.chain.pool.agreement import agreed, is_settled_by, majority_reached, reached
from keepers.model.errors.chain import ChainError
from tests.unit.chain.pool.scripted import ACCOUNT, HEIGHT, Chain, ScriptedNode, honest, pool_of
from tests.unit.chain.pool.test_heads import view_of

Fault = Callable[[ScriptedNode, int], None]


def down(node: ScriptedNode, _: int) -> None:
    node.down = True


def lagging(node: ScriptedNode, number: int) -> None:
    node.height = number


def on_another_fork(node: ScriptedNode, number: int) -> None:
    node.chain = Chain([(0, "a"), (number, "b")])


def ahead_on_another_fork(node: ScriptedNode, number: int) -> None:
    on_another_fork(node, number)
    node.height = HEIGHT + number


def ahead(node: ScriptedNode, number: int) -> None:
    node.height = HEIGHT + number


def lying_about_counts(node: ScriptedNode, number: int) -> None:
    node.says |= {"eth_getTransactionCount": hex(number), "eth_getBalance": hex(number)}


def lying_about_fees(node: ScriptedNode, number: int) -> None:
    usual = node.block

    def block(tag: str, full: bool) -> Any:
        found = usual(tag, full)
        return None if found is None else found | {"baseFeePerGas": hex(10**9 + number)}

    node.says["eth_getBlockByNumber"] = block


def lying_about_tags(node: ScriptedNode, number: int) -> None:
    node.say_of_tag("safe", node.chain.block(number))


FAULTS: list[Fault] = [
    down,
    lagging,
    on_another_fork,
    ahead_on_another_fork,
    ahead,
    lying_about_counts,
    lying_about_fees,
    lying_about_tags,
]


@st.composite
def majorities(draw: st.DrawFn) -> tuple[list[ScriptedNode], list[ScriptedNode]]:
    """Draw nodes of which a minority is faulty; return all, and the honest ones (a quorum)."""
    count = draw(st.integers(3, 7))
    nodes = honest(count)
    bad = draw(st.lists(st.sampled_from(nodes), max_size=count - (count // 2 + 1), unique_by=id))
    for node in bad:
        draw(st.sampled_from(FAULTS))(node, draw(st.integers(0, HEIGHT)))
    return nodes, [node for node in nodes if node not in bad]


@given(majorities())
def test_view__any_faulty_minority__is_what_the_honest_say(
    made: tuple[list[ScriptedNode], list[ScriptedNode]],
) -> None:
    nodes, good = made
    found = asyncio.run(pool_of(nodes).view(ACCOUNT))
    expected = view_of(good[0].chain)
    assert found.pending_nonce >= expected.pending_nonce
    assert replace(found, pending_nonce=expected.pending_nonce) == expected


@given(majorities(), st.lists(st.integers(0, 30), min_size=7, max_size=7))
def test_view__honest_ones_lag_too__is_right_or_nothing(
    made: tuple[list[ScriptedNode], list[ScriptedNode]], lags: list[int]
) -> None:
    nodes, good = made
    for node, lag in zip(good, lags, strict=False):
        node.height = HEIGHT - lag
    try:
        found = asyncio.run(pool_of(nodes).view(ACCOUNT))
    except ChainError:
        return
    heights = sorted(node.height for node in good)
    chain = good[0].chain
    assert heights[0] <= found.head.number <= heights[-1]
    assert found.head.block_hash == chain.hash(found.head.number)
    assert found.nonce == chain.nonce(found.head.number)


@given(majorities(), st.lists(st.integers(0, 8), min_size=7, max_size=7))
def test_view__one_after_the_other__nonce_and_head_never_go_back(
    made: tuple[list[ScriptedNode], list[ScriptedNode]], lags: list[int]
) -> None:
    nodes, good = made

    async def twice() -> None:
        pool = pool_of(nodes)
        first = await pool.view(ACCOUNT)
        for node, lag in zip(good, lags, strict=False):
            node.height = HEIGHT - lag
        try:
            second = await pool.view(ACCOUNT)
        except ChainError:
            return
        assert (second.head.number, second.nonce) >= (first.head.number, first.nonce)

    asyncio.run(twice())


VOTES = st.one_of(st.none(), st.integers(0, 2))


@given(st.integers(1, 4), st.lists(VOTES, max_size=6), st.lists(VOTES, max_size=4), st.data())
def test_settled__whatever_the_rest_says__the_answer_is_the_same(
    quorum: int, early: list[int | None], late: list[int | None], data: st.DataObject
) -> None:
    if not is_settled_by(quorum)(early, len(late)):
        return
    answering = late[: data.draw(st.integers(0, len(late)))]
    assert agreed([*early, *answering], quorum, "it") == agreed(early, quorum, "it")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.data())
def test_reached__by_definition__is_the_highest_that_a_quorum_is_at(
    numbers: list[int], data: st.DataObject
) -> None:
    quorum = data.draw(st.integers(1, len(numbers)))
    found = reached(numbers, quorum)
    assert sum(each >= found for each in numbers) >= quorum
    assert sum(each >= found + 1 for each in numbers) < quorum
    assert majority_reached(numbers, quorum) <= found
    assert sum(each >= majority_reached(numbers, quorum) for each in numbers) * 2 > len(numbers)
