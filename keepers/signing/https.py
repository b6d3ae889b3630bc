"""One request to a signer over TLS: whom we trust, who we are, and for how long we wait."""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

from keepers.model.errors.signing import (
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
)
from keepers.model.redaction import mask_url

LONGEST_ANSWER = 1 << 20
"""Bytes; a transaction has at most an eighth of that."""

THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
FORBIDDEN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
UNREADABLE = "cannot be read, or is no PEM, or has another password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What we show a signer that asks who we are (mTLS)."""

    certificate: Path
    key: Path | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a signer listens.

    Attributes:
        url: Its address; https, but for a signer on this machine.
        seconds: How long a request may take in all, the connection included.
        authority: Certificates to trust instead of the system's.
        identity: What to show it, if it asks.
        path: What follows the address and is no secret, as in `/open`.
    """

    url: str = field(repr=False)
    seconds: float
    authority: Path | None = None
    identity: Identity | None = None
    path: str = ""

    @property
    def shown_url(self) -> str:
        """The address without what may be secret in it."""
        return mask_url(self.url)

    def check(self) -> None:
        """Look at the address and read the files, before they are needed.

        Raises:
            KeyUnusableError: They cannot be used.
        """
        self._context()

    def post(self, body: bytes) -> bytes:
        """Send a request, once, and give its answer.

        It runs in a thread with a loop of its own, so that it can be called from anywhere.

        Raises:
            KeyUnusableError: Certificates cannot be read.
            SignerUnreachableError: No answer, or none over a connection that we trust.
            SignerRefusedError: The signer does not serve us.
            BadSignatureError: The answer never ends.
        """
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(self._post(body))).result()

    async def _post(self, body: bytes) -> bytes:
        connector = TCPConnector(ssl=self._context() or True)
        timeout = ClientTimeout(total=self.seconds)
        try:
            async with (
                ClientSession(
                    connector=connector, timeout=timeout, auto_decompress=False
                ) as session,
                session.post(
                    self._target, data=body, headers=HEADERS, allow_redirects=False
                ) as response,
            ):
                return await self._read(response)
        except TimeoutError:
            raise SignerUnreachableError(self.shown_url, "no answer in time") from None
        except (ClientError, OSError, ValueError) as error:
            # `from None`: their texts have the whole address.
            raise SignerUnreachableError(self.shown_url, type(error).__name__) from None

    async def _read(self, response: ClientResponse) -> bytes:
        answer = b""
        async for chunk in response.content.iter_any():
            answer += chunk
            if len(answer) > LONGEST_ANSWER:
                raise BadSignatureError("it is longer than any transaction")
        if response.status in FORBIDDEN:
            raise SignerRefusedError(self.shown_url, f"HTTP {response.status}")
        if response.status != HTTPStatus.OK and not answer.lstrip().startswith(b"{"):
            raise SignerUnreachableError(self.shown_url, f"HTTP {response.status}")
        return answer

    @property
    def _target(self) -> str:
        return f"{self.url.rstrip('/')}{self.path}" if self.path else self.url

    def _context(self) -> ssl.SSLContext | None:
        """Made anew for every request, so that renewed certificates come into use."""
        parts = urlsplit(self.url)
        if parts.scheme != "https":
            if parts.hostname in THIS_MACHINE:
                return None
            raise KeyUnusableError(self.shown_url, "a signer on another machine needs https://")
        context = _trusting(self.authority)
        if self.identity is not None:
            _show(context, self.identity)
        return context


def _trusting(authority: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ValueError):
        raise KeyUnusableError(str(authority), UNREADABLE) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _show(context: ssl.SSLContext, identity: Identity) -> None:
    """Load our certificate; a password is given even if there is none, or OpenSSL would ask."""
    certificate, key, password = identity.certificate, identity.key, identity.password
    try:
        context.load_cert_chain(certificate, key, password=lambda: password)
    except (OSError, ValueError):
        raise KeyUnusableError(str(key or certificate), UNREADABLE) from None
