"""Errors and health of a chain's nodes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
        head: The newest block that it told of; None if it was not asked, or never answered.
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
