"""Polls of several nodes, the agreement of a quorum, and values read by a quorum."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from keepers.chain.node_errors import kind_of
from keepers.chain.pool.member import NODE_ERRORS, Member, Work, as_chain_error
from keepers.chain.responses import GET_BLOCK, as_quantity, read_head
from keepers.chain.rpc import Requests, RpcError
from keepers.model.errors.chain import (
    ChainError,
    NodesDisagreeError,
    NoQuorumError,
    WrongChainError,
)

COUNT = "eth_getTransactionCount"
BALANCE = "eth_getBalance"
TIP = "eth_maxPriorityFeePerGas"

T = TypeVar("T")
NumberWork = Callable[[Requests], Coroutine[Any, Any, int]]
Settled = Callable[[Sequence[T], int], bool]
"""Whether the answers so far decide, whatever the given number of outstanding ones will be."""


@dataclass(frozen=True, slots=True)
class Poll(Generic[T]):
    """Answers and failures by node, in the order of the nodes."""

    answers: dict[Member, T]
    failures: dict[Member, ChainError]

    def need(self, quorum: int, what: str) -> None:
        """Require answers from enough nodes.

        Raises:
            ChainError: No node answered: the only node's error, or all nodes are of another chain.
            NoQuorumError: Too few nodes answered.
        """
        if len(self.answers) >= quorum:
            return
        errors = list(self.failures.values())
        of_another = [each for each in errors if isinstance(each, WrongChainError)]
        if errors and not self.answers and (len(errors) == 1 or len(of_another) == len(errors)):
            raise errors[0]
        raise NoQuorumError(what, quorum, len(self.answers), tuple(map(str, errors)))


async def poll(
    members: Sequence[Member], work: Work[T], *, settled: Settled[T] | None = None
) -> Poll[T]:
    """Ask all nodes at once, until all have answered or failed, or the answers decide."""
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


H = TypeVar("H", bound=Hashable)


def agreed(answers: Iterable[H | None], quorum: int, what: str) -> H | None:
    """Return the answer of a quorum that outnumbers every other answer.

    An answer of None means that a node does not know yet, so it opposes no other answer.

    Returns:
        The answer; None if a quorum does not know.

    Raises:
        NodesDisagreeError: No answer has a quorum, or two have one and are equally frequent.
    """
    votes = Counter(answers)
    unknowing = votes.pop(None, 0)
    first, second = _leaders(votes)
    if first >= quorum and first > second:
        return votes.most_common(1)[0][0]
    if unknowing >= quorum and first < quorum:
        return None
    raise NodesDisagreeError(what, quorum)


def agreed_value(answers: Iterable[H], quorum: int, what: str) -> H:
    """Return the agreed answer; None is not a valid answer.

    Raises:
        NodesDisagreeError: As for `agreed`.
    """
    found = agreed(answers, quorum, what)
    if found is None:
        raise NodesDisagreeError(what, quorum)
    return found


def is_settled_by(quorum: int) -> Settled[H | None]:
    """Return a check of whether the result of `agreed` is certain."""

    def settled(answers: Sequence[H | None], outstanding: int) -> bool:
        votes = Counter(answers)
        unknowing = votes.pop(None, 0)
        first, second = _leaders(votes)
        if first >= quorum:
            return first > second + outstanding
        return unknowing >= quorum and first + outstanding < quorum

    return settled


def reached(numbers: Iterable[int], quorum: int) -> int:
    """Return the highest number that a quorum reached; needs at least a quorum of numbers."""
    return sorted(numbers, reverse=True)[quorum - 1]


def majority_reached(numbers: Sequence[int], quorum: int) -> int:
    """Return the highest number that both a quorum and a majority of the answers reached."""
    return reached(numbers, max(quorum, len(numbers) // 2 + 1))


def _leaders(votes: Counter[H | None]) -> tuple[int, int]:
    counts = [count for _, count in votes.most_common(2)]
    first, second, *_ = (*counts, 0, 0)
    return first, second


async def nonce_of(members: Sequence[Member], quorum: int, account: str, block: int) -> int:
    """Return the nonce of an account at a block, by a quorum of the nodes that have the block."""
    return await _number(members, quorum, f"the nonce of {account}", COUNT, account, hex(block))


async def balance_of(members: Sequence[Member], quorum: int, account: str, block: int) -> int:
    """Return an account's balance at a block in wei, by a quorum of the nodes that have it."""
    return await _number(members, quorum, f"the balance of {account}", BALANCE, account, hex(block))


async def pending_nonce(members: Sequence[Member], account: str) -> int:
    """Return the highest nonce of an account on any node, including pending transactions."""
    found = await poll(members, _quantity(COUNT, account, "pending"))
    found.need(1, f"the pending nonce of {account}")
    return max(found.answers.values())


async def suggested_tip(members: Sequence[Member]) -> int:
    """Return the median of the tips that nodes suggest, in wei; the lower of two medians."""
    found = await poll(members, _quantity(TIP))
    found.need(1, "the tip")
    tips = sorted(found.answers.values())
    return tips[(len(tips) - 1) // 2]


async def tagged(members: Sequence[Member], quorum: int, tag: str) -> int | None:
    """Return the newest block that a quorum gives a tag; None if a quorum lacks the tag."""

    async def work(requests: Requests) -> int | None:
        try:
            raw = await requests.ask(GET_BLOCK, tag, False)  # noqa: FBT003 - JSON-RPC's own
        except RpcError as error:
            if kind_of(error).of_node and not _is_about_the_tag(error, tag):
                raise
            return None
        return None if raw is None else read_head(raw).number

    found = await poll(members, work)
    found.need(quorum, f"the {tag} block")
    numbers = [each for each in found.answers.values() if each is not None]
    if len(numbers) >= quorum:
        return majority_reached(numbers, quorum)
    if len(found.answers) - len(numbers) >= quorum:
        return None
    raise NodesDisagreeError(f"the {tag} block", quorum)


def _is_about_the_tag(error: RpcError, tag: str) -> bool:
    """Return whether the error is about the tag, not about a block: `finalized block not found`."""
    return tag in error.message.casefold()


async def _number(
    members: Sequence[Member], quorum: int, what: str, method: str, *params: object
) -> int:
    settled = is_settled_by(quorum)
    found = await poll(members, _quantity(method, *params), settled=settled)
    found.need(quorum, what)
    return agreed_value(found.answers.values(), quorum, what)


def _quantity(method: str, *params: object) -> NumberWork:
    async def work(requests: Requests) -> int:
        return as_quantity(await requests.ask(method, *params), method)

    return work
