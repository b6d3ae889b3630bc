"""One service over HTTP: short requests, bounded answers, no redirects, no secrets in errors."""

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

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from keepers.model.errors.transfers import BadBridgeAnswerError, BridgeUnreachableError
from keepers.model.redaction import mask_url


@dataclass(slots=True)
class Silence:
    """Silence of one service, shared by all who ask it."""

    monotonic: Callable[[], float] = time.monotonic
    _until: float = -inf
    _answered: float = -inf

    def begin(self, service: str) -> float:
        """When a request begins, which is now.

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
        """Note an answer, whatever it says: the service is there."""
        self._answered = self.monotonic()
        self._until = -inf

    def timed_out(self, begun: float, seconds: float) -> None:
        """Note a request without an answer; `seconds` is how long the service is left alone."""
        if self._answered < begun:
            self._until = self.monotonic() + seconds


LONGEST_ANSWER = 1 << 18
"""In bytes; the longest proper answer, all messages of one transaction, has a few thousand."""

THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered; `body` is None where it is no JSON."""

    status: int
    body: Any
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a service listens.

    Attributes:
        name: What it is called in messages.
        url: Its address; https, but for a service on this machine.
        headers: Sent with every request; they may hold keys.
        seconds: How long a request may take in all; so long nothing is asked after one that took
            longer.
        silence: Whether it is left alone now.

    Raises:
        BridgeUnreachableError: The address is plain http to another machine.
    """

    name: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])
    seconds: float = 10
    silence: Silence = field(repr=False, compare=False, default_factory=Silence)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        plain_here = parts.scheme == "http" and parts.hostname in THIS_MACHINE
        if parts.scheme != "https" and not plain_here:
            raise BridgeUnreachableError(self.shown, "a service elsewhere needs https://")

    @property
    def shown(self) -> str:
        """Name and address as they may be shown."""
        return f"{self.name} at {mask_url(self.url)}"

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Ask; see `send`."""
        return await self.send("GET", path, query=query)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; where HTTP calls it idempotent the library repeats it on a broken line.

        Raises:
            BridgeUnreachableError: No answer in time, or one of status 5xx, or it is left alone
                after a time-out.
            BadBridgeAnswerError: It is too long, or says 200 and is no JSON.
        """
        address = f"{self.url.rstrip('/')}{path}"
        begun = self.silence.begin(self.shown)
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=self.seconds)) as session,
                session.request(
                    method,
                    address,
                    params=query,
                    json=body,
                    headers={**self.headers, **(headers or {})},
                    allow_redirects=False,
                ) as response,
            ):
                return await self._read(response)
        except TimeoutError:
            self.silence.timed_out(begun, self.seconds)
            raise BridgeUnreachableError(self.shown, "no answer in time") from None
        except (ClientError, OSError) as error:
            # `from None`: their texts have the whole address.
            raise BridgeUnreachableError(self.shown, type(error).__name__) from None

    async def _read(self, response: ClientResponse) -> Answer:
        text = b""
        async for chunk in response.content.iter_any():
            text += chunk
            if len(text) > LONGEST_ANSWER:
                raise BadBridgeAnswerError(self.shown, f"it is above {LONGEST_ANSWER} bytes")
        self.silence.answered()
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise BridgeUnreachableError(self.shown, f"HTTP {response.status}")
        after = response.headers.get("Retry-After", "")
        wait = int(after) if after.isdecimal() and len(after) < len("10000000") else None
        return Answer(response.status, self._parsed(text, response.status), wait)

    def _parsed(self, text: bytes, status: int) -> Any:  # noqa: ANN401 - whatever it says
        try:
            return json.loads(text, parse_float=_exact, parse_constant=_no_number)
        except (ValueError, RecursionError):
            if status == HTTPStatus.OK:
                raise BadBridgeAnswerError(self.shown, "it is not JSON") from None
            return None


def _exact(text: str) -> Fraction:
    """A number as it is written; no float touches a fee."""
    if not _DECIMAL.fullmatch(text):
        _no_number(text)
    return Fraction(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
