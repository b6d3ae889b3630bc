"""A vault's deposits from `eth_getLogs`, and blocks by agreement of the nodes."""

from __future__ import annotations

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from keepers.chain.codec import event_topic
from keepers.chain.node_errors import is_too_large
from keepers.chain.pool.heads import Heads, header_at
from keepers.chain.pool.member import NODE_ERRORS, as_chain_error
from keepers.chain.pool.members import Members
from keepers.chain.responses import Header, as_bytes, as_list, as_object, as_quantity, as_text
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain_events import Deposited, Place, Reading
from keepers.model.errors.chain import (
    BadAnswerError,
    ChainError,
    ChainUnreachableError,
    RangeRefusedError,
)

GET_LOGS = "eth_getLogs"
AMOUNTS = ("uint256", "uint256")
"""What is not indexed of a deposit: assets, shares."""

SILENCE = "no answer in time"
"""What is said of a node that may be at work on too long a range."""


class VaultDeposits:
    """The watcher's `Blocks` of one vault.

    Head and hashes are a quorum's word. A range is read from one node, between two looks at its
    last block: so its logs are of the chain whose block that is.
    """

    def __init__(self, members: Members, vault: str) -> None:
        self._members = members
        self._heads = Heads(members)
        self._vault = vault

    async def head(self) -> int:
        """The number of the newest block that a quorum has."""
        return (await self._heads.latest()).header.number

    async def hash_at(self, block: int) -> str | None:
        """The hash of a block, by a quorum; None beyond the chain's end."""
        return await self._heads.hash_at(block)

    async def deposits(self, first: int, last: int) -> Reading:
        """The deposits from one block to another, from the best node that gives them.

        Raises:
            RangeRefusedError: A node refuses or is silent, and no other one does better.
            ChainError: They cannot be read now.
        """

        async def work(requests: Requests) -> Reading:
            return await self._read(requests, first, last)

        await self._members.look_when_due()
        problems: list[ChainError | RpcError] = []
        for member in self._members.ranked():
            try:
                return await member.attempt(work)
            except NODE_ERRORS as error:
                problems.append(error)
        raise _refusal(first, last, problems)

    async def _read(self, requests: Requests, first: int, last: int) -> Reading:
        begin, end = await _header(requests, first), await _header(requests, last)
        wanted = {
            "address": self._vault,
            "topics": [event_topic("LiquidityVault", "Deposit")],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        raw = as_list(await requests.ask(GET_LOGS, wanted), GET_LOGS)
        if await _header(requests, last) != end:
            raise ChainUnreachableError(requests.shown_url, "its chain changes while it is read")
        found = tuple(_deposit(each, first, last) for each in raw)
        place = Place(last, end.head.block_hash)
        if any(each.block.number == last and each.block != place for each in found):
            raise BadAnswerError(GET_LOGS, "a log of another block")
        return Reading(begin.parent_hash, place, found)


def _refusal(first: int, last: int, problems: list[ChainError | RpcError]) -> ChainError:
    for problem in problems:
        if isinstance(problem, RpcError):
            return RangeRefusedError(first, last, problem.message)
        if isinstance(problem, ChainUnreachableError) and problem.problem == SILENCE:
            return RangeRefusedError(first, last, SILENCE)
        if is_too_large(problem):
            return RangeRefusedError(first, last, "its answer is too large")
    return as_chain_error(problems[0])


async def _header(requests: Requests, block: int) -> Header:
    header = await header_at(block)(requests)
    if header is None:
        raise ChainUnreachableError(requests.shown_url, f"it does not have block {block}")
    return header


def _deposit(raw: object, first: int, last: int) -> Deposited:
    log = as_object(raw, GET_LOGS)
    number = as_quantity(log.get("blockNumber"), GET_LOGS)
    if not first <= number <= last or log.get("removed"):
        raise BadAnswerError(GET_LOGS, "a log of another block")
    try:
        assets, _shares = decode(AMOUNTS, as_bytes(log.get("data"), GET_LOGS))
    except (DecodingError, ValueError):
        raise BadAnswerError(GET_LOGS, "a deposit of another form") from None
    return Deposited(
        block=Place(number, as_text(log.get("blockHash"), GET_LOGS)),
        log_index=as_quantity(log.get("logIndex"), GET_LOGS),
        amount=assets,
    )
