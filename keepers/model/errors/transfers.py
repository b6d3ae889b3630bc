"""Errors of transfers, bridges and instructions.

None of these says that money is lost, and none allows a second sending: a transfer whose bridge
cannot be asked is on its way until the chain or a person says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from keepers.model.errors import EXIT_UNUSABLE_INPUT, BallastError, message


class BridgeError(BallastError):
    """Something about a bridge, or about what it said."""


@message("{service} does not answer: {problem}; it is asked again later")
class BridgeUnreachableError(BridgeError):
    """A bridge's service did not answer; asking again is harmless."""

    service: str
    problem: str


@message("{service} has had enough of our requests; next one in {seconds} s")
class BridgeBusyError(BridgeError):
    """A bridge's service must not be asked for a while."""

    service: str
    seconds: int


@message("{service} gave an answer that cannot be used: {problem}")
class BadBridgeAnswerError(BridgeError):
    """A bridge's service answered something that is not of its interface."""

    service: str
    problem: str


@message("{service} refused with {code}: {problem}")
class BridgeRefusedError(BridgeError):
    """A bridge's service does not do what it was asked for, for now or for good."""

    service: str
    code: str
    problem: str


@message(
    "the transfer left {behind} after the time of this machine's clock, so nothing can be "
    "looked up by time; set the clock right"
)
class ClockBehindError(BridgeError):
    """Our clock is behind the chain's, so a history up to now may lack what we asked for."""

    behind: timedelta


@message(
    "message of the bridge is not the one that was sent: {part} {problem}. It is not used; "
    "look at the departure's transaction, and at who answers for the bridge"
)
class ForgedMessageError(BridgeError):
    """A message or its attestation is not what our departure calls for; it is not handed on."""

    part: str
    problem: str


@message("transfer {transfer_id} has not left: {problem}")
class NoDepartureError(BridgeError):
    """A receipt does not show that a transfer left."""

    transfer_id: str
    problem: str


@message(
    "transfer {transfer_id} arrived with {amount} units, less than the {minimum} of its "
    "terms; a person has to decide what becomes of it"
)
class ArrivedShortError(BridgeError):
    """Less arrived than the transfer's terms admit; the treasury would refuse it."""

    transfer_id: str
    amount: int
    minimum: int


@message(
    "{route} has no lane for {asset} from EVM-{source} to EVM-{destination}; add it to the "
    "configuration, or choose another route"
)
class RouteUnavailableError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """A bridge does not carry this asset between these chains."""

    route: str
    asset: str
    source: int
    destination: int


@message(
    "{route} is not in the settings any more; what is under way there waits until it is "
    "again, or until `ballast transfers resolve`"
)
class BridgeGoneError(BridgeError):
    """Something is under way on a bridge that the settings do not have any more."""

    route: str


@message("this bridge needs {package}, which is not installed; install ballast[{extra}]")
class LibraryMissingError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """A bridge is configured whose library is not installed."""

    package: str
    extra: str


@message(
    "transfer {transfer_id}: {problem}; `ballast transfers show` says where it stands and "
    "what can be done"
)
class CannotBeResolvedError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """A person asked for what cannot be done with a transfer as it stands."""

    transfer_id: str
    problem: str


class AmbiguousTransferError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """Several transfers have ids that begin so."""

    def __init__(self, text: str, found: Sequence[str]) -> None:
        super().__init__(f"{text} is the beginning of {', '.join(found)}; say more of it")
        self.text = text
        self.found = tuple(found)


@message(
    "route {route} is deployed, and its service is not configured; add [treasury.bridges.{route}]"
)
class BridgeNotConfiguredError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """A route is deployed, and the settings do not say where its service is."""

    route: str


@message(
    "route {route} of {asset} on {chain} cannot be used: {problem}; correct the deployments "
    "file, or deploy the route under another name"
)
class UnusableRouteError(BridgeError, exit_status=EXIT_UNUSABLE_INPUT):
    """A deployments file has a route that no bridge of ours can serve."""

    route: str
    asset: str
    chain: str
    problem: str


@message(
    "key {key!a} came with another instruction before; choose another key, or ask for the "
    "same again"
)
class InstructionKeyTakenError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """The key came with another instruction before; nothing was stored."""

    key: str


@message("there is no instruction {key!a}; `ballast instructions` lists them")
class UnknownInstructionError(BallastError, exit_status=EXIT_UNUSABLE_INPUT):
    """No instruction has this key."""

    key: str
