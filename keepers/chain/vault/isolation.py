"""Isolation of broken contracts: many reads of a block in few requests, which fail one by one.

A multicall is one call of the chain. A contract that burns all gas, or answers with a megabyte,
takes from the questions after it, or from all of them. What was not answered for such a cause is
asked again in halves, down to single questions whose gas is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keepers.chain.codec import Call
from keepers.chain.node import CallAnswer, Node
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    NodeRefusedError,
    PayloadTooLargeError,
)

QUESTION_GAS = 20_000_000
"""The most gas that a part of a spoilt multicall gets: every question of ours takes less."""

TOO_MUCH = (CallRevertedError, NodeRefusedError, BadAnswerError, PayloadTooLargeError)
"""Failures of a multicall as a whole: out of gas, too large for the node, cut off."""

OPTIONAL = frozenset({("AutoVenue", "venuesOf"), ("UniswapV3Venue", "pathOf")})
"""Functions that venues of other kinds lack, and so refuse without a reason."""

SILENT = CallAnswer(succeeded=False, data=b"")

Questions = Sequence[Call[Any]]


async def ask_apart(node: Node, calls: Questions, block: int, error: Exception) -> list[CallAnswer]:
    """Make reads in halves that cannot be made together.

    Args:
        node: Whom to ask.
        calls: The questions that failed as one multicall.
        block: At which block.
        error: How they failed.

    Raises:
        Exception: The error, where not even one of them can be asked alone.
    """
    if len(calls) < 2:  # noqa: PLR2004 - one question has no halves
        raise error
    found = await _halves(node, calls, block)
    if all(each is None for each in found):
        raise error
    return [SILENT if each is None else each for each in found]


async def ask_again(
    node: Node, calls: Questions, answers: Sequence[CallAnswer], block: int
) -> list[CallAnswer]:
    """Answers of a multicall, in which silence was asked about once more."""
    made = list(answers)
    if len(calls) < 2 or not is_spoilt(calls, answers):  # noqa: PLR2004
        return made
    places = [place for place, each in enumerate(answers) if is_silent(each)]
    again = await _halves(node, [calls[each] for each in places], block)
    for place, answer in zip(places, again, strict=True):
        made[place] = answer or SILENT
    return made


def is_spoilt(calls: Questions, answers: Sequence[CallAnswer]) -> bool:
    """Whether a question was refused without a reason that should have been answered."""
    return any(
        is_silent(answer) and (call.function.contract, call.function.name) not in OPTIONAL
        for call, answer in zip(calls, answers, strict=True)
    )


def is_silent(answer: CallAnswer) -> bool:
    """Whether a call failed without a reason, as one does that runs out of gas."""
    return not answer.succeeded and not answer.data


async def ask_one(node: Node, call: Call[Any], block: int) -> CallAnswer:
    """Make one read in a request of its own; one that fails is silent."""
    (found,) = await _part(node, [call], block)
    return found or SILENT


async def _halves(node: Node, calls: Questions, block: int) -> list[CallAnswer | None]:
    middle = (len(calls) + 1) // 2
    parts = [part for part in (calls[:middle], calls[middle:]) if part]
    return [answer for part in parts for answer in await _part(node, part, block)]


async def _part(node: Node, calls: Questions, block: int) -> list[CallAnswer | None]:
    """Answers of a part; None for a question that cannot be asked even alone."""
    try:
        answers = await node.aggregate(calls, block, QUESTION_GAS)
    except TOO_MUCH:
        return [None] if len(calls) == 1 else await _halves(node, calls, block)
    return [*await ask_again(node, calls, answers, block)]
