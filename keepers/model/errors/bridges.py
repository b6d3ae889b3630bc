"""What can go wrong between Ballast and those who carry money from chain to chain.

None of these says that money is lost, and none allows a second sending: a transfer whose bridge
cannot be asked is on its way until the chain or a person says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError


class BridgeError(BallastError):
    """Something about a bridge, or about what it said."""


class BridgeUnreachableError(BridgeError):
    """A bridge's service did not answer; asking again is harmless."""

    def __init__(self, service: str, problem: str) -> None:
        super().__init__(f"{service} does not answer: {problem}; it is asked again later")
        self.service = service
        self.problem = problem


class BridgeBusyError(BridgeError):
    """A bridge's service must not be asked for a while."""

    def __init__(self, service: str, seconds: int) -> None:
        super().__init__(f"{service} has had enough of our requests; next one in {seconds} s")
        self.service = service
        self.seconds = seconds


class BadBridgeAnswerError(BridgeError):
    """A bridge's service answered something that is not of its interface."""

    def __init__(self, service: str, problem: str) -> None:
        super().__init__(f"{service} gave an answer that cannot be used: {problem}")
        self.service = service
        self.problem = problem


class BridgeRefusedError(BridgeError):
    """A bridge's service does not do what it was asked for, for now or for good."""

    def __init__(self, service: str, code: str, problem: str) -> None:
        super().__init__(f"{service} refused with {code}: {problem}")
        self.service = service
        self.code = code
        self.problem = problem


class ClockBehindError(BridgeError):
    """Our clock is behind the chain's, so a history up to now may lack what we asked for."""

    def __init__(self, behind: timedelta) -> None:
        super().__init__(
            f"the transfer left {behind} after the time of this machine's clock, so nothing can be "
            "looked up by time; set the clock right"
        )
        self.behind = behind


class ForgedMessageError(BridgeError):
    """A message or its attestation is not what our departure calls for; it is not handed on."""

    def __init__(self, part: str, problem: str) -> None:
        super().__init__(
            f"message of the bridge is not the one that was sent: {part} {problem}. "
            "It is not used; look at the departure's transaction, and at who answers for the bridge"
        )
        self.part = part
        self.problem = problem


class NoDepartureError(BridgeError):
    """A receipt does not show that a transfer left."""

    def __init__(self, transfer_id: str, problem: str) -> None:
        super().__init__(f"transfer {transfer_id} has not left: {problem}")
        self.transfer_id = transfer_id
        self.problem = problem


class ArrivedShortError(BridgeError):
    """Less arrived than the transfer's terms admit; the treasury would refuse it."""

    def __init__(self, transfer_id: str, amount: int, minimum: int) -> None:
        super().__init__(
            f"transfer {transfer_id} arrived with {amount} units, less than the {minimum} of its "
            "terms; a person has to decide what becomes of it"
        )
        self.transfer_id = transfer_id
        self.amount = amount
        self.minimum = minimum


class RouteUnavailableError(BridgeError):
    """A bridge does not carry this asset between these chains."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, route: str, asset: str, source: int, destination: int) -> None:
        super().__init__(
            f"{route} has no lane for {asset} from EVM-{source} to EVM-{destination}; "
            "add it to the configuration, or choose another route"
        )
        self.route = route
        self.asset = asset
        self.source = source
        self.destination = destination


class BridgeGoneError(BridgeError):
    """Something is under way on a bridge that the settings do not have any more."""

    def __init__(self, route: str) -> None:
        super().__init__(
            f"{route} is not in the settings any more; what is under way there waits until it is "
            "again, or until `ballast transfers resolve`"
        )
        self.route = route


class LibraryMissingError(BridgeError):
    """A bridge is configured whose library is not installed."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this bridge needs {package}, which is not installed; install ballast[{extra}]"
        )
        self.package = package
        self.extra = extra


class CannotBeResolvedError(BridgeError):
    """A person asked for what cannot be done with a transfer as it stands."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, transfer_id: str, problem: str) -> None:
        super().__init__(
            f"transfer {transfer_id}: {problem}; `ballast transfers show` says where it stands and "
            "what can be done"
        )
        self.transfer_id = transfer_id
        self.problem = problem


class AmbiguousTransferError(BridgeError):
    """Several transfers have ids that begin so."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, text: str, found: Sequence[str]) -> None:
        super().__init__(f"{text} is the beginning of {', '.join(found)}; say more of it")
        self.text = text
        self.found = tuple(found)
