"""Types of single values of the configuration, parsed exactly and without guessing."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeAlias, cast, get_origin
from urllib.parse import urlsplit

from eth_utils.address import is_checksum_address, to_checksum_address
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    model_validator,
)

from keepers.config.structure import kinds_of
from keepers.model.errors import NumberError
from keepers.model.money import WHOLE_BPS, parse_exact

GWEI = 10**9
SQLITE_FILE = "sqlite:///"
POSTGRES_URL = "postgresql+psycopg://"
NO_FILE = (":memory:", "file:")
"""SQLite's names of an in-memory database, and of a file with options."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[0-9A-Fa-f]{64}")


def as_variable(name: str) -> str:
    """Return a name in the form of environment variables: `ethereum-local` is `ETHEREUM_LOCAL`."""
    return re.sub(r"[^0-9A-Za-z]", "_", name).upper()


class VariableText(str):
    """Text of an environment variable, to be parsed by its setting's type."""

    __slots__ = ()


def read_variables(cls: type[BaseModel], table: object) -> object:
    """Parse the environment variables in a table by the types of its keys."""
    if not isinstance(table, dict):
        return table
    return {
        key: _typed(value, cls.model_fields[key].annotation)
        if isinstance(value, VariableText) and key in cls.model_fields
        else value
        for key, value in cast("dict[str, object]", table).items()
    }


def _typed(text: VariableText, annotation: object) -> object:
    """Convert a text to a type; return it unchanged if that is impossible."""
    kind, *_ = kinds_of(annotation)
    if kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if kind is int and text.isascii() and text.isdecimal():
        return int(text)
    return _list(text) if get_origin(kind) is list else str(text)


def _list(text: str) -> object:
    """Parse a list that is separated by commas, or JSON."""
    if not text.lstrip().startswith("["):
        return [each.strip() for each in text.split(",") if each.strip()]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


class Section(BaseModel):
    """A table of the configuration: only known keys, and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _read_variables(cls, table: object) -> object:
        return read_variables(cls, table)


def _numeral(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError('must be a number, as in 500 or "12.5"')  # noqa: TRY004 - pydantic's
    text = str(value)
    try:
        parse_exact(text)
    except NumberError as error:
        raise ValueError("must be a number of the form 0, 12 or 12.5") from error
    return text


def _digits(value: object) -> object:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value


def _node_url(url: str) -> str:
    parts = urlsplit(url)
    plain = url.isprintable() and " " not in url
    if parts.scheme not in {"http", "https"} or not parts.netloc or not plain:
        raise ValueError("must be an http:// or https:// address")
    return url


def _database_url(url: str) -> str:
    if url.startswith(POSTGRES_URL) and url.isprintable():
        return url
    file = url.removeprefix(SQLITE_FILE)
    is_file = url.startswith(SQLITE_FILE) and file.strip() and not file.startswith(NO_FILE)
    if not is_file or not url.isprintable() or "?" in file:
        raise ValueError(
            "must be sqlite:///FILE, where FILE is the path of a file, or "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
        )
    return url


def _variable(name: str) -> str:
    if not _NAME.fullmatch(name) or _KEY.fullmatch(name):
        raise ValueError("must be the name of an environment variable, not its value")
    return name


def _address(text: str) -> str:
    try:
        checksummed = to_checksum_address(text)
    except ValueError as error:
        raise ValueError("is not an address") from error
    if text not in {checksummed, checksummed.lower()} and not is_checksum_address(text):
        raise ValueError("has a wrong checksum")
    return checksummed


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


Text: TypeAlias = Annotated[str, AfterValidator(_not_blank)]
"""A non-blank string."""

DatabaseUrl: TypeAlias = Annotated[str, AfterValidator(_database_url)]
"""URL of the database; an in-memory database would forget sent transactions."""

VariableName: TypeAlias = Annotated[str, AfterValidator(_variable)]
"""The name of an environment variable; a key pasted in its place is refused and not shown."""

Numeral: TypeAlias = Annotated[str, BeforeValidator(_numeral)]
"""A decimal number, kept as the original text."""

Positive: TypeAlias = Annotated[int, Strict(), Field(gt=0)]
"""A whole number above 0, not given as a string."""

WeiAmount: TypeAlias = Annotated[int, Strict(), Field(ge=0), BeforeValidator(_digits)]
"""Wei, as a number or as a string of digits, since TOML's numbers end at 64 bits."""

Bps: TypeAlias = Annotated[int, Strict(), Field(ge=0, le=WHOLE_BPS)]
"""A share in basis points."""

Seconds: TypeAlias = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
"""A duration, which may be fractional."""

Flag: TypeAlias = Annotated[bool, Strict()]
"""true or false."""

NodeUrl: TypeAlias = Annotated[str, AfterValidator(_node_url)]
"""Address of a node; its path may contain an access key."""

FilePath: TypeAlias = Annotated[Path, Field(strict=False)]
"""A file, relative to the folder of the configuration."""

AddressText: TypeAlias = Annotated[str, AfterValidator(_address)]
"""An address, checksummed."""
