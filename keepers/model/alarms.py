"""Alarms for operators while transactions are sent."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Alarm(StrEnum):
    """Kind of an alarm. `WORDS` has the text of each."""

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
"""Alarms that need an operator immediately; for some the engine has paused the sender."""

WORDS: Mapping[Alarm, str] = MappingProxyType(
    {
        Alarm.NODES_UNAVAILABLE: "too few nodes respond, or their responses differ",
        Alarm.HEAD_STALLED: "the chain has had no new block for a long time",
        Alarm.SEND_UNKNOWN: "nodes responded to a broadcast with an unknown message",
        Alarm.SEND_REFUSED: "nodes permanently reject the signed bytes",
        Alarm.FEE_CAP: "market fees are above the configured limits",
        Alarm.FUNDS: "the sender has too little native token for gas",
        Alarm.NONCE_GAP: "a nonce is unused, and transactions with higher nonces wait for it",
        Alarm.NONCE_RESERVED: "nodes reserve the account for other transactions",
        Alarm.FOREIGN_NONCE: "an external transaction has used a nonce of the same key",
        Alarm.FOREIGN_PENDING: "an external transaction of the same key is pending",
        Alarm.REORGANISED: "a block with one of our transactions has left the chain",
        Alarm.FINALITY_BROKEN: "a block that was final is no longer in the chain",
        Alarm.SIGNER_UNAVAILABLE: "the signer does not respond",
        Alarm.SIGNER_DENIED: "the signer's own policy rejected a transaction",
        Alarm.SIGNER_WRONG: "the signer returned a different transaction than requested",
        Alarm.AUDIT_UNAVAILABLE: "an auditor does not respond",
        Alarm.AUDIT_REFUSED: "the policy does not allow a transaction",
        Alarm.VALIDATOR_UNAVAILABLE: "the validator does not respond",
        Alarm.VALIDATOR_REFUSED: "the signed bytes differ from the audited transaction",
        Alarm.SIMULATION_UNAVAILABLE: "no node estimated or simulated a call",
        Alarm.WOULD_REVERT: "a pending transaction would revert now",
        Alarm.EXPIRED: "a transaction was not sent or included before it expired",
        Alarm.QUEUE_FULL: "the limit of open transactions is reached",
        Alarm.PAUSED: "the sender is paused",
    }
)
"""Text of each alarm, in one clause."""
