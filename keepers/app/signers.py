"""The signer that the settings name, with its secret read and its library loaded."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from keepers.adapters.signing.ape import ape_keystore
from keepers.adapters.signing.bare import DigestSigner
from keepers.adapters.signing.local import LocalSigner
from keepers.app.settings import (
    ApeSigner,
    AwsKmsSigner,
    JsonRpcSigner,
    KeystoreSigner,
    Pkcs11Signer,
    PrivateKeyEnvSigner,
    Settings,
    signer_secret,
)
from keepers.domain.errors_signing import SignerMissingError

if TYPE_CHECKING:
    from keepers.adapters.signing.signer import Signer

ADAPTERS = "keepers.adapters.signing"


def make_signer(settings: Settings, name: str) -> Signer:
    """The signer of a name, ready to sign.

    Raises:
        SecretUnavailableError: The secret is not where the settings say.
        SigningError: The key cannot be used, or what it needs is not installed.
    """
    signer = settings.signers[name]
    secret = signer_secret(name, signer).get_secret_value()
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
            adapter = _load("pkcs11", "python-pkcs11")
            key = adapter.Pkcs11Key(library, token=token, label=label, pin=secret)
            return DigestSigner(key)


def _remote(signer: JsonRpcSigner, secret: str) -> Signer:
    from keepers.adapters.signing.remote import RemoteSigner  # noqa: PLC0415 - TLS, when used
    from keepers.app.endpoints import make_endpoint  # noqa: PLC0415

    return RemoteSigner(make_endpoint(signer, secret), signer.address)


def _kms(signer: AwsKmsSigner) -> Signer:
    key = _load("kms", "boto3").KmsKey.connect(
        signer.key_id,
        region=signer.region,
        endpoint=signer.endpoint_url,
        seconds=float(signer.timeout_seconds),
    )
    return DigestSigner(key)


def _load(adapter: str, package: str) -> Any:  # noqa: ANN401 - a module
    """The adapter, whose library is an extra that need not be installed."""
    try:
        return cast("Any", import_module(f"{ADAPTERS}.{adapter}"))
    except ModuleNotFoundError:
        raise SignerMissingError(package, adapter) from None
