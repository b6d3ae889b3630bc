"""Configuration of the services: `signer.toml` and `validator.toml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from keepers.config.load import anchored
from keepers.config.policies import PolicySettings
from keepers.config.problems import Origins, findings
from keepers.config.signers import SIGNER_KINDS, SignerSettings
from keepers.config.toml_file import read_toml
from keepers.config.values import FilePath, Section, Text

LARGEST_PORT = 65_535
_KEY = re.compile(r"(0x)?[0-9a-fA-F]{64}")


def _public_key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError("must be 32 bytes in hexadecimal")
    return text


class ListenSettings(Section):
    """Address and certificate of a service, and the clients that it accepts."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Field(strict=True, ge=0, le=LARGEST_PORT)]
    certificate_file: FilePath
    key_file: FilePath
    password_file: FilePath | None = None
    authority_file: FilePath
    clients: Annotated[list[Text], Field(min_length=1)]


class SignerServiceSettings(Section):
    """Settings of the signer: its key, its policy, and the validator's public key."""

    listen: ListenSettings
    signer: SignerSettings
    policy: PolicySettings
    validator_public_key: Annotated[str, AfterValidator(_public_key)] | None = None


class ValidatorServiceSettings(Section):
    """Settings of the validator: its key and its policy."""

    listen: ListenSettings
    private_key_file: FilePath
    policy: PolicySettings


S = TypeVar("S", SignerServiceSettings, ValidatorServiceSettings)


def load_service(path: Path, model: type[S]) -> S:
    """Read the file of a service.

    Raises:
        ConfigError: The file cannot be used; the error lists every problem.
    """
    written = read_toml(path)
    try:
        settings = model.model_validate(written.values)
    except ValidationError as error:
        # `from None`: the original contains the input.
        found = [(_plain(where), problem, advice) for where, problem, advice in findings(error)]
        raise Origins(path, written.lines).error(found) from None
    return anchored(settings, path.absolute().parent)


def _plain(where: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Drop the kind that pydantic inserts into the path of a signer."""
    if where[:1] == ("signer",) and where[1:2] and where[1] in SIGNER_KINDS:
        return (where[0], *where[2:])
    return where
