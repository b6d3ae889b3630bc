"""Next step after each error of a node, as documented in docs/reference/nodes.md."""

from __future__ import annotations

from enum import StrEnum

from keepers.model.chain import NodeErrorKind


class Reaction(StrEnum):
    """Next step of the engine; none of them means that the bytes did not leave."""

    ADOPT = "adopt"
    """The node has these bytes: continue as if it had accepted them."""

    CHECK_NONCE = "check_nonce"
    """The nonce is used: find the transaction that used it before anything is sent."""

    BUMP = "bump"
    """These fees are too low; an attempt with higher ones may replace this one."""

    WAIT = "wait"
    """Something outside has to change first; keep the bytes and the nonce, and raise an alarm."""

    GIVE_UP = "give_up"
    """The node will never accept these bytes; only a cancellation may use their nonce."""

    RESEND = "resend"
    """The result is unknown: only the same bytes may be sent again."""


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
