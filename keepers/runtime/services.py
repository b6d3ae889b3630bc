"""Signer and validator processes: built from their configuration files, stopped by a signal."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from keepers.audit.auditor import PolicyAuditor
from keepers.config.passwords import service_password
from keepers.model.errors.signing import KeyUnusableError
from keepers.runtime.process.signers import load_adapter, open_signer
from keepers.web.server import HttpServer, bind
from keepers.web.signer import SignerService
from keepers.web.tls import KeyService, ServerIdentity, key_server
from keepers.web.validator import ValidatorService

OWNER_ONLY = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO
KEY_BYTES = 32

_KEY = re.compile(r"[0-9a-f]{64}")


def generate_key(path: Path) -> str:
    """Create a key pair, and write the private half; an existing file is kept.

    Returns:
        The public half in hexadecimal, for the signers' settings.

    Raises:
        KeyUnusableError: The file cannot be created.
    """
    private = os.urandom(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        raise KeyUnusableError(str(path), error.strerror or "cannot be created") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{private.hex()}\n")
    return public_key_of(private)


def read_key(path: Path) -> bytes:
    """Read the private half.

    Raises:
        KeyUnusableError: The file cannot be read, contains no key, or is readable by other users.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise KeyUnusableError(str(path), "it cannot be read") from None
    if mode & OTHERS:
        raise KeyUnusableError(str(path), "other users can read it; run chmod 600")
    if not _KEY.fullmatch(text):
        raise KeyUnusableError(str(path), "it is not 32 bytes in hexadecimal")
    return bytes.fromhex(text)


def public_key_of(private: bytes) -> str:
    """Return the public half in hexadecimal."""
    validator = load_adapter("sealed", "cryptography").DecryptingValidator(private)
    return str(validator.public_key.hex())


if TYPE_CHECKING:
    from keepers.config.services import (
        ListenSettings,
        SignerServiceSettings,
        ValidatorServiceSettings,
    )

SERVICE = "service"
"""Name of the signer in `signer.toml`: BALLAST_SIGNER_SERVICE_PASSWORD is its password."""


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
    """Return the identity of a service, after checking that its files can be read.

    Raises:
        BallastError: A file cannot be read.
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
    """Serve until SIGTERM or SIGINT; requests in progress are completed first.

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
