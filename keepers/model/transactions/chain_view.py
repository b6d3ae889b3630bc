"""What several nodes of one chain say together."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.chain import AccessList, Head
from keepers.model.node_error import NodeErrorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainView:
    """One moment of a chain, for one account. Everything is of the same block, the head.

    Attributes:
        head: The highest block that a quorum of nodes has.
        gas_limit: Of that block.
        nonce: Transactions of the account that are included up to the head, by a quorum.
        pending_nonce: The same with those under way, the most that a node knows of.
        balance: The account's coins, in wei.
        safe: The newest safe block; None where the chain has no such tag.
        finalized: The newest final block; None where the chain has no such tag.
    """

    head: Head
    gas_limit: int
    nonce: int
    pending_nonce: int
    balance: int
    safe: int | None
    finalized: int | None


@dataclass(frozen=True, slots=True)
class FeeMarket:
    """What gas costs now, in wei: the base fee of the head, and the tip that nodes suggest."""

    base_fee: int
    tip: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Gas that a call takes, with the access list under which it takes that, if any helps."""

    gas: int
    access_list: AccessList


@dataclass(frozen=True, slots=True)
class MadeCall:
    """What a transaction in a block does: where to, with which data, with how much (wei)."""

    target: str | None
    calldata: str
    value: int


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """What one node said to bytes; `problem` is None where it took them.

    Attributes:
        node: The node's address as it may be shown.
        problem: What its error means.
        message: Its own words.
    """

    node: str
    problem: NodeErrorKind | None
    message: str = ""
