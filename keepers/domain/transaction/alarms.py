"""What a person should hear of, while transactions are sent."""

from enum import StrEnum


class Alarm(StrEnum):
    """A kind of trouble. Each has its words in `WORDS`."""

    NODES_UNAVAILABLE = "nodes_unavailable"
    HEAD_STALLED = "head_stalled"
    SEND_UNKNOWN = "send_unknown"
    SEND_REFUSED = "send_refused"
    FEE_CAP = "fee_cap"
    FUNDS = "funds"
    NONCE_GAP = "nonce_gap"
    NONCE_RESERVED = "nonce_reserved"
    FOREIGN_NONCE = "foreign_nonce"
    FOREIGN_PENDING = "foreign_pending"
    REORGANISED = "reorganised"
    FINALITY_BROKEN = "finality_broken"
    SIGNER_UNAVAILABLE = "signer_unavailable"
    SIGNER_DENIED = "signer_denied"
    SIGNER_WRONG = "signer_wrong"
    AUDIT_UNAVAILABLE = "audit_unavailable"
    AUDIT_REFUSED = "audit_refused"
    VALIDATOR_UNAVAILABLE = "validator_unavailable"
    VALIDATOR_REFUSED = "validator_refused"
    SIMULATION_UNAVAILABLE = "simulation_unavailable"
    WOULD_REVERT = "would_revert"
    EXPIRED = "expired"
    QUEUE_FULL = "queue_full"
    PAUSED = "paused"


CRITICAL = frozenset(
    {
        Alarm.FINALITY_BROKEN,
        Alarm.SIGNER_WRONG,
        Alarm.VALIDATOR_REFUSED,
        Alarm.NONCE_RESERVED,
        Alarm.SEND_UNKNOWN,
        Alarm.SEND_REFUSED,
    }
)
"""Somebody should come now; after some of them the engine has paused the sender itself."""
