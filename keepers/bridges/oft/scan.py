"""Client of LayerZero's scan service; its responses inform and prove nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from keepers.bridges.http import JsonService, Reader
from keepers.bridges.lane import Condition
from keepers.model.errors.transfers import BridgeBusyError

DONE = frozenset({"DELIVERED", "SUCCEEDED"})
BROKEN = frozenset({"FAILED", "BLOCKED", "PAYLOAD_STORED"})
WAIT_SECONDS = 60


class MessageStatus(StrEnum):
    """Status of a message in the service."""

    UNSEEN = "UNSEEN"
    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """Status of a message, in the service's own words."""

    status: MessageStatus
    words: str


class Scan:
    """Client of the scan service."""

    def __init__(self, service: JsonService) -> None:
        self._service = service
        self._reader = Reader(service.shown)

    async def message(self, guid: str) -> ScanAnswer:
        """Return the status of a message; a response about another guid does not count."""
        answer = await self._service.get(f"/v1/messages/guid/{guid}")
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise BridgeBusyError(self._service.shown, answer.retry_after or WAIT_SECONDS)
        if answer.status != HTTPStatus.OK:
            return ScanAnswer(MessageStatus.UNSEEN, f"HTTP {answer.status}")
        body = self._reader.fields(answer.body, "answer")
        rows = self._reader.rows(body.get("data"), "data")
        ours = [row for row in rows if str(row.get("guid", "")).lower() == guid.lower()]
        return _answer_of(ours[0]) if ours else ScanAnswer(MessageStatus.UNSEEN, "no such message")


def _answer_of(row: Mapping[str, Any]) -> ScanAnswer:
    status, destination = _name(row.get("status"), "name"), _name(row.get("destination"), "status")
    words = f"{status or 'no status'}, destination {destination or 'unknown'}"
    if {status, destination} & DONE:
        return ScanAnswer(MessageStatus.DELIVERED, words)
    if {status, destination} & BROKEN:
        return ScanAnswer(MessageStatus.FAILED, words)
    return ScanAnswer(MessageStatus.PENDING, words)


def _name(part: object, field: str) -> str:
    if not isinstance(part, Mapping):
        return ""
    value: object = part.get(field)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any JSON
    return value[:40] if isinstance(value, str) else ""


UNUSED_GUID = "0x" + "00" * 32
"""A guid that no message has."""


async def scan_condition(scan: Scan) -> Condition:
    """Check that the scan service responds, by asking for a message that does not exist.

    Raises:
        BridgeError: The service does not respond.
    """
    answer = await scan.message(UNUSED_GUID)
    return Condition("", f"the scan service answers: {answer.words}")
