"""What can go wrong between a keeper and its key; none of these leaves anything to store or send.

No message has a key, a password, signed bytes or a signature in it: bytes that were refused could
still be sent by whoever reads a log.
"""

from __future__ import annotations

from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError

NOTHING = "nothing was stored or sent"


class SigningError(BallastError):
    """A transaction was not signed as it should be."""


class KeyUnusableError(SigningError):
    """A key cannot be used at all, until somebody changes where or what it is."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"key in {where} cannot be used: {problem}")
        self.where = where
        self.problem = problem


class SignerMissingError(SigningError):
    """A signer is configured whose library is not installed."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this signer needs {package}, which is not installed; install ballast[{extra}]"
        )
        self.package = package
        self.extra = extra


class SignerUnreachableError(SigningError):
    """A signer did not answer; the nonce stays free, and asking again is harmless."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"signer {where} does not answer: {problem}; {NOTHING}")
        self.where = where
        self.problem = problem


class SignerRefusedError(SigningError):
    """A signer answered that it does not sign this, as its own policy may say."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"signer {where} refused: {problem}; {NOTHING}")
        self.where = where
        self.problem = problem


class BadSignatureError(SigningError):
    """What a signer gave is no signed transaction, or no signature that chains accept."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the signer's answer cannot be used: {problem}; {NOTHING}")
        self.problem = problem


class AlteredTransactionError(SigningError):
    """A signer signed another transaction than it was asked to: it is broken, or taken over."""

    def __init__(self, field: str, asked: object, signed: object) -> None:
        super().__init__(
            f"the signer changed {field} from {asked} to {signed}; {NOTHING}. "
            "Stop the keeper and find out why before it signs again"
        )
        self.field = field
        self.asked = asked
        self.signed = signed


class WrongSignerError(SigningError):
    """A signature is not of the account that it should be of."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"signed by {actual}, not by {expected}; {NOTHING}")
        self.expected = expected
        self.actual = actual


class RequestError(SigningError):
    """A request to one of our services is not of the form that it takes."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"request cannot be used: {field} {problem}")
        self.field = field
        self.problem = problem


class SealError(SigningError):
    """Sealed bytes cannot be opened: another key, another transaction, or damage on the way."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"sealed transaction cannot be opened: {problem}; {NOTHING}")
        self.problem = problem
