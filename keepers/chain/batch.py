"""Batches of reads: collected, sent in one request, and answered individually."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from keepers.chain.codec import Call
from keepers.chain.node import CallAnswer, Node
from keepers.model.errors.chain import (
    CallRevertedError,
    ContractMissingError,
    UnexplainedRevertError,
)

T = TypeVar("T")


class ReadSlot(Generic[T]):
    """Read of a batch; its value is available once the batch has run."""

    def __init__(self, call: Call[T], batch: ReadBatch) -> None:
        self.call = call
        self._batch = batch
        self._answer: CallAnswer | None = None

    def put(self, answer: CallAnswer) -> None:
        """Store the answer."""
        self._answer = answer

    @property
    def answered(self) -> bool:
        """Whether the read has an answer."""
        return self._answer is not None

    @property
    def value(self) -> T:
        """The contract's answer.

        Raises:
            CallRevertedError: The contract reverted.
            ContractMissingError: There is no contract at the address.
        """
        if self._answer is None:
            raise RuntimeError("the batch was not executed")
        if not self._answer.succeeded and not self._answer.data:
            known = self.call.function
            raise UnexplainedRevertError(known.contract, known.name, self.call.target)
        if not self._answer.succeeded:
            raise self._batch.node.reverts.read(self._answer.data, self._batch.at)
        return self.call.read(self._answer.data)

    @property
    def found(self) -> T | None:
        """The contract's answer; None if it reverted or lacks the function."""
        try:
            return self.value
        except (CallRevertedError, ContractMissingError):
            return None


class ReadBatch:
    """Reads of one block in one request; `at` is the block's time, used in errors."""

    def __init__(self, node: Node, at: datetime | None = None) -> None:
        self.node = node
        self.at = at
        self._slots: list[ReadSlot[Any]] = []

    def add(self, call: Call[T]) -> ReadSlot[T]:
        """Add a read."""
        slot = ReadSlot(call, self)
        self._slots.append(slot)
        return slot

    async def run(self, block: int) -> None:
        """Send all unanswered reads at a block."""
        waiting = [each for each in self._slots if not each.answered]
        if not waiting:
            return
        answers = await self.node.aggregate_in_halves([each.call for each in waiting], block)
        for slot, answer in zip(waiting, answers, strict=True):
            slot.put(answer)

    async def run_at_head(self) -> None:
        """Send all unanswered reads at the newest block."""
        await self.run((await self.node.head()).number)
