"""Endpoints of signers, validators and auditors: URL, certificates and timeout."""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from keepers.http_client import (
    AnswerTooLongError,
    HttpAnswer,
    HttpRequestError,
    is_on_this_machine,
    send_request,
)
from keepers.model.errors.signing import (
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
)
from keepers.model.redaction import mask_url

LONGEST_ANSWER = 1 << 20
"""Maximum response size in bytes; a transaction has at most an eighth of that."""

HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
FORBIDDEN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
UNREADABLE = "cannot be read, is not PEM, or has a different password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Client certificate for a service that requires one (mTLS)."""

    certificate: Path
    key: Path | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Endpoint of a signer, validator or auditor.

    Attributes:
        url: Its URL; https, except for a signer on this machine.
        seconds: Timeout of a request, including the connection.
        authority: Certificates to trust instead of the system's.
        identity: Client certificate, if the service requires one.
        path: Public path appended to the URL, such as `/open`.
    """

    url: str = field(repr=False)
    seconds: float
    authority: Path | None = None
    identity: Identity | None = None
    path: str = ""

    @property
    def shown_url(self) -> str:
        """Return the masked URL."""
        return mask_url(self.url)

    def check(self) -> None:
        """Check the URL and read the files, before they are needed.

        Raises:
            KeyUnusableError: The URL or a file cannot be used.
        """
        self._context()

    def post(self, body: bytes) -> bytes:
        """Send a request once, and return its response.

        Runs in a thread with a separate event loop, so that it can be called from any context.

        Raises:
            KeyUnusableError: Certificates cannot be read.
            SignerUnreachableError: No response, or none over a trusted connection.
            SignerRefusedError: The signer does not accept this client.
            BadSignatureError: The response is too long.
        """
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(self._post(body))).result()

    async def _post(self, body: bytes) -> bytes:
        try:
            response = await send_request(
                "POST",
                self._target,
                seconds=self.seconds,
                longest=LONGEST_ANSWER,
                headers=HEADERS,
                data=body,
                tls=self._context(),
                decompress=False,
            )
        except HttpRequestError as error:
            raise SignerUnreachableError(self.shown_url, error.problem) from None
        except AnswerTooLongError:
            raise BadSignatureError("it is too long for a transaction") from None
        return self._read(response)

    def _read(self, response: HttpAnswer) -> bytes:
        if response.status in FORBIDDEN:
            raise SignerRefusedError(self.shown_url, f"HTTP {response.status}")
        if response.status != HTTPStatus.OK and not response.body.lstrip().startswith(b"{"):
            raise SignerUnreachableError(self.shown_url, f"HTTP {response.status}")
        return response.body

    @property
    def _target(self) -> str:
        return f"{self.url.rstrip('/')}{self.path}" if self.path else self.url

    def _context(self) -> ssl.SSLContext | None:
        """Build a new context for every request, so that renewed certificates are used."""
        if urlsplit(self.url).scheme != "https":
            if is_on_this_machine(self.url):
                return None
            raise KeyUnusableError(self.shown_url, "a signer on another machine needs https://")
        context = _trusting(self.authority)
        if self.identity is not None:
            _load_identity(context, self.identity)
        return context


def _trusting(authority: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ValueError):
        raise KeyUnusableError(str(authority), UNREADABLE) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _load_identity(context: ssl.SSLContext, identity: Identity) -> None:
    """Load the client certificate; always pass a password, or OpenSSL would prompt for one."""
    certificate, key, password = identity.certificate, identity.key, identity.password
    try:
        context.load_cert_chain(certificate, key, password=lambda: password)
    except (OSError, ValueError):
        raise KeyUnusableError(str(key or certificate), UNREADABLE) from None
