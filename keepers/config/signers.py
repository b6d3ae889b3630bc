"""Signers: locations of keys, whose secrets are read only when needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, SecretStr, model_validator

from keepers.config.errors import SecretUnavailableError
from keepers.config.passwords import password_in
from keepers.config.values import (
    GWEI,
    AddressText,
    FilePath,
    Flag,
    NodeUrl,
    Positive,
    Seconds,
    Section,
    Text,
    VariableName,
    WeiAmount,
    as_variable,
)


class KeystoreSigner(Section):
    """An encrypted key file, as written by ape and Ethereum clients."""

    kind: Literal["keystore"]
    path: FilePath
    password_file: FilePath | None = None


class ApeSigner(Section):
    """An account created by `ape accounts generate`, in ape's own folder."""

    kind: Literal["ape"]
    alias: Text
    password_file: FilePath | None = None


class JsonRpcSigner(Section):
    """A remote signer that implements `eth_signTransaction`."""

    kind: Literal["json_rpc"]
    url: Annotated[NodeUrl, Field(repr=False)]
    address: AddressText
    authority_file: FilePath | None = None
    certificate_file: FilePath | None = None
    key_file: FilePath | None = None
    password_file: FilePath | None = None
    timeout_seconds: Seconds = Decimal(10)
    sealed: Flag = False


class AwsKmsSigner(Section):
    """A key in AWS KMS, with boto3's usual credentials."""

    kind: Literal["aws_kms"]
    key_id: Text
    region: Text | None = None
    endpoint_url: NodeUrl | None = None
    timeout_seconds: Seconds = Decimal(10)


class Pkcs11Signer(Section):
    """A key in a hardware module; its PIN is the password."""

    kind: Literal["pkcs11"]
    library: FilePath
    token: Text
    label: Text
    password_file: FilePath | None = None


class PrivateKeyEnvSigner(Section):
    """A plain key in an environment variable, for tests and the demo."""

    kind: Literal["private_key_env"]
    variable: VariableName


WithPassword: TypeAlias = KeystoreSigner | ApeSigner | JsonRpcSigner | Pkcs11Signer

SIGNER_SECTIONS = (
    *(KeystoreSigner, ApeSigner, JsonRpcSigner),
    *(AwsKmsSigner, Pkcs11Signer, PrivateKeyEnvSigner),
)
"""The tables that a signer can be."""

SIGNER_KINDS = ("keystore", "ape", "json_rpc", "aws_kms", "pkcs11", "private_key_env")

SignerSettings: TypeAlias = Annotated[
    KeystoreSigner | ApeSigner | JsonRpcSigner | AwsKmsSigner | Pkcs11Signer | PrivateKeyEnvSigner,
    Field(discriminator="kind"),
]
"""A signer of one of the known kinds."""


def password_variable(name: str) -> str:
    """Return the environment variable of the password of a signer's keystore."""
    return f"BALLAST_SIGNER_{as_variable(name)}_PASSWORD"


def signer_secret(
    name: str, signer: SignerSettings, environment: Mapping[str, str] = os.environ
) -> SecretStr:
    """Return a keystore's or client key's password, a module's PIN, or the private key itself.

    Args:
        name: Name of the signer, for its password's variable and for errors.
        signer: Settings of the signer.
        environment: Environment variables.

    Returns:
        The secret; empty if the signer needs none.

    Raises:
        SecretUnavailableError: The secret is not where the settings say.
    """
    match signer:
        case PrivateKeyEnvSigner(variable=variable):
            found = environment.get(variable)
            if not found:
                raise SecretUnavailableError(name, f"set {variable} to its private key")
            return SecretStr(found)
        case AwsKmsSigner():
            return SecretStr("")
        case _:
            return _password(name, signer, environment)


def _password(name: str, signer: WithPassword, environment: Mapping[str, str]) -> SecretStr:
    variable = password_variable(name)
    found = environment.get(variable)
    if found is not None:
        return SecretStr(found)
    if signer.password_file is None and isinstance(signer, JsonRpcSigner):
        return SecretStr("")  # most client keys have none
    if signer.password_file is None:
        raise SecretUnavailableError(name, f"set {variable}, or password_file in its settings")
    return password_in(signer.password_file, name)


class SendingSettings(Section):
    """Signer, auditors and validator of a table that sends, and limits of its transactions."""

    signer: Text
    policy: Text | None = None
    auditors: list[Text] = Field(default_factory=list[Text])
    validator: Text | None = None
    plan_expiry_seconds: Positive = 1_800
    gas_limit: Positive = 750_000
    minimum_gas_balance_wei: WeiAmount = 10**16
    maximum_fee_per_gas_wei: WeiAmount = 200 * GWEI
    maximum_priority_fee_per_gas_wei: WeiAmount = 2 * GWEI

    @model_validator(mode="after")
    def _fees_fit(self) -> Self:
        if self.maximum_priority_fee_per_gas_wei > self.maximum_fee_per_gas_wei:
            raise ValueError("maximum_priority_fee_per_gas_wei is above maximum_fee_per_gas_wei")
        return self
