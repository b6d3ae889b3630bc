"""Tests of the stored results of mutation testing."""

from __future__ import annotations

from pathlib import Path

from scripts.analysis.killed import FOLDER, Killed
from scripts.analysis.mutants import Mutant
from scripts.analysis.operators import Edit

CONTRACT = Path("contracts/A.sol")


def mutant(after: str) -> Mutant:
    edit = Edit(operator="comparison", start=0, end=1, after=after)
    return Mutant("contracts/A.sol", 1, "f", "comparison", "<", after, 1, edit)


def checkout(root: Path, content: str) -> Path:
    (root / CONTRACT).parent.mkdir(exist_ok=True)
    (root / CONTRACT).write_text(content)
    return root


def test_killed__same_contracts__is_remembered(tmp_path: Path) -> None:
    root = checkout(tmp_path, "a < b")
    Killed(root, [CONTRACT]).remember(mutant("<="), "test_less")
    again = Killed(root, [CONTRACT])
    assert again.by(mutant("<=")) == "test_less"
    assert again.by(mutant(">")) is None


def test_killed__contract_changed__is_forgotten(tmp_path: Path) -> None:
    Killed(checkout(tmp_path, "a < b"), [CONTRACT]).remember(mutant("<="), "test_less")
    assert Killed(checkout(tmp_path, "a < c"), [CONTRACT]).by(mutant("<=")) is None


def test_killed__line_cut_off__others_are_kept(tmp_path: Path) -> None:
    root = checkout(tmp_path, "a < b")
    Killed(root, [CONTRACT]).remember(mutant("<="), "test_less")
    (file,) = (root / FOLDER).iterdir()
    with file.open("a") as lines:
        lines.write('["contracts/A.sol", "f", "<"')
    Killed(root, [CONTRACT]).remember(mutant(">"), "test_greater")
    found = Killed(root, [CONTRACT])
    assert [found.by(mutant(after)) for after in ("<=", ">")] == ["test_less", "test_greater"]


def test_forget__anew__nothing_is_left(tmp_path: Path) -> None:
    root = checkout(tmp_path, "a < b")
    killed = Killed(root, [CONTRACT])
    killed.remember(mutant("<="), "test_less")
    Killed(root, [CONTRACT]).forget()
    assert Killed(root, [CONTRACT]).by(mutant("<=")) is None
