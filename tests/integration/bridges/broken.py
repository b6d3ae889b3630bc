"""The table of bridges and the ways in which they can be broken.

Each row breaks one of four bridges that are asked at once. `answer` is the result of its quote: a
refusal that is a fact, silence that proves nothing, or a quote, if the bridge handles the fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from keepers.model.bridge import BridgeQuote, Unavailable, Unreadable
from keepers.model.errors.chain import ContractMissingError
from scripts.network.bridging import faults
from scripts.network.bridging.server import Fault
from tests.integration.bridges.four import FOUR, Four
from tests.support.bridging import QUOTE
from tests.support.isolation import IsolationRow

Kind: TypeAlias = type[Unavailable] | type[Unreadable] | type[BridgeQuote]
OTHERS = "all other bridges, quoted and tracked at the same time"
MEGABYTE = 1 << 20
REFUSAL = {"code": -2015, "msg": "Invalid API-key", "reason": "Invalid API-key"}


@dataclass(frozen=True, slots=True)
class Broken:
    """A row, the function that applies it, and the expected answer.

    Attributes:
        bridge: The broken bridge.
        tracking: Whether a transfer in transit over it is unreadable as well.
    """

    row: IsolationRow
    bridge: str
    apply: Callable[[Four], None]
    answer: Kind
    tracking: bool = True


def _row(bridge: str, way: str, broken: str, answer: Kind, component: str) -> IsolationRow:
    stops = {
        Unavailable: "the route: the plan does without it at once",
        Unreadable: "the route: nothing is known, so a fallback is taken only after a while",
        BridgeQuote: "nothing",
    }
    return IsolationRow(
        row_id=f"B-{bridge}-{way}",
        component=component,
        broken=broken,
        stops=stops[answer],
        goes_on=OTHERS,
    )


def _service(bridge: str, way: str, broken: str, fault: Fault | None, answer: Kind) -> Broken:
    """Return a row: the bridge's service answers every request wrongly, or slowly if no fault."""

    def apply(four: Four) -> None:
        four.services[bridge].when("", faults.slow(four.gate) if fault is None else fault)

    row = _row(bridge, way, broken, answer, f"service of {bridge}")
    return Broken(row, bridge, apply, answer)


def _route(bridge: str, way: str, broken: str, answered: Any, answer: Kind) -> Broken:
    """Return a row: our route on the source answers `quote` wrongly."""

    def reply(_: bytes) -> bytes:
        if isinstance(answered, Exception):
            raise answered
        return answered

    def apply(four: Four) -> None:
        four.sources[bridge].on(four.routes[bridge], QUOTE, reply)

    row = _row(bridge, way, broken, answer, f"route contract of {bridge}")
    return Broken(row, bridge, apply, answer, tracking=False)


def _circle(way: str, broken: str, number: int, *, far: bool = False) -> Broken:
    """Return a row: Circle's contracts refuse, as reported by our route on one of the chains."""

    def apply(four: Four) -> None:
        four.obstruct(number, far=far)

    row = _row("CCTP", way, broken, Unavailable, "Circle's contracts")
    return Broken(row, "CCTP", apply, Unavailable, tracking=False)


def _words(*numbers: int) -> bytes:
    return b"".join(each.to_bytes(32, "big") for each in numbers)


SERVICES: tuple[tuple[str, str, Fault | None, Kind], ...] = (
    ("SILENT", "closes every connection without an answer", faults.silent, Unreadable),
    ("SLOW", "never answers", None, Unreadable),
    ("DOWN", "answers HTTP 503", faults.down(), Unreadable),
    ("GARBAGE", "answers 200 and no JSON", faults.answering(200, b"\xff<html>"), Unreadable),
    ("NOTHING", "answers 200 and nothing", faults.answering(200, b""), Unreadable),
    ("TYPES", "answers JSON of other types", faults.answering(200, [[[1]]]), Unreadable),
    ("MEGABYTE", "answers ten megabytes", faults.answering(200, b"9" * 10 * MEGABYTE), Unreadable),
    ("NESTED", "answers JSON too deep to read", faults.answering(200, b"[" * 90_000), Unreadable),
    ("BUSY", "answers HTTP 429", faults.answering(429, REFUSAL), Unreadable),
)
"""Faults of any service, applied to every request."""

ROUTES: tuple[tuple[str, str, bytes | Exception, Kind], ...] = (
    ("EMPTY", "has no code", b"", Unreadable),
    ("SHORT", "answers a word too little", _words(0, 0, 1), Unreadable),
    ("ERROR", "cannot be read", ContractMissingError("IBridgeRoute", "0x"), Unreadable),
    ("ZERO", "carries nothing", _words(0, 0, 0, 0), Unavailable),
    ("HUGE", "asks for more than there is, in a megabyte", b"\xff" * MEGABYTE, Unreadable),
    ("LESS", "takes one unit more than before", _words(0, 1, 2, 10**15), BridgeQuote),
)
"""Answers of a route contract."""

BROKEN: tuple[Broken, ...] = (
    *(_service(bridge, *each) for bridge in FOUR for each in SERVICES),
    *(_route(bridge, *each) for bridge in ("CCTP", "OFT") for each in ROUTES),
    _service(
        "CCTP", "DENIED", "answers HTTP 403", faults.answering(403, REFUSAL), Unavailable
    ),
    _service(
        "EXCHANGE", "DENIED", "answers that the key is no good", faults.answering(401, REFUSAL),
        Unavailable,
    ),
    _service(
        "CUSTODIAN", "DENIED", "answers HTTP 403", faults.answering(403, REFUSAL), Unavailable
    ),
    _circle("PAUSED", "message transmitter paused", 1),
    _circle("NO-MINTER", "no minter", 2),
    _circle("MINTER-PAUSED", "minter paused", 3),
    _circle("NO-MESSENGER", "messenger of the other chain removed", 4),
    _circle("ROUTE-DENIED", "our route on the deny list", 5),
    _circle("KEEPER-DENIED", "our keeper on the deny list", 6),
    _circle("PAUSED-THERE", "message transmitter of the destination paused", 1, far=True),
)  # fmt: skip
"""Every row."""
