"""Reads of one block, shared by all readers of a vault, and isolated from broken contracts.

No read is made twice. A multicall is one call on chain: a contract that burns all gas, or returns a
megabyte, affects the reads after it, or all of them. Reads that failed for such a cause are
repeated in halves, down to single reads with bounded gas.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

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

PART_GAS = 20_000_000
"""Gas limit of a part of a spoilt multicall; every normal read uses less."""

TOO_MUCH = (CallRevertedError, NodeRefusedError, BadAnswerError, PayloadTooLargeError)
"""Failures of a multicall as a whole: out of gas, too large for the node, cut off."""

OPTIONAL = frozenset({("AutoVenue", "venuesOf"), ("UniswapV3Venue", "pathOf")})
"""Functions that other kinds of venues lack, so that they revert without a reason."""

SILENT = CallAnswer(succeeded=False, data=b"")

Calls = Sequence[Call[Any]]
T = TypeVar("T")

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class BlockReads(ReadBatch):
    """Batch that keeps its answers, and prefetches reads that are likely to be needed later.

    A prefetched read never causes a request by itself, and never spoils one: if the node refuses
    all reads together as too large, the needed reads are made alone. Among those, a broken contract
    spoils only its own reads.
    """

    def __init__(self, node: Node, block: int, at: datetime | None = None) -> None:
        super().__init__(node, at)
        self.block = block
        self._known: dict[Hashable, ReadSlot[Any]] = {}
        self._needed: set[Hashable] = set()

    def add(self, call: Call[T]) -> ReadSlot[T]:
        """Add a read; one that was already made has its answer at once."""
        self._needed.add(_key(call))
        return self._slot(call)

    def prefetch(self, call: Call[Any]) -> None:
        """Add an optional read."""
        self._slot(call)

    def known(self, call: Call[T]) -> T | None:
        """Return the answer of a read; None if it reverted or was not made."""
        slot = self._known.get(_key(call))
        return None if slot is None or not slot.answered else slot.found

    async def run(self, block: int) -> None:
        """Make all pending needed reads, together with the prefetched ones."""
        waiting = {key: slot for key, slot in self._known.items() if not slot.answered}
        needed = [slot for key, slot in waiting.items() if key in self._needed]
        if not needed:
            return
        # A call that runs out of gas inside a multicall fails alone: optional reads come last.
        others = [slot for key, slot in waiting.items() if key not in self._needed]
        calls, all_calls = _calls(needed), _calls([*needed, *others])
        try:
            answers = await self.node.aggregate(all_calls, block)
        except TOO_MUCH as error:
            _log.warning("reads_too_large", reads=len(waiting), needed=len(needed), why=str(error))
            self._forget(others)
            _put(needed, await self._without_others(calls, block, error, had=bool(others)))
            return
        if _is_spoilt(all_calls, answers):
            spoilt = zip(others, answers[len(needed) :], strict=True)
            self._forget([slot for slot, answer in spoilt if _is_silent(answer)])
        _put(others, answers[len(needed) :])
        _put(needed, await _retry_silent(self.node, calls, answers[: len(needed)], block))

    async def read_alone(self, slots: Sequence[ReadSlot[Any]]) -> None:
        """Repeat these reads, each in a separate request with bounded gas."""
        for slot in slots:
            (found,) = await _part(self.node, [slot.call], self.block)
            slot.put(found or SILENT)

    async def _without_others(
        self, calls: Calls, block: int, error: Exception, *, had: bool
    ) -> list[CallAnswer]:
        """Make the needed reads, in one request if the failed request had other reads."""
        if not had:
            return await _in_halves(self.node, calls, block, error)
        try:
            answers = await self.node.aggregate(calls, block)
        except TOO_MUCH as alone:
            return await _in_halves(self.node, calls, block, alone)
        return await _retry_silent(self.node, calls, answers, block)

    def _forget(self, slots: Sequence[ReadSlot[Any]]) -> None:
        """Drop reads, so that they are made again when needed."""
        gone = {_key(each.call) for each in slots}
        self._known = {key: slot for key, slot in self._known.items() if key not in gone}

    def _slot(self, call: Call[T]) -> ReadSlot[T]:
        slot = self._known.setdefault(_key(call), ReadSlot(call, self))
        return cast("ReadSlot[T]", slot)


class VaultReads:
    """Reads at the block of a vault's snapshot."""

    def __init__(self, node: Node, vault: str, survey: VaultSurvey | None = None) -> None:
        """Set up the reads; without a `survey`, nothing is prefetched."""
        self.survey = survey
        self._node = node
        self._vault = LiquidityVault(vault)
        self._now: BlockReads | None = None

    def begin(self, block: int, at: datetime) -> BlockReads:
        """Start the reads of a block, without answers of another block, even of the same number."""
        self._now = BlockReads(self._node, block, at)
        return self._now

    async def at(self, block: int, at: datetime | None = None) -> BlockReads:
        """Return the reads of a block; `at` is its time, which is read if not given."""
        if self._now is None or self._now.block != block:
            return self.begin(block, at or await self._node.time_of(block))
        return self._now

    async def settlement(self, block: int | None = None) -> str:
        """Return the settlement token, which never changes."""
        known = None if self.survey is None else self.survey.settlement
        if known is None and self._now is not None:
            known = self._now.known(self._vault.asset())
        known = known or await self._node.read(self._vault.asset(), block)
        if self.survey is not None:
            self.survey.settlement = known
        return known


