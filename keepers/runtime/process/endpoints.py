"""Endpoints of services, with the passwords of our keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from keepers.config.passwords import service_password
from keepers.signing.https import Endpoint, Identity
from keepers.telemetry.redaction import REDACTOR

if TYPE_CHECKING:
    from decimal import Decimal


class EndpointSettings(Protocol):
    """Settings common to all services."""

    @property
    def url(self) -> str: ...  # noqa: D102
    @property
    def authority_file(self) -> Path | None: ...  # noqa: D102
    @property
    def certificate_file(self) -> Path | None: ...  # noqa: D102
    @property
    def key_file(self) -> Path | None: ...  # noqa: D102
    @property
    def password_file(self) -> Path | None: ...  # noqa: D102
    @property
    def timeout_seconds(self) -> Decimal: ...  # noqa: D102


def endpoint_of(kind: str, name: str, service: EndpointSettings, *, path: str = "") -> Endpoint:
    """Return a service's endpoint, after checking that its certificates can be read.

    Args:
        kind: `auditor` or `validator`, for the password's variable.
        name: Name of the service in the settings.
        service: Settings of the service.
        path: Part of the address that the settings omit.

    Raises:
        KeyUnusableError: The certificates cannot be used.
        SecretUnavailableError: The password is not where the settings say.
    """
    password = service_password(kind, name, service.password_file, os.environ)
    return make_endpoint(service, password.get_secret_value(), path=path)


def make_endpoint(service: EndpointSettings, password: str, *, path: str = "") -> Endpoint:
    """Return a service's endpoint, with the password of our key."""
    REDACTOR.hide(password)
    identity = None
    if service.certificate_file is not None:
        identity = Identity(
            certificate=service.certificate_file, key=service.key_file, password=password
        )
    endpoint = Endpoint(
        url=service.url,
        seconds=float(service.timeout_seconds),
        authority=service.authority_file,
        identity=identity,
        path=path,
    )
    endpoint.check()
    return endpoint
