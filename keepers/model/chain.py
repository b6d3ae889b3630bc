"""Values exchanged with a chain, and errors and health of its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

AccessList: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Accounts with storage slots that a transaction names beforehand (EIP-2930), in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Head:
    """A block's header, as far as a keeper needs it."""

    number: int
    block_hash: str
    at: datetime
    base_fee: int


@dataclass(frozen=True, slots=True)
class ContractCall:
    """A call to send: where to, and the data in hexadecimal."""

    target: str
    calldata: str


@dataclass(frozen=True, slots=True)
class ValuedCall:
    """A call with the coins that go along, in wei."""

    call: ContractCall
    value: int = 0


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees that a transaction may pay for a unit of gas, in wei (EIP-1559)."""

    maximum: int
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A transaction ready to be signed; `value` is the chain's coin that it carries, in wei."""

    chain_id: int
    nonce: int
    call: ContractCall
    gas_limit: int
    fees: Fees
    value: int = 0
    access_list: AccessList = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction: its bytes and its hash in hexadecimal, and who signed."""

    raw: str
    transaction_hash: str
    sender: str


@dataclass(frozen=True, slots=True)
class ActionEvent:
    """The controller's event of an action: `amount` in, `received` out, in the call's units."""

    token: str
    amount: int
    received: int


@dataclass(frozen=True, slots=True)
class Log:
    """An event as it stands in a receipt; topics and data in hexadecimal."""

    address: str
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A transaction's receipt; without logs when it reverted."""

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
        """Return whether the node is at fault, so that another may take the transaction."""
        return self in {
            NodeErrorKind.POOL_FULL,
            NodeErrorKind.RATE_LIMITED,
            NodeErrorKind.NODE_BEHIND,
            NodeErrorKind.TRANSPORT,
        }


class NodeRole(StrEnum):
    """Role of a node: the requests that it serves."""

    READER = "reader"
    """Reads, and takes transactions."""

    SEND_ONLY = "send_only"
    """Takes transactions; what it says of the chain does not count."""

    RELAY = "private_relay"
    """Takes transactions and keeps them from the public pool."""


class NodeState(StrEnum):
    """State of a node."""

    UNTRIED = "untried"
    HEALTHY = "healthy"
    BEHIND = "behind"
    FAILING = "failing"
    WRONG_CHAIN = "wrong_chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeHealth:
    """One node, as it was when it was last asked.

    Attributes:
        node: Its address as it may be shown.
        role: What it is asked for.
        state: How it does.
        reason: Why it is not healthy, in one clause; empty if it is.
        head: The newest block that the node reported; None before its first answer.
        behind: How many blocks that is below the head that a quorum agreed on.
        failures: Requests in a row that it did not answer.
    """

    node: str
    role: NodeRole
    state: NodeState
    reason: str = ""
    head: int | None = None
    behind: int = 0
    failures: int = 0
