"""The same question to several nodes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from keepers.chain.pool.member import NODE_ERRORS, Member, Work, as_chain_error
from keepers.model.errors.chain import ChainError, NoQuorumError, WrongChainError

T = TypeVar("T")
Settled = Callable[[Sequence[T], int], bool]
"""Whether the answers so far decide, whatever so many more will say."""


@dataclass(frozen=True, slots=True)
class Poll(Generic[T]):
    """What nodes answered, in the order in which they were asked."""

    answers: dict[Member, T]
    failures: dict[Member, ChainError]

    def need(self, quorum: int, what: str) -> None:
        """Raise unless enough nodes answered.

        Raises:
            ChainError: None did; the only node's own words, or that all are of another chain.
            NoQuorumError: Too few did.
        """
        if len(self.answers) >= quorum:
            return
        errors = list(self.failures.values())
        strangers = [each for each in errors if isinstance(each, WrongChainError)]
        if errors and not self.answers and (len(errors) == 1 or len(strangers) == len(errors)):
            raise errors[0]
        raise NoQuorumError(what, quorum, len(self.answers), tuple(map(str, errors)))


async def poll(
    members: Sequence[Member], work: Work[T], *, settled: Settled[T] | None = None
) -> Poll[T]:
    """Ask all at once, until all have answered or failed, or their answers so far decide."""
    tasks = {asyncio.create_task(member.attempt(work)): member for member in members}
    answers: dict[Member, T] = {}
    failures: dict[Member, ChainError] = {}
    pending = set(tasks)
    try:
        while pending and not (settled and settled(list(answers.values()), len(pending))):
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                try:
                    answers[tasks[task]] = task.result()
                except NODE_ERRORS as error:
                    failures[tasks[task]] = as_chain_error(error)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return Poll(_ordered(members, answers), _ordered(members, failures))


def _ordered(members: Sequence[Member], found: dict[Member, T]) -> dict[Member, T]:
    return {member: found[member] for member in members if member in found}
