"""Test that docs/reference/commands.md names every command."""

from pathlib import Path

import pytest

from keepers.cli.main import COMMANDS

TEXT = (Path(__file__).parents[3] / "docs" / "reference" / "commands.md").read_text(
    encoding="utf-8"
)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands__each__has_a_row(command: str) -> None:
    assert f"`ballast {command}" in TEXT
