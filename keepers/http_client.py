"""HTTP requests to services: bounded responses, time limits, no redirects, no secrets in errors.

Used for bridge services, signers, validators and auditors. Each of these modules converts the
errors to its own, with the service's masked address.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class HttpRequestError(Exception):
    """A request without a response; `problem` contains no part of the address."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class HttpTimeoutError(HttpRequestError):
    """No response in time."""

    def __init__(self) -> None:
        super().__init__("no answer in time")


class AnswerTooLongError(Exception):
    """A response larger than the caller allows; it was not read to its end."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, headers (case-insensitive) and body of a response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_on_this_machine(url: str) -> bool:
    """Return whether an address is on this machine, where plain HTTP is allowed."""
    return urlsplit(url).hostname in THIS_MACHINE


async def send_request(
    method: str,
    url: str,
    *,
    seconds: float,
    longest: int,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    data: bytes | None = None,
    tls: ssl.SSLContext | None = None,
    decompress: bool = True,
) -> HttpAnswer:
    """Send one request; the library retries idempotent methods after a broken connection.

    Args:
        method: HTTP method.
        url: The full address.
        seconds: Time limit of the whole request, including the connection.
        longest: Largest body in bytes.
        query: Query parameters.
        headers: Request headers.
        json: Body to encode as JSON.
        data: Body to send unchanged.
        tls: Certificates to trust and to present; the system's by default.
        decompress: Whether to decompress the response.

    Raises:
        HttpTimeoutError: No response in time.
        HttpRequestError: No response, or no trusted connection.
        AnswerTooLongError: The body is above `longest`.
    """
    try:
        async with (
            ClientSession(
                connector=TCPConnector(ssl=tls or True),
                timeout=ClientTimeout(total=seconds),
                auto_decompress=decompress,
            ) as session,
            session.request(
                method,
                url,
                params=query,
                json=json,
                data=data,
                headers=headers,
                allow_redirects=False,
            ) as response,
        ):
            body = await read_bounded(response, longest)
            return HttpAnswer(response.status, response.headers, body)
    except TimeoutError:
        raise HttpTimeoutError from None
    except (ClientError, OSError, ValueError) as error:
        # `from None`: their texts contain the full address.
        raise HttpRequestError(type(error).__name__) from None


async def read_bounded(response: ClientResponse, longest: int) -> bytes:
    """Read a body up to a size limit.

    Raises:
        AnswerTooLongError: The body is longer.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > longest:
            raise AnswerTooLongError
    return bytes(body)
