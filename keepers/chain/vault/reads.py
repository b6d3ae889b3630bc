"""Reads of one block, shared by all readers of a vault: no read is made twice."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar, cast

import structlog

from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.codec import Call
from keepers.chain.contracts.vault import LiquidityVault
from keepers.chain.node import CallAnswer, Node
from keepers.chain.vault.survey import VaultSurvey
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


T = TypeVar("T")
Read: TypeAlias = tuple[Call[Any], ReadSlot[Any]]

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class BlockReads(ReadBatch):
    """A batch that knows its answers, and takes along what is likely to be asked later.

    What is taken along never makes a request by itself, and never spoils one: where all together
    are too much for the node, what is needed is asked alone. Of what is needed a broken contract
    spoils no more than the questions to itself.
    """

    def __init__(self, node: Node, block: int, at: datetime | None = None) -> None:
        super().__init__(node, at)
        self.block = block
        self._known: dict[Hashable, tuple[Call[Any], ReadSlot[Any]]] = {}
        self._needed: set[Hashable] = set()

    def add(self, call: Call[T]) -> ReadSlot[T]:
        """Collect a read; one that was made already is there at once."""
        question = _question(call)
        self._needed.add(question)
        return self._slot(question, call)

    def take_along(self, call: Call[Any]) -> None:
        """Collect a read that can wait."""
        self._slot(_question(call), call)

    def known(self, call: Call[T]) -> T | None:
        """Return the chain's answer; None if it refused, or was not asked."""
        found = self._known.get(_question(call))
        return None if found is None or not found[1].answered else found[1].found

    async def run(self, block: int) -> None:
        """Make what is needed and not made yet, with what was taken along."""
        waiting = {each: read for each, read in self._known.items() if not read[1].answered}
        needed = [read for each, read in waiting.items() if each in self._needed]
        if not needed:
            return
        # A call that runs out of gas inside a multicall fails alone: what can wait comes last.
        others = [read for each, read in waiting.items() if each not in self._needed]
        asked = [*needed, *others]
        calls = [call for call, _ in needed]
        try:
            answers = await self.node.aggregate([call for call, _ in asked], block)
        except TOO_MUCH as error:
            _log.warning("reads_too_large", reads=len(waiting), needed=len(needed), why=str(error))
            self._forget(others)
            _put(needed, await self._without_others(calls, block, error, had=bool(others)))
            return
        if is_spoilt([call for call, _ in asked], answers):
            spoilt = zip(others, answers[len(needed) :], strict=True)
            self._forget([read for read, answer in spoilt if is_silent(answer)])
        _put(others, answers[len(needed) :])
        _put(needed, await ask_again(self.node, calls, answers[: len(needed)], block))

    async def ask_alone(self, slots: Sequence[ReadSlot[Any]]) -> None:
        """Make these reads once more, each in a request of its own with bounded gas."""
        for slot in slots:
            slot.put(await ask_one(self.node, slot.call, self.block))

    async def _without_others(
        self, calls: Sequence[Call[Any]], block: int, error: Exception, *, had: bool
    ) -> list[CallAnswer]:
        """Read what is needed; in one request if more was in the one that failed."""
        if had:
            try:
                answers = await self.node.aggregate(calls, block)
            except TOO_MUCH as alone:
                return await ask_apart(self.node, calls, block, alone)
            return await ask_again(self.node, calls, answers, block)
        return await ask_apart(self.node, calls, block, error)

    def _forget(self, reads: Sequence[Read]) -> None:
        """Drop reads, so that they are made again when needed."""
        gone = {_question(call) for call, _ in reads}
        self._known = {each: read for each, read in self._known.items() if each not in gone}

    def _slot(self, question: Hashable, call: Call[T]) -> ReadSlot[T]:
        if question not in self._known:
            self._known[question] = (call, ReadSlot(call, self))
        return cast("ReadSlot[T]", self._known[question][1])


class VaultReads:
    """The reads of the block of a vault's snapshot."""

    def __init__(self, node: Node, vault: str, survey: VaultSurvey | None = None) -> None:
        """Without a `survey` nothing is read ahead."""
        self.survey = survey
        self._node = node
        self._vault = LiquidityVault(vault)
        self._now: BlockReads | None = None

    def begin(self, block: int, at: datetime) -> BlockReads:
        """Reads of a block of which nothing is known, not even of one of the same number."""
        self._now = BlockReads(self._node, block, at)
        return self._now

    async def at(self, block: int, at: datetime | None = None) -> BlockReads:
        """Return the reads of a block; `at` is its time, which is read where it is not given."""
        if self._now is None or self._now.block != block:
            return self.begin(block, at or await self._node.time_of(block))
        return self._now

    async def settlement(self, block: int | None = None) -> str:
        """The token in which the vault counts, which never changes."""
        known = None if self.survey is None else self.survey.settlement
        if known is None and self._now is not None:
            known = self._now.known(self._vault.asset())
        known = known or await self._node.read(self._vault.asset(), block)
        if self.survey is not None:
            self.survey.settlement = known
        return known


def _put(reads: Sequence[Read], answers: Sequence[CallAnswer]) -> None:
    for (_, slot), answer in zip(reads, answers, strict=True):
        slot.put(answer)


def _question(call: Call[Any]) -> Hashable:
    return call.function, call.target, call.data
