"""Events of rebalancers that could not book their next run, from `eth_getLogs`."""

from __future__ import annotations

from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import event_topic
from keepers.chain.events.deposits import GET_LOGS
from keepers.chain.pool.heads import Heads
from keepers.chain.pool.member import NODE_ERRORS, as_chain_error
from keepers.chain.pool.members import Members
from keepers.chain.rpc import Requests, RpcError
from keepers.chain.typed import as_bytes, as_list, as_object, as_text
from keepers.model.errors.chain import (
    BadAnswerError,
    ChainError,
    ChainUnreachableError,
    PayloadTooLargeError,
)
from keepers.model.errors.events import RangeRefusedError
from keepers.model.recurring import FailedBooking

FAILED = ("PaidRebalancerRegistry", "FailedRecurringSchedule")

TARGET = 1
"""The topic with the target."""

TOPICS = 3
"""Of such an event: what it is, the target, and why."""


class RecurringFailures:
    """The engine's `FailureLogs`, of whatever contract; it is looked up who knows the contract.

    Head and hashes are a quorum's word, a range is one node's: what it leaves out is found by a
    sweep, and what it makes up is not stuck.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self._heads = Heads(members)

    async def head(self) -> int:
        """The number of the newest block that a quorum has."""
        return (await self._heads.latest()).header.number

    async def hash_at(self, block: int) -> str | None:
        """The hash of a block, by a quorum; None beyond the chain's end."""
        return await self._heads.hash_at(block)

    async def failures(self, first: int, last: int) -> tuple[FailedBooking, ...]:
        """Those of a range of blocks, from the best node that gives them.

        Anybody can emit such an event, in any form: one of another form is left out.

        Raises:
            RangeRefusedError: A node refuses, and no other one does better.
            ChainError: They cannot be read now.
        """
        wanted = {"topics": [event_topic(*FAILED)], "fromBlock": hex(first), "toBlock": hex(last)}

        async def work(requests: Requests) -> list[Any]:
            return as_list(await requests.ask(GET_LOGS, wanted), GET_LOGS)

        await self._members.look_when_due()
        problems: list[ChainError | RpcError] = []
        for member in self._members.ranked():
            try:
                raw = await member.attempt(work)
            except NODE_ERRORS as error:
                problems.append(error)
                continue
            found = (_failure(each) for each in raw)
            return tuple(dict.fromkeys(each for each in found if each is not None))
        refused = next((each for each in problems if _is_refusal(each, first, last)), None)
        if refused is not None:
            raise RangeRefusedError(first, last, str(as_chain_error(refused)))
        raise as_chain_error(problems[0])


def _is_refusal(problem: ChainError | RpcError, first: int, last: int) -> bool:
    """Whether fewer blocks may do. A node that is silent for one block is away."""
    if isinstance(problem, RpcError | PayloadTooLargeError):
        return True
    return isinstance(problem, ChainUnreachableError) and last > first


def _failure(raw: object) -> FailedBooking | None:
    """What an event says; None where it is not one of a rebalancer."""
    log = as_object(raw, GET_LOGS)
    topics = as_list(log.get("topics"), GET_LOGS)
    if len(topics) != TOPICS:
        return None
    target = as_bytes(topics[TARGET], GET_LOGS)
    handler = as_text(log.get("address"), GET_LOGS)
    try:
        return FailedBooking(to_checksum_address(handler), to_checksum_address(target[-20:]))
    except ValueError:
        raise BadAnswerError(GET_LOGS, "an event of another form") from None