def _calls(slots: Sequence[ReadSlot[Any]]) -> Calls:
    return [each.call for each in slots]


def _put(slots: Sequence[ReadSlot[Any]], answers: Sequence[CallAnswer]) -> None:
    for slot, answer in zip(slots, answers, strict=True):
        slot.put(answer)


def _key(call: Call[Any]) -> Hashable:
    return call.function, call.target, call.data


async def _in_halves(node: Node, calls: Calls, block: int, error: Exception) -> list[CallAnswer]:
    """Repeat in halves the reads that failed together with an error.

    Raises:
        Exception: The error, if not even one read can be made alone.
    """
    if len(calls) < 2:  # noqa: PLR2004 - a single read has no halves
        raise error
    found = await _halves(node, calls, block)
    if all(each is None for each in found):
        raise error
    return [SILENT if each is None else each for each in found]


async def _retry_silent(
    node: Node, calls: Calls, answers: Sequence[CallAnswer], block: int
) -> list[CallAnswer]:
    """Return the answers of a multicall; if it is spoilt, unexplained failures are read again."""
    made = list(answers)
    if len(calls) < 2 or not _is_spoilt(calls, answers):  # noqa: PLR2004
        return made
    silent = [index for index, each in enumerate(answers) if _is_silent(each)]
    again = await _halves(node, [calls[each] for each in silent], block)
    for index, answer in zip(silent, again, strict=True):
        made[index] = answer or SILENT
    return made


def _is_spoilt(calls: Calls, answers: Sequence[CallAnswer]) -> bool:
    """Return whether a read that should have an answer failed without a reason."""
    return any(
        _is_silent(answer) and (call.function.contract, call.function.name) not in OPTIONAL
        for call, answer in zip(calls, answers, strict=True)
    )


def _is_silent(answer: CallAnswer) -> bool:
    """Return whether a call failed without a reason, as when it runs out of gas."""
    return not answer.succeeded and not answer.data


async def _halves(node: Node, calls: Calls, block: int) -> list[CallAnswer | None]:
    middle = (len(calls) + 1) // 2
    parts = [part for part in (calls[:middle], calls[middle:]) if part]
    return [answer for part in parts for answer in await _part(node, part, block)]


async def _part(node: Node, calls: Calls, block: int) -> list[CallAnswer | None]:
    """Return the answers of a part; None for a read that cannot be made even alone."""
    try:
        answers = await node.aggregate(calls, block, PART_GAS)
    except TOO_MUCH:
        return [None] if len(calls) == 1 else await _halves(node, calls, block)
    return [*await _retry_silent(node, calls, answers, block)]
