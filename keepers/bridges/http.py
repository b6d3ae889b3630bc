"""A bridge's service over HTTP, left alone for a while after a request without an answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from http import HTTPStatus
from math import inf
from typing import Any, NoReturn
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
    """Silence of one service, shared by all lanes that use it.

    A time-out counts only if the service has answered nothing since that request began: a service
    that answers other requests is not away.
    """

    monotonic: Callable[[], float] = time.monotonic
    _until: float = -inf
    _answered: float = -inf

    def begin(self, service: str) -> float:
        """Return the time at which a request begins, which is now.

        Raises:
            BridgeUnreachableError: The service is left alone now.
        """
        now = self.monotonic()
        if now < self._until:
            wait = int(self._until - now) + 1
            problem = f"no answer in time to the last request; asked again in {wait} s"
            raise BridgeUnreachableError(service, problem)
        return now

    def answered(self) -> None:
        """Record an answer, whatever it says: the service is there."""
        self._answered = self.monotonic()
        self._until = -inf

    def timed_out(self, begun: float, seconds: float) -> None:
        """Record a request without an answer; the service is then left alone for `seconds`."""
        if self._answered < begun:
            self._until = self.monotonic() + seconds


LONGEST_ANSWER = 1 << 18
"""In bytes; the longest proper answer, all messages of one transaction, has a few thousand."""

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """An answer of a service; `body` is None where it is no JSON."""

    status: int
    body: Any
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonService:
    """A service of JSON at an address.

    Attributes:
        name: Its name in messages.
        url: Its address; https, but for a service on this machine.
        headers: Sent with every request; they may hold keys.
        seconds: Time limit of a request; the service is left alone for as long after a time-out.
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
            raise BridgeUnreachableError(self.shown, "a service elsewhere needs https://")

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
        """Send one request; where HTTP calls it idempotent the library repeats it on a broken line.

        Raises:
            BridgeUnreachableError: No answer in time, or one of status 5xx, or it is left alone
                after a time-out.
            BadBridgeAnswerError: It is too long, or says 200 and is no JSON.
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
            problem = f"it is above {LONGEST_ANSWER} bytes"
            raise BadBridgeAnswerError(self.shown, problem) from None
        self.silence.answered()
        return self._read(response)

    def _read(self, response: HttpAnswer) -> ServiceAnswer:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise BridgeUnreachableError(self.shown, f"HTTP {response.status}")
        after = response.headers.get("Retry-After", "")
        wait = int(after) if after.isdecimal() and len(after) < len("10000000") else None
        return ServiceAnswer(response.status, self._parsed(response.body, response.status), wait)

    def _parsed(self, text: bytes, status: int) -> Any:  # noqa: ANN401 - whatever it says
        try:
            return json.loads(text, parse_float=_exact, parse_constant=_no_number)
        except (ValueError, RecursionError):
            if status == HTTPStatus.OK:
                raise BadBridgeAnswerError(self.shown, "it is not JSON") from None
            return None


def _exact(text: str) -> Fraction:
    """Read a number exactly; no float touches a fee."""
    if not _DECIMAL.fullmatch(text):
        _no_number(text)
    return Fraction(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
