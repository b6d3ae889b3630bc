"""How each node of a chain does, for people and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NodeRole(StrEnum):
    """What a node is asked for."""

    READER = "reader"
    """Reads, and takes transactions."""

    SEND_ONLY = "send_only"
    """Takes transactions; what it says of the chain does not count."""

    RELAY = "private_relay"
    """Takes transactions and keeps them from the public pool."""


class NodeState(StrEnum):
    """What is known of a node."""

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
