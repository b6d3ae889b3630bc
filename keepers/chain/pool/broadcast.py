"""Signed bytes to every node, once each."""

from __future__ import annotations

import asyncio

from eth_utils.crypto import keccak
from hexbytes import HexBytes

from keepers.chain.node_errors import SEND, kind_of
from keepers.chain.pool.member import NODE_ERRORS, Member, as_chain_error
from keepers.chain.pool.members import Members
from keepers.chain.rpc import Requests, RpcError
from keepers.model.errors.chain import BadAnswerError, ChainError, NoRelayError, WrongChainError
from keepers.model.node_error import NodeErrorKind
from keepers.model.node_health import NodeRole
from keepers.model.transactions.chain_view import SendAnswer


async def send_to_all(members: Members, raw: str, *, public: bool) -> tuple[SendAnswer, ...]:
    """Hand bytes to all nodes at once, to the relays alone where not `public`.

    Raises:
        NoRelayError: Not `public`, and there is no relay.
    """
    targets = members.all if public else members.relays
    if not targets:
        raise NoRelayError
    return tuple(await asyncio.gather(*(_send(member, raw) for member in targets)))


async def _send(member: Member, raw: str) -> SendAnswer:
    async def work(requests: Requests) -> None:
        answer = await requests.ask(SEND, raw)
        # A relay may answer with an id of its own. The hash is that of the bytes in any case.
        if member.role is not NodeRole.RELAY and not _is_hash_of(answer, raw):
            raise BadAnswerError(SEND, "no hash, or another one than that of the bytes")

    try:
        await member.attempt(work)
    except NODE_ERRORS as error:
        return SendAnswer(member.shown_url, _problem(error), _words(error))
    return SendAnswer(member.shown_url, None)


def _is_hash_of(answer: object, raw: str) -> bool:
    expected = HexBytes(keccak(HexBytes(raw))).to_0x_hex()
    return isinstance(answer, str) and answer.lower() == expected


def _problem(error: ChainError | RpcError) -> NodeErrorKind:
    """A node of another chain was not sent anything, which is as if it could not be reached."""
    return NodeErrorKind.TRANSPORT if isinstance(error, WrongChainError) else kind_of(error)


def _words(error: ChainError | RpcError) -> str:
    return error.message if isinstance(error, RpcError) else str(as_chain_error(error))
