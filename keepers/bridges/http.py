"""Bridge services over HTTP: a pause after a time-out, and responses as typed values."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from http import HTTPStatus
from math import inf
from typing import Any, NoReturn, cast
from urllib.parse import urlsplit

from keepers.http_client import (
    AnswerTooLongError,
    HttpAnswer,
    HttpRequestError,
    HttpTimeoutError,
    is_on_this_machine,
    send_request,
)
from keepers.model.errors.transfers import BadBridgeAnswerError, BridgeUnreachableError
from keepers.model.redaction import mask_url


@dataclass(slots=True)
class Silence:
    """Pause after a time-out of one service, shared by all lanes that use it.

    A time-out counts only if the service has sent no response since that request started: a service
    that responds to other requests is not down.
    """

    monotonic: Callable[[], float] = time.monotonic
    _until: float = -inf
    _answered: float = -inf

    def begin(self, service: str) -> float:
        """Return the start time of a request, which is now.

        Raises:
            BridgeUnreachableError: The pause is in progress.
        """
        now = self.monotonic()
        if now < self._until:
            wait = int(self._until - now) + 1
            problem = f"no response in time to the last request; retried in {wait} s"
            raise BridgeUnreachableError(service, problem)
        return now

    def answered(self) -> None:
        """Record a response of any content, which ends the pause."""
        self._answered = self.monotonic()
        self._until = -inf

    def timed_out(self, begun: float, seconds: float) -> None:
        """Record a request without a response, which starts a pause of the given seconds."""
        if self._answered < begun:
            self._until = self.monotonic() + seconds


LONGEST_ANSWER = 1 << 18
"""In bytes; the longest valid response, all messages of one transaction, has a few thousand."""

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """Response of a service; `body` is None if it is not JSON."""

    status: int
    body: Any
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonService:
    """Client of a JSON service.

    Attributes:
        name: Name of the service in messages.
        url: Address; must be https, except for a service on this machine.
        headers: Headers of every request; they may contain keys.
        seconds: Time limit of a request, and length of the pause after a time-out.
        silence: State of the pause after a time-out.

    Raises:
        BridgeUnreachableError: The address is plain http to another machine.
    """

    name: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])
    seconds: float = 10
    silence: Silence = field(repr=False, compare=False, default_factory=Silence)

    def __post_init__(self) -> None:
        scheme = urlsplit(self.url).scheme
        if scheme != "https" and not (scheme == "http" and is_on_this_machine(self.url)):
            raise BridgeUnreachableError(self.shown, "a remote service requires https://")

    @property
    def shown(self) -> str:
        """Name and masked address."""
        return f"{self.name} at {mask_url(self.url)}"

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> ServiceAnswer:
        """Send a GET request; see `send`."""
        return await self.send("GET", path, query=query)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        """Send one request; the library retries an idempotent one after a broken connection.

        Raises:
            BridgeUnreachableError: No response in time, status 5xx, or the pause after a time-out.
            BadBridgeAnswerError: The response is too long, or has status 200 and is not JSON.
        """
        address = f"{self.url.rstrip('/')}{path}"
        begun = self.silence.begin(self.shown)
        try:
            response = await send_request(
                method,
                address,
                seconds=self.seconds,
                longest=LONGEST_ANSWER,
                query=query,
                headers={**self.headers, **(headers or {})},
                json=body,
            )
        except HttpTimeoutError as error:
            self.silence.timed_out(begun, self.seconds)
            raise BridgeUnreachableError(self.shown, error.problem) from None
        except HttpRequestError as error:
            raise BridgeUnreachableError(self.shown, error.problem) from None
        except AnswerTooLongError:
            problem = f"the response is above {LONGEST_ANSWER} bytes"
            raise BadBridgeAnswerError(self.shown, problem) from None
        self.silence.answered()
        return self._read(response)

    def _read(self, response: HttpAnswer) -> ServiceAnswer:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise BridgeUnreachableError(self.shown, f"HTTP {response.status}")
        after = response.headers.get("Retry-After", "")
        wait = int(after) if after.isdecimal() and len(after) < len("10000000") else None
        return ServiceAnswer(response.status, self._parsed(response.body, response.status), wait)

    def _parsed(self, text: bytes, status: int) -> Any:  # noqa: ANN401 - any JSON
        try:
            return json.loads(text, parse_float=_exact, parse_constant=_no_number)
        except (ValueError, RecursionError):
            if status == HTTPStatus.OK:
                raise BadBridgeAnswerError(self.shown, "the response is not JSON") from None
            return None


def _exact(text: str) -> Fraction:
    """Parse a number exactly; fees are never floats."""
    if not _DECIMAL.fullmatch(text):
        _no_number(text)
    return Fraction(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


_UNSIGNED = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")


class Reader:
    """Reader of one service's responses; any unexpected form raises the service's error."""

    def __init__(self, service: str) -> None:
        self._service = service

    def fields(self, value: object, name: str) -> Mapping[str, Any]:
        """Return an object."""
        if not isinstance(value, Mapping):
            raise self.bad(f"{name} is not an object")
        return cast("Mapping[str, Any]", value)

    def rows(self, value: object, name: str) -> list[Mapping[str, Any]]:
        """Return a list of objects."""
        if not isinstance(value, list):
            raise self.bad(f"{name} is not a list")
        return [self.fields(each, name) for each in cast("list[object]", value)]

    def text(self, fields: Mapping[str, Any], name: str) -> str:
        """Return a non-empty text."""
        value = fields.get(name)
        if not isinstance(value, str) or not value:
            raise self.bad(f"{name} is not a text")
        return value

    def number(self, value: object, name: str) -> Fraction:
        """Return a non-negative number, given as a number or as text, exactly."""
        if isinstance(value, str) and _UNSIGNED.fullmatch(value):
            return Fraction(value)
        if isinstance(value, int | Fraction) and not isinstance(value, bool) and value >= 0:
            return Fraction(value)
        raise self.bad(f"{name} is not a number")

    def whole(self, value: object, name: str) -> int:
        """Return a non-negative whole number."""
        number = self.number(value, name)
        if number.denominator != 1:
            raise self.bad(f"{name} is not a whole number")
        return int(number)

    def data(self, value: object, name: str) -> bytes:
        """Return bytes, given in hexadecimal with `0x`."""
        if isinstance(value, str) and value.startswith("0x"):
            try:
                return bytes.fromhex(value[2:])
            except ValueError:
                pass
        raise self.bad(f"{name} is not hexadecimal bytes")

    def bad(self, problem: str) -> BadBridgeAnswerError:
        """Return the error for an unusable response."""
        return BadBridgeAnswerError(self._service, problem)
