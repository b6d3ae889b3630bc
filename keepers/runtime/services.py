"""Signer and validator as processes: built from their files, ended by a signal."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import TYPE_CHECKING

import structlog

from keepers.audit.auditor import PolicyAuditor
from keepers.config.passwords import service_password
from keepers.runtime.signers import load_adapter, open_signer
from keepers.runtime.validator_key import read_key
from keepers.web.server import HttpServer, bind
from keepers.web.signer import SignerService
from keepers.web.tls import KeyService, ServerIdentity, key_server
from keepers.web.validator import ValidatorService

if TYPE_CHECKING:
    from keepers.config.services import (
        ListenSettings,
        SignerServiceSettings,
        ValidatorServiceSettings,
    )

SERVICE = "service"
"""Name of the signer of `signer.toml`: BALLAST_SIGNER_SERVICE_PASSWORD is its password."""


def signer_service(settings: SignerServiceSettings) -> KeyService:
    """Return the signer's service with its key.

    Raises:
        BallastError: The key, its secret or the validator's public key cannot be used.
    """
    signer = open_signer(SERVICE, settings.signer)
    auditor = PolicyAuditor(settings.policy.policy("of the signer"))
    public = settings.validator_public_key
    if public is None:
        return SignerService(signer, auditor, seals=False)
    key = bytes.fromhex(public.removeprefix("0x"))
    sealing = load_adapter("sealed", "cryptography").SealingSigner(signer, key)
    return SignerService(sealing, auditor, seals=True)


def validator_service(settings: ValidatorServiceSettings) -> KeyService:
    """Return the validator's service with its key.

    Raises:
        BallastError: The key cannot be used.
    """
    private = read_key(settings.private_key_file)
    validator = load_adapter("sealed", "cryptography").DecryptingValidator(private)
    return ValidatorService(validator, PolicyAuditor(settings.policy.policy("of the validator")))


def server_identity(listen: ListenSettings) -> ServerIdentity:
    """Return the identity of a service; its files can be read.

    Raises:
        BallastError: One cannot be.
    """
    password = service_password(SERVICE, "listen", listen.password_file, os.environ)
    identity = ServerIdentity(
        certificate=listen.certificate_file,
        key=listen.key_file,
        password=password.get_secret_value(),
        authority=listen.authority_file,
        clients=frozenset(listen.clients),
    )
    identity.context()
    return identity


def serve(listen: ListenSettings, service: KeyService) -> None:
    """Answer until SIGTERM or SIGINT; what is being answered then is answered first.

    Raises:
        BallastError: The address or a file cannot be used.
    """
    server = key_server(server_identity(listen), service)
    asyncio.run(_serve(server, bind(listen.host, listen.port, "listen"), listen.host))


async def _serve(server: HttpServer, bound: socket.socket, host: str) -> None:
    log = structlog.get_logger()
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with server.listening(bound):
        log.info("listening", host=host, port=bound.getsockname()[1])
        await stopping.wait()
        log.info("stopping")
    log.info("stopped")
