"""Tests that the page of crash points matches the code."""

import ast
from pathlib import Path

from keepers.store import leases as holding
from keepers.store import transactions as sender
from keepers.store import transfers
from scripts.crash_points import PAGE, TRANSFER_WRITES, WRITES, page

NAMING = {"write", "transact", "transaction"}


def named(file: str | None) -> set[str]:
    """Return the names that a module gives to its writes."""
    assert file is not None
    calls = [
        node
        for node in ast.walk(ast.parse(Path(file).read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", None)) in NAMING
    ]
    names = [call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)]
    return {name for name in names if isinstance(name, str)}


def test_page__is_fresh() -> None:
    assert PAGE.read_text() == page(), "run `python -m scripts.crash_points`"


def test_page__has_every_write_of_a_sender() -> None:
    assert set(WRITES) == named(sender.__file__) | named(holding.__file__)


def test_page__has_every_write_about_transfers() -> None:
    moved = {"move_transfer_…"}
    assert set(TRANSFER_WRITES) == named(transfers.__file__) | moved
