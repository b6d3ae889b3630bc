"""Tests of the rewriting of Solidity tests so that they deploy mutated contracts by name."""

from __future__ import annotations

from pathlib import Path

from scripts.analysis.by_name import CHEAT_CODES, TEST, deploy_by_name


def copy_of(folder: Path, test: str) -> Path:
    cheat_codes = folder / CHEAT_CODES
    cheat_codes.parent.mkdir(parents=True)
    cheat_codes.write_text("interface Vm {\n    function warp(uint256) external;\n}\n")
    (folder / TEST).write_text("abstract contract Test {\n    Vm internal constant vm;\n}\n")
    (folder / "foundry.toml").write_text('[profile.default]\nsrc = "contracts"\n\n[fmt]\n')
    file = folder / "tests" / "solidity" / "Safe.t.sol"
    file.write_text(test)
    return file


def test_deploy_by_name__nested_arguments__are_kept(tmp_path: Path) -> None:
    file = copy_of(tmp_path, "return new Safe(address(this), f(g(1), 2));\nother = new Safes(1);\n")
    deploy_by_name(tmp_path, ["contracts/vault/Safe.sol"])
    assert file.read_text() == (
        'return Safe(deployByName("Safe.sol:Safe", abi.encode(address(this), f(g(1), 2))));\n'
        "other = new Safes(1);\n"
    )


def test_deploy_by_name__forge__knows_of_it(tmp_path: Path) -> None:
    copy_of(tmp_path, "")
    deploy_by_name(tmp_path, ["contracts/vault/Safe.sol"])
    default, _, rest = (tmp_path / "foundry.toml").read_text().partition("[fmt]")
    assert "dynamic_test_linking = true" in default
    assert rest == "\n"
    assert (tmp_path / CHEAT_CODES).read_text().endswith("returns (bytes memory);\n}\n")
    assert (tmp_path / TEST).read_text().count("function deployByName(") == 1
