"""Account, tags and prices, as the nodes that have a block report them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from keepers.chain.node_errors import kind_of
from keepers.chain.pool.agreement import agreed_value, is_settled_by, majority_reached, poll
from keepers.chain.pool.inclusion import COUNT
from keepers.chain.pool.member import Member
from keepers.chain.responses import GET_BLOCK, as_quantity, read_head
from keepers.chain.rpc import Requests, RpcError
from keepers.model.errors.chain import NodesDisagreeError

BALANCE = "eth_getBalance"
TIP = "eth_maxPriorityFeePerGas"
NumberWork = Callable[[Requests], Coroutine[Any, Any, int]]


async def nonce_of(members: Sequence[Member], quorum: int, account: str, block: int) -> int:
    """Transactions of an account up to a block, by a quorum of the nodes that have the block."""
    return await _number(members, quorum, f"the nonce of {account}", COUNT, account, hex(block))


async def balance_of(members: Sequence[Member], quorum: int, account: str, block: int) -> int:
    """An account's balance at a block in wei, by a quorum of the nodes that have the block."""
    return await _number(members, quorum, f"the balance of {account}", BALANCE, account, hex(block))


async def pending_nonce(members: Sequence[Member], account: str) -> int:
    """Transactions of an account with those under way, the most that a node knows of."""
    found = await poll(members, _quantity(COUNT, account, "pending"))
    found.need(1, f"the pending nonce of {account}")
    return max(found.answers.values())


async def suggested_tip(members: Sequence[Member]) -> int:
    """The middle one of the tips that nodes suggest, the lower of two, in wei."""
    found = await poll(members, _quantity(TIP))
    found.need(1, "the tip")
    tips = sorted(found.answers.values())
    return tips[(len(tips) - 1) // 2]


async def tagged(members: Sequence[Member], quorum: int, tag: str) -> int | None:
    """The newest block that a quorum gives a tag; None where a quorum does not know the tag."""

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
    """Whether a node misses not a block but the tag: `finalized block not found`."""
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
