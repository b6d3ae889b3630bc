"""Client of a custodian: a crossing is created and read under our key.

PUT /v1/crossings/KEY   the same key and terms return the same crossing
GET /v1/crossings/KEY
GET /v1/lanes/ASSET/SOURCE/DESTINATION
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from http import HTTPStatus

from keepers.bridges.http import JsonService, Reader, ServiceAnswer
from keepers.bridges.lane import Condition
from keepers.model.errors.transfers import BridgeBusyError, BridgeRefusedError

WAIT_SECONDS = 30


class CrossingState(StrEnum):
    """State of a crossing."""

    ACCEPTED = "accepted"
    CROSSING = "crossing"
    CROSSED = "crossed"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A crossing as reported by the custodian; the amount is in units of the destination."""

    remote_id: str
    state: CrossingState
    amount: int
    transaction: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTerms:
    """Terms of a lane; amounts in units of the source."""

    open: bool
    fixed: int
    bps: Fraction
    minimum: int
    maximum: int
    seconds: Fraction
    reason: str


class Custodian:
    """Client of the custodian."""

    def __init__(self, service: JsonService) -> None:
        self._service = service
        self._reader = Reader(service.shown)

    async def terms(self, asset: str, source: int, destination: int) -> LaneTerms:
        """Return the current terms of a lane."""
        answer = await self._service.get(f"/v1/lanes/{asset}/{source}/{destination}")
        body, whole = self._fine(answer), self._reader.whole
        return LaneTerms(
            open=body.get("open") is True,
            fixed=whole(body.get("fixed"), "fixed"),
            bps=self._reader.number(body.get("bps"), "bps"),
            minimum=whole(body.get("minimum"), "minimum"),
            maximum=whole(body.get("maximum"), "maximum"),
            seconds=self._reader.number(body.get("seconds"), "seconds"),
            reason=_reason(body),
        )

    async def create(self, key: str, terms: Mapping[str, str]) -> Crossing:
        """Create a crossing; a repetition under the same key returns the same one.

        Raises:
            BridgeRefusedError: The key was used with other terms, or the crossing is refused.
        """
        return self._crossing(
            self._fine(await self._service.send("PUT", f"/v1/crossings/{key}", body=dict(terms)))
        )

    async def find(self, key: str) -> Crossing | None:
        """Return the crossing of a key; None if there is none."""
        answer = await self._service.get(f"/v1/crossings/{key}")
        return None if answer.status == HTTPStatus.NOT_FOUND else self._crossing(self._fine(answer))

    def _fine(self, answer: ServiceAnswer) -> Mapping[str, object]:
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise BridgeBusyError(self._service.shown, answer.retry_after or WAIT_SECONDS)
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            fields = self._reader.fields(answer.body or {}, "answer")
            raise BridgeRefusedError(self._service.shown, f"HTTP {answer.status}", _reason(fields))
        return self._reader.fields(answer.body, "answer")

    def _crossing(self, body: Mapping[str, object]) -> Crossing:
        try:
            state = CrossingState(self._reader.text(body, "state"))
        except ValueError:
            raise self._reader.bad("state is not a known crossing state") from None
        return Crossing(
            remote_id=self._reader.text(body, "id"),
            state=state,
            amount=self._reader.whole(body.get("amount", 0), "amount"),
            transaction=str(body.get("transaction") or ""),
            reason=_reason(body),
        )


def _reason(body: Mapping[str, object]) -> str:
    return str(body.get("reason") or "no reason given")[:120]


def lane_condition(terms: LaneTerms) -> Condition:
    """Return whether the custodian's lane is open."""
    return Condition("" if terms.open else terms.reason, "open")
