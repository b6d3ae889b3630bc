"""Errors of transfers, bridges and instructions.

None of these means that money is lost, and none permits a second send: a transfer whose bridge
cannot be queried is pending until the chain or an operator settles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message


class BridgeError(BallastError):
    """Base of the errors of bridges."""


@message("{service} does not answer: {problem}; it is asked again later")
class BridgeUnreachableError(BridgeError):
    """The bridge's service did not respond; a retry is safe."""

    service: str
    problem: str


@message("{service} has had enough of our requests; next one in {seconds} s")
class BridgeBusyError(BridgeError):
    """The bridge's service is rate limited and must not be queried for a while."""

    service: str
    seconds: int


@message("{service} gave an answer that cannot be used: {problem}")
class BadBridgeAnswerError(BridgeError):
    """The response of the bridge's service does not match its interface."""

    service: str
    problem: str


@message("{service} refused with {code}: {problem}")
class BridgeRefusedError(BridgeError):
    """The bridge's service refused the request, temporarily or permanently."""

    service: str
    code: str
    problem: str


@message(
    "the transfer left {behind} after the time of this machine's clock, so nothing can be "
    "looked up by time; set the clock right"
)
class ClockBehindError(BridgeError):
    """The local clock is behind the chain, so a history up to now may be incomplete."""

    behind: timedelta


@message(
    "message of the bridge is not the one that was sent: {part} {problem}. It is not used; "
    "look at the departure's transaction, and at who answers for the bridge"
)
class ForgedMessageError(BridgeError):
    """A message or attestation does not match the sent transfer; it is not submitted."""

    part: str
    problem: str


@message("transfer {transfer_id} has not left: {problem}")
class NoDepartureError(BridgeError):
    """The receipt does not show that the transfer was sent."""

    transfer_id: str
    problem: str


@message(
    "transfer {transfer_id} arrived with {amount} units, less than the {minimum} of its "
    "terms; a person has to decide what becomes of it"
)
class ArrivedShortError(BridgeError):
    """Less arrived than the transfer's terms allow; the treasury would revert."""

    transfer_id: str
    amount: int
    minimum: int


@message(
    "{route} has no lane for {asset} from EVM-{source} to EVM-{destination}; add it to the "
    "configuration, or choose another route"
)
class RouteUnavailableError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """The bridge does not carry this asset between these chains."""

    route: str
    asset: str
    source: int
    destination: int


@message(
    "{route} is not in the settings any more; what is under way there waits until it is "
    "again, or until `ballast transfers resolve`"
)
class BridgeGoneError(BridgeError):
    """A transfer is in progress on a bridge that the settings no longer include."""

    route: str


@message("this bridge needs {package}, which is not installed; install ballast[{extra}]")
class LibraryMissingError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """The library of a configured bridge is not installed."""

    package: str
    extra: str


@message(
    "transfer {transfer_id}: {problem}; `ballast transfers show` says where it stands and "
    "what can be done"
)
class CannotBeResolvedError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """The operator's request is not possible in the transfer's current state."""

    transfer_id: str
    problem: str


class AmbiguousTransferError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """The id prefix matches several transfers."""

    def __init__(self, text: str, found: Sequence[str]) -> None:
        super().__init__(f"{text} is the beginning of {', '.join(found)}; say more of it")
        self.text = text
        self.found = tuple(found)


@message(
    "route {route} is deployed, and its service is not configured; add [treasury.bridges.{route}]"
)
class BridgeNotConfiguredError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """A deployed route has no service address in the settings."""

    route: str


@message(
    "route {route} of {asset} on {chain} cannot be used: {problem}; correct the deployments "
    "file, or deploy the route under another name"
)
class UnusableRouteError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """A route in the deployments file has no supported bridge."""

    route: str
    asset: str
    chain: str
    problem: str


@message(
    "key {key!a} came with another instruction before; choose another key, or ask for the "
    "same again"
)
class InstructionKeyTakenError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """The key was used by a different instruction; nothing was stored."""

    key: str


@message("there is no instruction {key!a}; `ballast instructions` lists them")
class UnknownInstructionError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """No instruction has this key."""

    key: str
