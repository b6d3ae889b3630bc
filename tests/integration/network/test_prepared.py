"""The prepared state is built once for given inputs, and again for others."""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scripts.network.build import compile as compile_module
from scripts.network.errors import CompileError
from scripts.network.files import prepared_key, read_addresses
from scripts.network.paths import CONTRACTS, PACKAGE, ROOT
from scripts.network.prepared import prepared
from scripts.network.specs import ALL


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A copy of all inputs of the key."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.relative_to(ROOT))
    for name in ("foundry.toml", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    "changed",
    [
        "package-lock.json",
        "scripts/network/specs.py",
        "scripts/network/build/aave.py",
        "scripts/network/contracts/UsdCoin.sol",
    ],
)
def test_key__an_input_changes__differs(inputs: Path, changed: str) -> None:
    before = prepared_key(inputs)
    with (inputs / changed).open("a") as file:
        file.write("\n")
    assert prepared_key(inputs) != before


def test_key__a_contract_is_added__differs(inputs: Path) -> None:
    before = prepared_key(inputs)
    (inputs / "scripts/network/contracts/Another.sol").touch()
    assert prepared_key(inputs) != before


def test_key__another_compiler__differs(inputs: Path) -> None:
    before, settings = prepared_key(inputs), inputs / "foundry.toml"
    text = settings.read_text()
    assert "solc-v0.8.37" in text
    settings.write_text(text.replace("solc-v0.8.37", "solc-v0.8.38"))
    assert prepared_key(inputs) != before


@pytest.mark.parametrize("changed", ["foundry.toml", "scripts/network/cli.py"])
def test_key__what_does_not_decide_the_state_changes__stays(inputs: Path, changed: str) -> None:
    before = prepared_key(inputs)
    with (inputs / changed).open("a") as file:
        file.write("\n# a remark\n")
    assert prepared_key(inputs) == before


def test_prepared__two_at_once__build_once_and_remove_what_is_old(tmp_path: Path) -> None:
    old, cut_off = tmp_path / "0123456789abcdef", tmp_path / "partial.1"
    old.mkdir()
    cut_off.mkdir()
    lines: list[str] = []

    def prepare(_: int) -> Path:
        with prepared(lines.append, tmp_path) as folder:
            assert [read_addresses(folder, name).chain for name in ALL] == list(ALL)
            return folder

    with ThreadPoolExecutor() as pool:
        folders = set(pool.map(prepare, range(2)))
    assert {path for path in tmp_path.iterdir() if path.is_dir()} == folders
    assert len([line for line in lines if "contracts: compiled" in line]) == 1
    for name in ALL:
        assert any(
            line.startswith(f"Building local network: {name}: Aave V3 ...") for line in lines
        )


def test_prepared__fails_half_way__leaves_nothing_that_looks_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_module, "FORGE", Path(sys.executable))
    with pytest.raises(CompileError), prepared(lambda _: None, tmp_path):
        pass
    assert not (tmp_path / prepared_key()).exists()


def test_contracts__every_one__is_an_input() -> None:
    assert {path.suffix for path in CONTRACTS.iterdir()} == {".sol"}
