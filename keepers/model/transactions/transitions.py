"""Why a state changes."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Cause(StrEnum):
    """What happened; each has its words in `MEANINGS`."""

    PLAN = "PLAN"
    SUBMIT = "SUBMIT"
    BUILD = "BUILD"
    AUDIT = "AUDIT"
    REBUILD = "REBUILD"
    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"
    REJECT = "REJECT"
    WITHDRAW = "WITHDRAW"
    RESERVE = "RESERVE"
    RELEASE = "RELEASE"
    SIGN = "SIGN"
    BUMP = "BUMP"
    CANCEL = "CANCEL"
    VALIDATE = "VALIDATE"
    REFUSE = "REFUSE"
    SEND = "SEND"
    RECEIPT = "RECEIPT"
    SAFE = "SAFE"
    FINALITY = "FINALITY"
    FOREIGN = "FOREIGN"
    REORG = "REORG"
    ANSWER = "ANSWER"
    ACQUIRE = "ACQUIRE"
    RENEW = "RENEW"
    TAKE_OVER = "TAKE_OVER"
    CLAIM = "CLAIM"
    START = "START"
    SKIP = "SKIP"


class Note(StrEnum):
    """What is remembered beside the moves, because a person or the engine says so."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    WANT = "WANT"
    ASK = "ASK"
    APPROVE = "APPROVE"
    DECIDE = "DECIDE"
    TAKE_UP = "TAKE_UP"


MEANINGS: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.PLAN: "a run has this step",
        Cause.SUBMIT: "asked for, under a key that is used once; a failed step may be tried again",
        Cause.BUILD: "the call is built: target, data, gas",
        Cause.AUDIT: "simulated and within policy",
        Cause.REBUILD: "what was built or audited is out of date",
        Cause.BLOCK: "must wait for a person or for funds; a nonce without signature is given back",
        Cause.UNBLOCK: "may go on, from the beginning",
        Cause.REJECT: "simulation, policy or signer says no before anything is signed",
        Cause.WITHDRAW: "called off before anything is signed or asked for",
        Cause.RESERVE: "the lowest free nonce is held",
        Cause.RELEASE: "the nonce is given back before anything is signed for it",
        Cause.SIGN: "the call's signed bytes are stored",
        Cause.BUMP: "the same call at a higher fee is stored",
        Cause.CANCEL: "a transfer of nothing to oneself is stored, to take the nonce",
        Cause.VALIDATE: "the validator agrees with the stored bytes",
        Cause.REFUSE: "the validator does not agree, or the bytes are not to leave after all",
        Cause.SEND: "handed to a node or to the other side, which may not have heard it",
        Cause.RECEIPT: "a receipt by block hash; other attempts of the nonce are replaced",
        Cause.SAFE: "the block is safe",
        Cause.FINALITY: "the block is final; what it decided stays",
        Cause.FOREIGN: "a transaction that is none of ours has consumed the nonce",
        Cause.REORG: "the block is no longer in the chain: back to where it had come by itself",
        Cause.ANSWER: "the other side says so",
        Cause.ACQUIRE: "nobody holds it; the epoch rises",
        Cause.RENEW: "the holder holds it for longer; same epoch",
        Cause.TAKE_OVER: "it has expired by database time; the epoch rises",
        Cause.CLAIM: "inserted first",
        Cause.START: "a run is made for it, in the same transaction",
        Cause.SKIP: "not to be done",
    }
)
