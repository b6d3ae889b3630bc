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


@message("{service} does not respond: {problem}; the request is retried later")
class BridgeUnreachableError(BridgeError):
    """The bridge's service did not respond; a retry is safe."""

    service: str
    problem: str


@message("{service} rate-limited the requests; the next one is sent in {seconds} s")
class BridgeBusyError(BridgeError):
    """The bridge's service is rate limited and must not be queried for a while."""

    service: str
    seconds: int


@message("{service} returned a response that cannot be used: {problem}")
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
    "the transfer was sent {behind} after the time of this machine's clock, so it cannot be "
    "looked up by time; correct the clock"
)
class ClockBehindError(BridgeError):
    """The local clock is behind the chain, so a history up to now may be incomplete."""

    behind: timedelta


@message(
    "message of the bridge is not the one that was sent: {part} {problem}. It is not used; check "
    "the sending transaction, and the service that returned the message"
)
class ForgedMessageError(BridgeError):
    """A message or attestation does not match the sent transfer; it is not submitted."""

    part: str
    problem: str


@message("transfer {transfer_id} was not sent: {problem}")
class NoDepartureError(BridgeError):
    """The receipt does not show that the transfer was sent."""

    transfer_id: str
    problem: str


@message(
    "transfer {transfer_id} arrived with {amount} units, less than the minimum of {minimum} in "
    "its terms; an operator has to decide how it ends"
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
    "{route} is no longer in the settings; transfers in progress wait until the route is added "
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
    "transfer {transfer_id}: {problem}; `ballast transfers show` shows its details and the "
    "possible actions"
)
class CannotBeResolvedError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """The operator's request is not possible in the transfer's current state."""

    transfer_id: str
    problem: str


class AmbiguousTransferError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """The id prefix matches several transfers."""

    def __init__(self, text: str, found: Sequence[str]) -> None:
        super().__init__(f"{text} matches {', '.join(found)}; enter more of the id")
        self.text = text
        self.found = tuple(found)


@message(
    "route {route} is deployed, but its service is not configured; add [treasury.bridges.{route}]"
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
    "key {key!a} was already used for a different instruction; choose another key, or repeat the "
    "same instruction"
)
class InstructionKeyTakenError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """The key was used by a different instruction; nothing was stored."""

    key: str


@message("there is no instruction {key!a}; `ballast instructions` lists them")
class UnknownInstructionError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """No instruction has this key."""

    key: str
