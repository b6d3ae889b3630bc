"""Configured signers, with their secrets read and their libraries loaded."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from keepers.config import (
    ApeSigner,
    AwsKmsSigner,
    JsonRpcSigner,
    KeystoreSigner,
    Pkcs11Signer,
    PrivateKeyEnvSigner,
    Settings,
    SignerSettings,
    signer_secret,
)
from keepers.model.errors.signing import KeyUnusableError, SignerMissingError
from keepers.signing.local import LocalSigner, ape_keystore
from keepers.signing.signer import DigestSigner
from keepers.telemetry.redaction import REDACTOR

if TYPE_CHECKING:
    from keepers.signing.signer import AnySigner, PlainSigner
    from keepers.signing.validator import RemoteValidator

OPEN_PATH = "/open"
ADAPTERS = "keepers.signing"


def make_signing(settings: Settings, name: str) -> AnySigner:
    """Return the signer of a name, open or sealing.

    Raises:
        SecretUnavailableError: The secret is not where the settings say.
        SigningError: The key cannot be used, or its library is not installed.
    """
    signer = settings.signers[name]
    if not isinstance(signer, JsonRpcSigner) or not signer.sealed:
        return open_signer(name, signer)
    from keepers.runtime.process.endpoints import make_endpoint  # noqa: PLC0415
    from keepers.signing.remote import RemoteSealingSigner  # noqa: PLC0415 - TLS, when used

    secret = _secret(name, signer)
    return RemoteSealingSigner(make_endpoint(signer, secret), signer.address)


def make_validator(settings: Settings, name: str) -> RemoteValidator:
    """Return the validator of a name.

    Raises:
        SecretUnavailableError: The password of our key is not where the settings say.
        KeyUnusableError: Our certificates cannot be used.
    """
    from keepers.runtime.process.endpoints import endpoint_of  # noqa: PLC0415
    from keepers.signing.validator import RemoteValidator  # noqa: PLC0415

    return RemoteValidator(
        endpoint_of("validator", name, settings.validators[name], path=OPEN_PATH)
    )


def open_signer(name: str, signer: SignerSettings) -> PlainSigner:
    """Return a signer that signs in plain form, from its settings.

    Raises:
        SecretUnavailableError: The secret is not where the settings say.
        SigningError: The key cannot be used, its library is not installed, or the signer seals.
    """
    if isinstance(signer, JsonRpcSigner) and signer.sealed:
        raise KeyUnusableError(
            f"signer {name}", "it encrypts payloads, but here it must sign in plain form"
        )
    secret = _secret(name, signer)
    match signer:
        case KeystoreSigner(path=path):
            return LocalSigner.from_keystore(path, secret)
        case ApeSigner(alias=alias):
            return LocalSigner.from_keystore(ape_keystore(alias, os.environ), secret)
        case PrivateKeyEnvSigner(variable=variable):
            return LocalSigner.from_private_key(secret, variable)
        case JsonRpcSigner():
            return _remote(signer, secret)
        case AwsKmsSigner():
            return _kms(signer)
        case Pkcs11Signer(library=library, token=token, label=label):
            adapter = load_adapter("pkcs11", "python-pkcs11")
            key = adapter.Pkcs11Key(library, token=token, label=label, pin=secret)
            return DigestSigner(key)


def _secret(name: str, signer: SignerSettings) -> str:
    """Return a signer's secret, and hide it in log lines."""
    secret = signer_secret(name, signer).get_secret_value()
    REDACTOR.hide(secret)
    return secret


def _remote(signer: JsonRpcSigner, secret: str) -> PlainSigner:
    from keepers.runtime.process.endpoints import make_endpoint  # noqa: PLC0415
    from keepers.signing.remote import RemoteSigner  # noqa: PLC0415 - TLS, when used

    return RemoteSigner(make_endpoint(signer, secret), signer.address)


def _kms(signer: AwsKmsSigner) -> PlainSigner:
    key = load_adapter("kms", "boto3").KmsKey.connect(
        signer.key_id,
        region=signer.region,
        endpoint=signer.endpoint_url,
        seconds=float(signer.timeout_seconds),
    )
    return DigestSigner(key)


def load_adapter(adapter: str, package: str) -> Any:  # noqa: ANN401 - a module
    """Return an adapter, whose library is an optional extra."""
    try:
        return cast("Any", import_module(f"{ADAPTERS}.{adapter}"))
    except ModuleNotFoundError:
        raise SignerMissingError(package, adapter) from None
