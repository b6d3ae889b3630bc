"""Tests that each compiled contract keeps a margin to the limit of code size (EIP-170)."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIMIT = 24_576
MARGIN = 500


def sizes(artifacts: Path) -> dict[str, int]:
    """Return the bytes of runtime code of each contract under contracts/ that has code."""
    found: dict[str, int] = {}
    for source in (ROOT / "contracts").rglob("*.sol"):
        for file in (artifacts / source.name).glob("*.json"):
            artifact = json.loads(file.read_text())
            target = artifact["metadata"]["settings"]["compilationTarget"]
            size = len(artifact["deployedBytecode"]["object"].removeprefix("0x")) // 2
            if str(source.relative_to(ROOT)) in target and size:
                found[file.stem] = size
    return found


def test_sizes__every_contract__leaves_a_margin() -> None:
    measured = sizes(ROOT / "out")

    for name, size in sorted(measured.items(), key=lambda item: -item[1]):
        print(f"{name:<24} {size:>6,} bytes, {LIMIT - size:>6,} below the limit")  # noqa: T201
    assert {"AssetController", "LiquidityVault", "PlanLedger", "Portfolio"} <= set(measured)
    assert {n: s for n, s in measured.items() if s > LIMIT - MARGIN} == {}


@pytest.mark.parametrize(("size", "big"), [(24_076, False), (24_077, True)])
def test_sizes__one_byte_more__is_seen(tmp_path: Path, size: int, big: bool) -> None:
    artifact = {
        "metadata": {"settings": {"compilationTarget": {"contracts/vault/PlanLedger.sol": "X"}}},
        "deployedBytecode": {"object": "0x" + "00" * size},
    }
    (tmp_path / "PlanLedger.sol").mkdir()
    (tmp_path / "PlanLedger.sol" / "PlanLedger.json").write_text(json.dumps(artifact))

    assert (sizes(tmp_path)["PlanLedger"] > LIMIT - MARGIN) is big
