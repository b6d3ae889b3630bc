"""Rewrite tests to deploy contracts by name: a changed contract does not recompile its tests.

Forge then compares only interfaces. Forge 1.7.1 has an option for this rewrite, but it had no
effect here: tests kept running old bytecode. Its cheat code that deploys by name does not work
either: if a test expects a constructor to revert, forge stops the test there and reports a pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

CHEAT_CODES = Path("tests/solidity/support/Vm.sol")
GET_CODE = "    function getCode(string calldata) external view returns (bytes memory);\n"
TEST = Path("tests/solidity/support/Test.sol")
#: Solidity function that deploys like `new`: it bubbles up a constructor's revert.
DEPLOY = """
    function deployByName(string memory name, bytes memory arguments)
        internal
        returns (address deployed)
    {
        bytes memory code = bytes.concat(vm.getCode(name), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
            if iszero(deployed) {
                let answer := mload(64)
                returndatacopy(answer, 0, returndatasize())
                revert(answer, returndatasize())
            }
        }
    }
"""
OPTION = "\ndynamic_test_linking = true\n"


def deploy_by_name(folder: Path, contracts: Sequence[str]) -> None:
    """Rewrite the tests under a folder, and the files of forge that the rewrite requires.

    Args:
        folder: Copy of a part of the repository.
        contracts: Contract files; no other contract inherits the contract of the same name.
    """
    names = [Path(contract).stem for contract in contracts]
    for file in (folder / "tests").rglob("*.sol"):
        text = file.read_text()
        for name in names:
            text = _rewritten(text, name)
        file.write_text(text)
    _append(folder / CHEAT_CODES, GET_CODE)
    _append(folder / TEST, DEPLOY)
    configuration = folder / "foundry.toml"
    head, table, rest = configuration.read_text().partition("\n[fmt]")
    configuration.write_text(f"{head}{OPTION}{table}{rest}")


def _append(file: Path, text: str) -> None:
    """Append text to the last contract of a file."""
    before, brace, after = file.read_text().rpartition("}")
    file.write_text(f"{before}{text}{brace}{after}")


def _rewritten(text: str, name: str) -> str:
    while found := re.search(rf"\bnew {name}\(", text):
        end = _closing(text, found.end())
        arguments = text[found.end() : end]
        code = f'deployByName("{name}.sol:{name}", abi.encode({arguments}))'
        text = f"{text[: found.start()]}{name}({code}){text[end + 1 :]}"
    return text


def _closing(text: str, start: int) -> int:
    """Return the index of the parenthesis that closes the one opened before `start`."""
    depth = 1
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    raise ValueError(f"no closing parenthesis after {text[:start][-40:]!r}")
