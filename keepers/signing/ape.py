"""Keys that ape made: where it keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keepers.model.errors.signing import KeyUnusableError

FOLDER_VARIABLE = "APE_DATA_FOLDER"


def ape_keystore(alias: str, environment: Mapping[str, str]) -> Path:
    """The file of the account that `ape accounts generate ALIAS` made.

    Args:
        alias: The account's name in ape.
        environment: Environment variables; ape's folder is configured there, as for ape itself.

    Raises:
        KeyUnusableError: It is not the name of a file in that folder.
    """
    if not alias or alias.startswith(".") or Path(alias).name != alias:
        raise KeyUnusableError("ape's accounts", "the alias is not a plain name")
    chosen = environment.get(FOLDER_VARIABLE)
    folder = Path(chosen).expanduser() if chosen else Path.home() / ".ape"
    return folder / "accounts" / f"{alias}.json"
