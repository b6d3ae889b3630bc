"""Passwords of our client and server keys, most of which have none; and keys of services."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from keepers.config.errors import SecretUnavailableError
from keepers.config.values import as_variable


def service_password(
    kind: str, name: str, file: Path | None, environment: Mapping[str, str]
) -> SecretStr:
    """Return the password of our key for a service: from a variable, else from a file, else none.

    Raises:
        SecretUnavailableError: The file cannot be read.
    """
    found = environment.get(f"BALLAST_{kind.upper()}_{as_variable(name)}_PASSWORD")
    if found is not None:
        return SecretStr(found)
    return SecretStr("") if file is None else password_in(file, name)


def treasury_secret(
    table: str, variable: str, file: Path | None, environment: Mapping[str, str]
) -> SecretStr:
    """Return a key or token that a table of `[treasury]` needs, from a variable, else from a file.

    Args:
        table: Name of the table, such as `bridges.EXCHANGE`.
        variable: Name of the variable.
        file: The file, if any.
        environment: Environment variables.

    Raises:
        SecretUnavailableError: The secret is in neither, or empty.
    """
    found = environment.get(variable)
    if found is None and file is not None:
        found = password_in(file, table, section="treasury").get_secret_value()
    if not found:
        problem = f"set {variable}, or its file in the settings"
        raise SecretUnavailableError(table, problem, section="treasury")
    return SecretStr(found)


def password_in(file: Path, name: str, *, section: str = "signers") -> SecretStr:
    """Return the text of a file, without its trailing newline.

    Raises:
        SecretUnavailableError: The file cannot be read.
    """
    try:
        return SecretStr(file.read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        problem = f"cannot read {file}: {reason}"
        raise SecretUnavailableError(name, problem, section=section) from error
