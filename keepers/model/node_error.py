"""Why a node did not take a transaction, and what may be sent after that."""

from __future__ import annotations

from enum import StrEnum


class Reaction(StrEnum):
    """What the engine may do next; nothing here is a promise that bytes did not leave."""

    ADOPT = "adopt"
    """The node has these bytes: go on as if it had taken them."""

    CHECK_NONCE = "check_nonce"
    """The nonce is used: find out by which transaction, before anything is sent."""

    BUMP = "bump"
    """These fees are too low; an attempt with higher ones may replace this one."""

    WAIT = "wait"
    """Something outside has to change first; keep the bytes and the nonce, and tell somebody."""

    GIVE_UP = "give_up"
    """These bytes will not be taken; only a cancellation may use their nonce."""

    RESEND = "resend"
    """Nothing is known of the bytes: the same ones may be sent again, and no others."""


class NodeErrorKind(StrEnum):
    """What a node's error means."""

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
    def reaction(self) -> Reaction:
        """What may be sent after it."""
        match self:
            case NodeErrorKind.ALREADY_KNOWN:
                return Reaction.ADOPT
            case NodeErrorKind.NONCE_TOO_LOW:
                return Reaction.CHECK_NONCE
            case NodeErrorKind.REPLACEMENT_UNDERPRICED | NodeErrorKind.FEE_TOO_LOW:
                return Reaction.BUMP
            case (
                NodeErrorKind.NONCE_TOO_HIGH
                | NodeErrorKind.FEE_ABOVE_CAP
                | NodeErrorKind.INSUFFICIENT_FUNDS
                | NodeErrorKind.RESERVED
            ):
                return Reaction.WAIT
            case NodeErrorKind.GAS_LIMIT | NodeErrorKind.EXECUTION_REVERTED | NodeErrorKind.INVALID:
                return Reaction.GIVE_UP
            case (
                NodeErrorKind.POOL_FULL
                | NodeErrorKind.RATE_LIMITED
                | NodeErrorKind.NODE_BEHIND
                | NodeErrorKind.TRANSPORT
                | NodeErrorKind.UNKNOWN
            ):
                return Reaction.RESEND

    @property
    def of_node(self) -> bool:
        """Whether it is about the node and not about the transaction: another may do better."""
        return self in {
            NodeErrorKind.POOL_FULL,
            NodeErrorKind.RATE_LIMITED,
            NodeErrorKind.NODE_BEHIND,
            NodeErrorKind.TRANSPORT,
        }
