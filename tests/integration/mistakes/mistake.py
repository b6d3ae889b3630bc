"""A mistake of an operator, and the command's expected answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SETTINGS = """\
database = "sqlite:///ballast.sqlite"

[chains.local]
chain_id = 1000001
rpc_urls = ["{url}"]
confirmations = 1
request_timeout_seconds = 2
deployments = "local.json"

[vaults.main]
chain = "local"
signer = "keeper"

[vaults.main.tiers]
L1_TARGET_RATIO = 1000

[signers.keeper]
kind = "keystore"
path = "keeper.json"
"""
NOWHERE = "http://127.0.0.1:1"
ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
CONTRACTS = (
    "AccessManager", "PriceOracle", "LiquidityVault", "PortfolioL2", "PortfolioL3",
    "AssetController", "RedemptionQueue", "PlanLedger", "UniswapV3Venue", "WeightJudgeL2",
    "WeightJudgeL3", "WeightRebalancerL2", "WeightRebalancerL3", "KillSwitch",
)  # fmt: skip
Arrange = Callable[[Path], None]


@dataclass(frozen=True)
class Mistake:
    """A row of the table.

    Attributes:
        key: Name of the row.
        command: Arguments of `ballast`.
        status: The exit status.
        says: Parts of the message: what is wrong, where, and what to do.
        arrange: Makes the mistake, in a folder with settings and a deployments file.
        url: URL of the node in the settings.
    """

    key: str
    command: str
    status: int
    says: tuple[str, ...]
    arrange: Arrange = lambda _: None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    url: str = NOWHERE


def replaced(old: str, new: str) -> Arrange:
    """Return a function that replaces text in the settings."""

    def arrange(folder: Path) -> None:
        file = folder / "ballast.toml"
        text = file.read_text()
        assert old in text, old
        file.write_text(text.replace(old, new, 1))

    return arrange


def added(line: str) -> Arrange:
    """Return a function that appends a line or table to the settings."""
    return replaced('path = "keeper.json"\n', f'path = "keeper.json"\n{line}\n')


def in_tiers(line: str) -> Arrange:
    """Return a function that adds a line to the tiers in the settings."""
    return replaced("L1_TARGET_RATIO = 1000", f"L1_TARGET_RATIO = 1000\n{line}")


def record(**changes: Any) -> Arrange:
    """Return a function that changes fields of the deployments file."""

    def arrange(folder: Path) -> None:
        file = folder / "local.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))

    return arrange


def wrote(name: str, content: str | bytes) -> Arrange:
    """Return a function that writes a file."""

    def arrange(folder: Path) -> None:
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)

    return arrange


def write_folder(folder: Path, url: str) -> None:
    """Write settings and a deployments file without a mistake."""
    (folder / "ballast.toml").write_text(SETTINGS.format(url=url))
    entry: dict[str, Any] = {
        "transaction": "0x",
        "block": 1,
        "arguments": [],
        "code_hash": "0x" + "11" * 32,
    }
    contracts = {name: {"address": ACCOUNT, **entry} for name in CONTRACTS}
    document: dict[str, Any] = {
        "network": "local",
        "chain_id": 1000001,
        "tokens": {"USDT": {"address": ACCOUNT, "decimals": 6}},
        "keepers": [ACCOUNT],
        "external": {
            "multicall3": ACCOUNT, "uniswap_factory": ACCOUNT, "uniswap_quoter": ACCOUNT,
        },
        "contracts": contracts,
        "block": 1,
    }  # fmt: skip
    (folder / "local.json").write_text(json.dumps(document))
