"""Who signs: where a key is, and how its secret is read when it is needed, never before."""

import os
import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, SecretStr

from keepers.app.settings.errors import SecretUnavailableError
from keepers.app.settings.values import FilePath, Section, VariableName


class KeystoreSigner(Section):
    """An encrypted key file, as ape and Ethereum clients write them."""

    kind: Literal["keystore"]
    path: FilePath
    password_file: FilePath | None = None


class PrivateKeyEnvSigner(Section):
    """A plain key in an environment variable, for tests and the demo."""

    kind: Literal["private_key_env"]
    variable: VariableName


SignerSettings: TypeAlias = Annotated[
    KeystoreSigner | PrivateKeyEnvSigner, Field(discriminator="kind")
]
"""A signer of one of the known kinds."""

SIGNER_KINDS = ("keystore", "private_key_env")


def as_variable(name: str) -> str:
    """A name as it stands in an environment variable: `ethereum-local` is `ETHEREUM_LOCAL`."""
    return re.sub(r"[^0-9A-Za-z]", "_", name).upper()


def password_variable(name: str) -> str:
    """The environment variable with the password of a signer's keystore."""
    return f"BALLAST_SIGNER_{as_variable(name)}_PASSWORD"


def signer_secret(
    name: str, signer: SignerSettings, environment: Mapping[str, str] = os.environ
) -> SecretStr:
    """The password of a keystore, or the private key itself.

    Args:
        name: Name of the signer, for its password's variable and for errors.
        signer: Its settings.
        environment: Environment variables.

    Raises:
        SecretUnavailableError: It is not where the settings say.
    """
    match signer:
        case PrivateKeyEnvSigner(variable=variable):
            found = environment.get(variable)
            if not found:
                raise SecretUnavailableError(name, f"set {variable} to its private key")
            return SecretStr(found)
        case KeystoreSigner():
            return _password(name, signer, environment)


def _password(name: str, signer: KeystoreSigner, environment: Mapping[str, str]) -> SecretStr:
    variable = password_variable(name)
    found = environment.get(variable)
    if found is not None:
        return SecretStr(found)
    if signer.password_file is None:
        raise SecretUnavailableError(name, f"set {variable}, or password_file in its settings")
    try:
        return SecretStr(signer.password_file.read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        problem = f"cannot read {signer.password_file}: {reason}"
        raise SecretUnavailableError(name, problem) from error
