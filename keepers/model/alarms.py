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
        Alarm.NODES_UNAVAILABLE: "too few nodes answer, or they do not agree",
        Alarm.HEAD_STALLED: "the chain has had no new block for long",
        Alarm.SEND_UNKNOWN: "nodes answered a broadcast with an unknown message",
        Alarm.SEND_REFUSED: "nodes will never accept the signed bytes",
        Alarm.FEE_CAP: "the market asks for more than the limits allow",
        Alarm.FUNDS: "the sender has too little native token for gas",
        Alarm.NONCE_GAP: "a nonce below others is free, and they wait for it",
        Alarm.NONCE_RESERVED: "nodes reserve the account for other transactions",
        Alarm.FOREIGN_NONCE: "an external transaction has used a nonce of the same key",
        Alarm.FOREIGN_PENDING: "an external transaction of the same key is pending",
        Alarm.REORGANISED: "a block with one of our transactions has left the chain",
        Alarm.FINALITY_BROKEN: "a block that was final is no longer in the chain",
        Alarm.SIGNER_UNAVAILABLE: "the signer does not answer",
        Alarm.SIGNER_DENIED: "the signer's own policy refuses",
        Alarm.SIGNER_WRONG: "the signer returned another transaction than requested",
        Alarm.AUDIT_UNAVAILABLE: "an auditor does not answer",
        Alarm.AUDIT_REFUSED: "an auditor says that policy does not allow it",
        Alarm.VALIDATOR_UNAVAILABLE: "the validator does not answer",
        Alarm.VALIDATOR_REFUSED: "the signed bytes differ from the audited transaction",
        Alarm.SIMULATION_UNAVAILABLE: "no node would estimate or simulate a call",
        Alarm.WOULD_REVERT: "a transaction that waits would revert now",
        Alarm.EXPIRED: "a transaction was not sent or included before its end of validity",
        Alarm.QUEUE_FULL: "the limit of open transactions is reached",
        Alarm.PAUSED: "a pause stops the sender",
    }
)
"""Text of each alarm, in one clause."""
