"""Client of Circle's attestation service, version 2."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from http import HTTPStatus
from math import ceil

from keepers.bridges.http import JsonService, Reader, ServiceAnswer
from keepers.model.bridge import Pending, Wait
from keepers.model.errors.signing import BadSignatureError
from keepers.model.errors.transfers import BadBridgeAnswerError, BridgeBusyError, BridgeRefusedError
from keepers.model.ports import Clock
from keepers.signing.curve import address_of


class Budget:
    """Limit of requests per second, shared by all users of one service."""

    def __init__(self, clock: Clock, service: str, per_second: int) -> None:
        self._clock = clock
        self._service = service
        self._recent: deque[float] = deque(maxlen=per_second)
        self._closed_until = 0.0

    async def spend(self) -> None:
        """Wait until the budget allows one more request.

        Raises:
            BridgeBusyError: The service refuses all requests for a while.
        """
        while True:
            now = self._clock.monotonic()
            if now < self._closed_until:
                raise BridgeBusyError(self._service, ceil(self._closed_until - now))
            wait = self._wait(now)
            if wait <= 0:
                self._recent.append(now)
                return
            await self._clock.sleep(wait)

    def close(self, seconds: int) -> BridgeBusyError:
        """Pause all requests after the service refused one; return the error to raise."""
        self._closed_until = self._clock.monotonic() + seconds
        return BridgeBusyError(self._service, seconds)

    def _wait(self, now: float) -> float:
        if len(self._recent) < (self._recent.maxlen or 1):
            return 0
        return self._recent[0] + 1 - now


PER_SECOND = 30
"""Requests per second; the service allows 35 by its own clock."""

BLOCK_SECONDS = 300
"""Time for which the service refuses all requests after one above its limit."""

COMPLETE = "complete"
NOT_YET = (None, "", "0x", "PENDING")
"""Values of a message or an attestation that is not available yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IrisMessage:
    """Message of a transaction in the service; its bytes are empty until available.

    Attributes:
        delay: Reason why a fast transfer uses standard speed; empty if none.
    """

    complete: bool
    status: str
    message: bytes
    attestation: bytes
    nonce: str
    delay: str


class Iris:
    """Client of the attestation service, within its rate limit."""

    def __init__(self, service: JsonService, clock: Clock) -> None:
        self._service = service
        self._reader = Reader(service.shown)
        self._budget = Budget(clock, service.shown, PER_SECOND)

    async def messages(self, domain: int, transaction_hash: str) -> tuple[IrisMessage, ...]:
        """Return the messages of a transaction by log index; none until the service sees it."""
        query = {"transactionHash": transaction_hash}
        answer = await self._ask("GET", f"/v2/messages/{domain}", query)
        if answer.status == HTTPStatus.NOT_FOUND:
            return ()
        body = self._reader.fields(self._fine(answer), "answer")
        rows = self._reader.rows(body.get("messages"), "messages")
        return tuple(self._message(each) for each in rows)

    async def fees(self, source: int, destination: int) -> dict[int, Fraction]:
        """Return the minimum fees in basis points, by finality threshold."""
        answer = await self._ask("GET", f"/v2/burn/USDC/fees/{source}/{destination}")
        rows = self._reader.rows(self._fine(answer), "fees")
        return {
            self._reader.whole(row.get("finalityThreshold"), "finalityThreshold"): (
                self._reader.number(row.get("minimumFee"), "minimumFee")
            )
            for row in rows
        }

    async def allowance(self) -> Fraction:
        """Return the remaining allowance of fast transfers, in whole tokens."""
        answer = await self._ask("GET", "/v2/fastBurn/USDC/allowance")
        body = self._reader.fields(self._fine(answer), "answer")
        return self._reader.number(body.get("allowance"), "allowance")

    async def attesters(self) -> frozenset[str]:
        """Return the accounts of the service's keys."""
        body = self._reader.fields(self._fine(await self._ask("GET", "/v2/publicKeys")), "answer")
        rows = self._reader.rows(body.get("publicKeys"), "publicKeys")
        points = [self._reader.data(row.get("publicKey"), "publicKey") for row in rows]
        try:
            return frozenset(map(address_of, points))
        except BadSignatureError:
            raise BadBridgeAnswerError(
                self._service.shown, "a publicKey is not a curve point"
            ) from None

    async def reattest(self, nonce: str) -> None:
        """Request a new attestation of a message; idempotent."""
        self._fine(await self._ask("POST", f"/v2/reattest/{nonce}"))

    async def _ask(
        self, method: str, path: str, query: dict[str, str] | None = None
    ) -> ServiceAnswer:
        await self._budget.spend()
        answer = await self._service.send(method, path, query=query)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._budget.close(max(answer.retry_after or 0, BLOCK_SECONDS))
        return answer

    def _fine(self, answer: ServiceAnswer) -> object:
        if answer.status != HTTPStatus.OK:
            status = f"HTTP {answer.status}"
            raise BridgeRefusedError(self._service.shown, status, "see its documentation")
        return answer.body

    def _message(self, row: object) -> IrisMessage:
        fields = self._reader.fields(row, "message")
        status = self._reader.text(fields, "status")
        ready = status == COMPLETE
        message, attestation = (
            self._bytes(fields.get(each)) for each in ("message", "attestation")
        )
        delay, nonce = fields.get("delayReason"), fields.get("eventNonce")
        return IrisMessage(
            complete=ready and bool(message) and bool(attestation),
            status=status,
            message=message,
            attestation=attestation,
            nonce=nonce if isinstance(nonce, str) else "",
            delay=delay if isinstance(delay, str) else "",
        )

    def _bytes(self, value: object) -> bytes:
        return b"" if value in NOT_YET else self._reader.data(value, "message or attestation")


DELAYS = {
    "insufficient_fee": Wait.FEE_TOO_LOW,
    "amount_above_max": Wait.TOO_LARGE,
    "insufficient_allowance_available": Wait.NO_ALLOWANCE,
}


def pending_for(message: IrisMessage) -> Pending:
    """Return the pending state of a message; an unknown delay is kept as text."""
    if not message.delay:
        return Pending(Wait.CONFIRMING, f"the attestation service reports {message.status[:40]}")
    wait = DELAYS.get(message.delay, Wait.PROCESSING)
    return Pending(wait, f"the fast transfer is delayed: {message.delay[:60]}")
