"""Mutual TLS of services that hold keys: only clients with an allowed certificate are served."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import structlog
from aiohttp import web

from keepers.model.errors.signing import KeyUnusableError
from keepers.web.connection import ServerLimits, body_of, length_of
from keepers.web.server import HttpReply, HttpServer

LONGEST_REQUEST = 1 << 20
HEALTH = "/health"
HEALTHY = b'{"status": "ok"}'
LIMITS = ServerLimits(connections=64)
UNREADABLE = "cannot be read, is not PEM, or has a different password"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """Certificate of a service, and its allowed clients.

    Attributes:
        certificate: The service's certificate, with intermediate certificates.
        key: Private key of the certificate.
        password: The key's password; empty if it has none.
        authority: Certificate authority of clients.
        clients: Allowed client names: common names or DNS names.
    """

    certificate: Path
    key: Path
    password: str = field(default="", repr=False)
    authority: Path
    clients: frozenset[str]

    def context(self) -> ssl.SSLContext:
        """Build a new context for each connection, so that renewed certificates are used.

        Raises:
            KeyUnusableError: A file cannot be used.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(cafile=self.authority)
        except (OSError, ValueError):
            raise KeyUnusableError(str(self.authority), UNREADABLE) from None
        try:
            context.load_cert_chain(self.certificate, self.key, password=lambda: self.password)
        except (OSError, ValueError):
            raise KeyUnusableError(str(self.key), UNREADABLE) from None
        return context

    def client(self, certificate: Mapping[str, Any] | None) -> str | None:
        """Return the name under which a client is allowed; None if it is not."""
        known = sorted(names_of(certificate or {}) & self.clients)
        return known[0] if known else None


def names_of(certificate: Mapping[str, Any]) -> frozenset[str]:
    """Return common names and DNS names of a certificate verified by `ssl`."""
    subject = (pair for part in certificate.get("subject", ()) for pair in part)
    common = {value for key, value in subject if key == "commonName"}
    others = {value for key, value in certificate.get("subjectAltName", ()) if key == "DNS"}
    return frozenset(common | others)


class KeyService(Protocol):
    """Service that holds a key; thread-safe.

    A response without a body means that the service is unavailable now.
    """

    def answer(self, path: str, body: bytes, client: str) -> HttpReply:
        """Return the response to a POST of an allowed client."""
        ...


def key_server(
    identity: ServerIdentity, service: KeyService, limits: ServerLimits = LIMITS
) -> HttpServer:
    """Return the server of a service that holds a key.

    Raises:
        KeyUnusableError: A file of the identity cannot be used.
    """
    identity.context()  # report an unusable file now
    application = key_application(identity, service)
    return HttpServer(application, limits, context=identity.context)


def key_application(identity: ServerIdentity, service: KeyService) -> web.Application:
    """Return the application of a service that holds a key."""

    async def answer(request: web.Request) -> web.Response:
        if request.method not in {"GET", "POST"}:
            return HttpReply(HTTPStatus.NOT_IMPLEMENTED).response()
        transport = request.transport
        client = identity.client(transport and transport.get_extra_info("peercert"))
        if client is None:
            structlog.get_logger().warning("unknown_client", address=request.remote)
            return HttpReply(HTTPStatus.FORBIDDEN).response()
        if request.method == "POST":
            return (await _serve(request, service, client)).response()
        if request.raw_path == HEALTH:
            return HttpReply(HTTPStatus.OK, HEALTHY).response()
        return HttpReply(HTTPStatus.NOT_FOUND).response()

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    return application


async def _serve(request: web.Request, service: KeyService, client: str) -> HttpReply:
    length = length_of(request)
    if length is None:
        return HttpReply(HTTPStatus.LENGTH_REQUIRED)
    if length > LONGEST_REQUEST:
        return HttpReply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = await body_of(request, length)
    if body is None:
        return HttpReply(HTTPStatus.BAD_REQUEST)
    return await asyncio.to_thread(service.answer, request.raw_path, body, client)
