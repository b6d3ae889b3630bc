"""Errors of signing and audit; none of them leaves anything to store or send.

No message has a key, a password, signed bytes or a signature in it: bytes that were refused could
still be sent by whoever reads a log.
"""

from __future__ import annotations

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message

NOTHING = "nothing was stored or sent"


class SigningError(BallastError):
    """A transaction was not signed as it should be."""


@message("key in {where} cannot be used: {problem}")
class KeyUnusableError(SigningError, exit_status=EXIT_UNUSABLE_INPUT):
    """A key cannot be used at all, until somebody changes where or what it is."""

    where: str
    problem: str


@message("this signer needs {package}, which is not installed; install ballast[{extra}]")
class SignerMissingError(SigningError, exit_status=EXIT_UNUSABLE_INPUT):
    """A signer is configured whose library is not installed."""

    package: str
    extra: str


@message("signer {where} does not answer: {problem}; nothing was stored or sent")
class SignerUnreachableError(SigningError):
    """A signer did not answer; the nonce stays free, and asking again is harmless."""

    where: str
    problem: str


@message("signer {where} refused: {problem}; nothing was stored or sent")
class SignerRefusedError(SigningError):
    """A signer answered that it does not sign this, as its own policy may say."""

    where: str
    problem: str


@message("the signer's answer cannot be used: {problem}; nothing was stored or sent")
class BadSignatureError(SigningError):
    """A signer answered with no signed transaction, or with a signature that chains refuse."""

    problem: str


@message(
    "the signer changed {field} from {asked} to {signed}; nothing was stored or sent. Stop "
    "the keeper and find out why before it signs again"
)
class AlteredTransactionError(SigningError):
    """A signer signed another transaction than it was asked to: it is broken, or taken over."""

    field: str
    asked: object
    signed: object


@message("signed by {actual}, not by {expected}; nothing was stored or sent")
class WrongSignerError(SigningError):
    """A signature is not of the account that it should be of."""

    expected: str
    actual: str


@message("request cannot be used: {field} {problem}")
class RequestError(SigningError):
    """A request to one of our services is not of the form that it takes."""

    field: str
    problem: str


@message("sealed transaction cannot be opened: {problem}; nothing was stored or sent")
class SealError(SigningError):
    """Sealed bytes cannot be opened: another key, another transaction, or damage on the way."""

    problem: str


@message("policy cannot be used: {where}: {problem}")
class PolicyError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """A policy cannot be used."""

    where: str
    problem: str


class AuditRefusedError(BallastError, kind="AuditRefused"):
    """Policy does not allow a transaction; nothing is signed.

    Attributes:
        field: Which field of the transaction; empty where an audit elsewhere does not say.
    """

    def __init__(self, rule: str, problem: str, *, field: str = "") -> None:
        super().__init__(f"policy refuses the transaction: {problem} ({rule}); nothing was signed")
        self.rule = rule
        self.problem = problem
        self.field = field


@message("audit by {where} has no answer: {problem}; nothing was signed")
class AuditUnavailableError(BallastError, kind="AuditUnavailable"):
    """An audit elsewhere gave no answer; nothing is signed without one."""

    where: str
    problem: str
