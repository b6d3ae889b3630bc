"""Tests that docs/reference/roles.md names the caller of every state-changing function."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.deployment.roles import CONFIGURATOR, FUNCTION_ROLES, GUARDIAN

ROOT = Path(__file__).resolve().parents[3]
ROW = re.compile(r"^\| (\w+) \| ([\w, ]+) \| (\w+) \|$", re.MULTILINE)
RESTRICTED = re.compile(r"function (\w+)\([^)]*\)\s+(?:external|public)[^{;]*\brestricted\b")
INHERITED = {"setAuthority"}


def documented() -> dict[tuple[str, str], str]:
    rows: dict[tuple[str, str], str] = {}
    for contract, functions, who in ROW.findall(
        (ROOT / "docs" / "reference" / "roles.md").read_text()
    ):
        for function in functions.split(", "):
            assert (contract, function) not in rows, f"{contract}.{function} is there twice"
            rows[contract, function] = who
    return rows


def contracts() -> list[Path]:
    sources = (ROOT / "contracts").rglob("*.sol")
    deployable = re.compile(r"^contract (\w+)", re.MULTILINE)
    return [source for source in sorted(sources) if deployable.search(source.read_text())]


def changing(contract: str) -> set[str]:
    artifact = ROOT / "out" / f"{contract}.sol" / f"{contract}.json"
    abi = json.loads(artifact.read_text())["abi"]
    return {
        entry["name"]
        for entry in abi
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
    } - INHERITED


def restricted(source: Path) -> set[str]:
    """Return the functions with the modifier, including those of imported abstract contracts."""
    text = source.read_text()
    names = set(RESTRICTED.findall(text))
    for base in re.findall(r"^import \{[^}]*\} from \"(\.[^\"]+)\";", text, re.MULTILINE):
        imported = (source.parent / base).resolve()
        if re.search(r"^abstract contract", imported.read_text(), re.MULTILINE):
            names |= restricted(imported)
    return names


@pytest.mark.parametrize("source", contracts(), ids=lambda source: source.stem)
def test_roles__every_changing_function__is_documented(source: Path) -> None:
    assert {name for contract, name in documented() if contract == source.stem} == changing(
        source.stem
    )


@pytest.mark.parametrize("source", contracts(), ids=lambda source: source.stem)
def test_roles__restricted_functions__are_those_of_a_role(source: Path) -> None:
    rows = documented()
    roles = {
        name
        for (contract, name), who in rows.items()
        if contract == source.stem and who in ("configurator", "guardian")
    }
    assert roles == restricted(source)


def test_roles__deployment__gives_the_documented_role() -> None:
    rows = documented()
    titles = {CONFIGURATOR: "configurator", GUARDIAN: "guardian"}
    for contract, roles in FUNCTION_ROLES.items():
        for role, functions in roles.items():
            for function in functions:
                assert rows[contract, function] == titles[role], f"{contract}.{function}"


def test_roles__deployment__gives_every_role_that_is_documented() -> None:
    given = {
        (contract, function)
        for contract, roles in FUNCTION_ROLES.items()
        for functions in roles.values()
        for function in functions
    }
    assert given == {
        row for row, who in documented().items() if who in ("configurator", "guardian")
    }
