"""Values exchanged with a chain, and errors and health of its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

AccessList: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Accounts and storage slots that a transaction declares (EIP-2930), in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Head:
    """Fields of a block header that a keeper needs."""

    number: int
    block_hash: str
    at: datetime
    base_fee: int


@dataclass(frozen=True, slots=True)
class ContractCall:
    """Call to send: target, and data in hexadecimal."""

    target: str
    calldata: str


@dataclass(frozen=True, slots=True)
class ValuedCall:
    """Call with the native token sent with it, in wei."""

    call: ContractCall
    value: int = 0


@dataclass(frozen=True, slots=True)
class Fees:
    """Maximum fees per unit of gas, in wei (EIP-1559)."""

    maximum: int
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """Transaction ready to be signed; `value` is the native token that it carries, in wei."""

    chain_id: int
    nonce: int
    call: ContractCall
    gas_limit: int
    fees: Fees
    value: int = 0
    access_list: AccessList = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """Signed transaction: bytes and hash in hexadecimal, and the signer."""

    raw: str
    transaction_hash: str
    sender: str


@dataclass(frozen=True, slots=True)
class ActionEvent:
    """Controller event of an action: `amount` in, `received` out, in the units of the call."""

    token: str
    amount: int
    received: int


@dataclass(frozen=True, slots=True)
class PlanEvents:
    """Controller events of a transaction with several actions.

    Attributes:
        executed: The actions that succeeded, in their order.
        failed: Errors of the others, by index in the call.
    """

    executed: tuple[ActionEvent, ...]
    failed: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Log:
    """Event log of a receipt; topics and data in hexadecimal."""

    address: str
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Receipt of a transaction; has no logs if it reverted."""

    transaction_hash: str
    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    effective_gas_price: int
    logs: tuple[Log, ...] = ()


class NodeErrorKind(StrEnum):
    """Meaning of a node's error."""

    ALREADY_KNOWN = "already_known"
    NONCE_TOO_LOW = "nonce_too_low"
    NONCE_TOO_HIGH = "nonce_too_high"
    REPLACEMENT_UNDERPRICED = "replacement_underpriced"
    FEE_TOO_LOW = "fee_too_low"
    FEE_ABOVE_CAP = "fee_above_cap"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    GAS_LIMIT = "gas_limit"
    EXECUTION_REVERTED = "execution_reverted"
    INVALID = "invalid"
    RESERVED = "reserved"
    POOL_FULL = "pool_full"
    RATE_LIMITED = "rate_limited"
    NODE_BEHIND = "node_behind"
    TRANSPORT = "transport"
    UNKNOWN = "unknown"

    @property
    def of_node(self) -> bool:
        """Return whether the node is at fault, so that another may accept the transaction."""
        return self in {
            NodeErrorKind.POOL_FULL,
            NodeErrorKind.RATE_LIMITED,
            NodeErrorKind.NODE_BEHIND,
            NodeErrorKind.TRANSPORT,
        }


class NodeRole(StrEnum):
    """Role of a node: the requests that it serves."""

    READER = "reader"
    """Serves reads and accepts transactions."""

    SEND_ONLY = "send_only"
    """Accepts transactions only; its view of the chain is ignored."""

    RELAY = "private_relay"
    """Accepts transactions and keeps them out of the public mempool."""


class NodeState(StrEnum):
    """State of a node."""

    UNTRIED = "untried"
    HEALTHY = "healthy"
    BEHIND = "behind"
    FAILING = "failing"
    WRONG_CHAIN = "wrong_chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeHealth:
    """Health of one node at its last request.

    Attributes:
        node: Its masked URL.
        role: Its role.
        state: Its state.
        reason: Reason why it is not healthy, in one clause; empty if it is.
        head: Newest block that the node reported; None before its first response.
        behind: Number of blocks below the head that a quorum agreed on.
        failures: Consecutive requests without a response.
    """

    node: str
    role: NodeRole
    state: NodeState
    reason: str = ""
    head: int | None = None
    behind: int = 0
    failures: int = 0
