"""Errors of signing and audit; after any of them there is nothing to store or send.

No message contains a key, a password, signed bytes or a signature: a reader of the log could
still send refused bytes.
"""

from __future__ import annotations

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message

NOTHING = "nothing was stored or sent"


class SigningError(BallastError):
    """Signing failed."""


@message("key in {where} cannot be used: {problem}")
class KeyUnusableError(SigningError, exit_status=EXIT_UNUSABLE_INPUT):
    """The key cannot be used until an operator changes its configuration."""

    where: str
    problem: str


@message("this signer needs {package}, which is not installed; install ballast[{extra}]")
class SignerMissingError(SigningError, exit_status=EXIT_UNUSABLE_INPUT):
    """The library of a configured signer is not installed."""

    package: str
    extra: str


@message("signer {where} does not respond: {problem}; nothing was stored or sent")
class SignerUnreachableError(SigningError):
    """The signer did not respond; the nonce stays free, and a retry is safe."""

    where: str
    problem: str


@message("signer {where} refused: {problem}; nothing was stored or sent")
class SignerRefusedError(SigningError):
    """The signer refused to sign, for example because of its own policy."""

    where: str
    problem: str


@message("the signer's response cannot be used: {problem}; nothing was stored or sent")
class BadSignatureError(SigningError):
    """The signer returned no signed transaction, or a signature that chains reject."""

    problem: str


@message(
    "the signer changed {field} from {asked} to {signed}; nothing was stored or sent. Stop "
    "the keeper and find out why before it signs again"
)
class AlteredTransactionError(SigningError):
    """The signer signed a different transaction: it is faulty or compromised."""

    field: str
    asked: object
    signed: object


@message("signed by {actual}, not by {expected}; nothing was stored or sent")
class WrongSignerError(SigningError):
    """The signature is by another account than expected."""

    expected: str
    actual: str


@message("request cannot be used: {field} {problem}")
class RequestError(SigningError):
    """A request to a Ballast service is malformed."""

    field: str
    problem: str


@message("sealed transaction cannot be opened: {problem}; nothing was stored or sent")
class SealError(SigningError):
    """The encrypted payload cannot be decrypted: wrong key or transaction, or corrupted data."""

    problem: str


@message("policy cannot be used: {where}: {problem}")
class PolicyError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """The policy is invalid."""

    where: str
    problem: str


class AuditRefusedError(BallastError, kind="AuditRefused"):
    """The policy does not allow the transaction; nothing is signed.

    Attributes:
        field: The field of the transaction; empty if a remote audit does not report it.
    """

    def __init__(self, rule: str, problem: str, *, field: str = "") -> None:
        super().__init__(f"policy refuses the transaction: {problem} ({rule}); nothing was signed")
        self.rule = rule
        self.problem = problem
        self.field = field


@message("no audit result from {where}: {problem}; nothing was signed")
class AuditUnavailableError(BallastError, kind="AuditUnavailable"):
    """A remote audit did not respond; nothing is signed without its approval."""

    where: str
    problem: str
