"""Requests to services over HTTP: bounded answers, time limits, no redirects, no secrets in errors.

Bridges' services, signers, validators and auditors are asked through this module. Each of them
turns its errors into errors of its own, with the service's masked address.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class HttpRequestError(Exception):
    """A request without an answer; `problem` has no part of the address."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class HttpTimeoutError(HttpRequestError):
    """No answer in time."""

    def __init__(self) -> None:
        super().__init__("no answer in time")


class AnswerTooLongError(Exception):
    """An answer of more bytes than the caller admits; it was not read to its end."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, headers (in any case) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_on_this_machine(url: str) -> bool:
    """Return whether an address is of this machine, where plain HTTP is admitted."""
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
    """Send one request; where HTTP calls it idempotent the library repeats it on a broken line.

    Args:
        method: HTTP's method.
        url: The whole address.
        seconds: Time limit of the whole request, the connection included.
        longest: Largest body in bytes.
        query: What is appended to the address.
        headers: Sent along.
        json: A body that is encoded as JSON.
        data: A body as it is.
        tls: Certificates to trust and to show; the system's by default.
        decompress: Whether a compressed answer is expanded.

    Raises:
        HttpTimeoutError: No answer in time.
        HttpRequestError: No answer, or none over a trusted connection.
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
        # `from None`: their texts have the whole address.
        raise HttpRequestError(type(error).__name__) from None


async def read_bounded(response: ClientResponse, longest: int) -> bytes:
    """Read a body as far as it may go.

    Raises:
        AnswerTooLongError: It is longer.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > longest:
            raise AnswerTooLongError
    return bytes(body)
