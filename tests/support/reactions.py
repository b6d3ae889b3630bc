"""Next step after each error of a node, as docs/reference/nodes.md says."""

from __future__ import annotations

from enum import StrEnum

from keepers.model.chain import NodeErrorKind


class Reaction(StrEnum):
    """Next step of the engine; nothing here is a promise that bytes did not leave."""

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


def reaction_to(kind: NodeErrorKind) -> Reaction:
    """Return what may be sent after an error."""
    match kind:
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
