"""Subsets of contract interfaces: functions, events and errors that the keeper uses."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def load_abi(name: str) -> tuple[dict[str, Any], ...]:
    """Return the entries of a contract's interface that the keeper uses."""
    return tuple(json.loads((FOLDER / f"{name}.json").read_text()))


def entry(contract: str, kind: str, name: str) -> dict[str, Any]:
    """Return a function, event or error of a contract.

    Raises:
        KeyError: The subset has no such entry.
    """
    for each in load_abi(contract):
        if each["type"] == kind and each["name"] == name:
            return each
    raise KeyError(f"{contract}.{name}")


def all_errors() -> tuple[dict[str, Any], ...]:
    """Return every error of every contract."""
    return _all("error")


def all_functions() -> tuple[dict[str, Any], ...]:
    """Return every function of every contract."""
    return _all("function")


def _all(kind: str) -> tuple[dict[str, Any], ...]:
    names = sorted(path.stem for path in FOLDER.glob("*.json"))
    return tuple(each for name in names for each in load_abi(name) if each["type"] == kind)
