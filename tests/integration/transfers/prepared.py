"""Chains with treasuries, built once for all tests and stored beside the prepared network.

The treasuries are deployed two days in the past, so their limits are full at the present time.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from scripts.deployment.chain import ROOT as SOURCES
from scripts.deployment.chain import unlocked_chain
from scripts.deployment.configure import configure
from scripts.deployment.deploy import deploy
from scripts.deployment.treasury.deployment import ManagedTreasury
from scripts.deployment.treasury.local import offer_treasuries
from scripts.network.accounts import WHALE
from scripts.network.api import chain_on, start_all
from scripts.network.build.state import save_state
from scripts.network.chain import LocalChain
from scripts.network.files import key_of, state_file
from scripts.network.specs import ALL
from tests.integration.transfers.treasuries import ASSETS

ARTIFACTS = (
    "Treasury", "TreasuryLens", "PlanLedger", "CctpV2Route", "OftRoute", "CustodialRoute", "Inbox",
)  # fmt: skip
STOCK = 1_000_000
"""Whole tokens of each asset in each treasury."""


def with_treasuries(prepared: Path) -> Path:
    """Return the folder of chain states with treasuries and their records; build it if needed."""
    folder = prepared / f"treasuries-{_key()}"
    with (prepared / "treasuries.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _build(prepared, folder)
    return folder


def _build(prepared: Path, folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.{os.getpid()}")
    partial.mkdir()
    with ExitStack() as running:
        anvils = start_all(ALL, prepared, {}, running)
        chains = [chain_on(anvil, prepared) for anvil in anvils.values()]
        for chain in chains:
            # A node starts at the present time, but the chain's time is behind.
            chain.rpc("evm_setTime", chain.timestamp() + 1)
        offer_treasuries(chains, partial)
        _deploy(chains, partial)
        for chain in chains:
            save_state(chain, state_file(partial, chain.name))
    partial.rename(folder)


def _deploy(chains: list[LocalChain], folder: Path) -> None:
    paths = {chain: folder / f"{chain.name}.treasury.toml" for chain in chains}
    deployments = [
        (chain, ManagedTreasury.open(unlocked_chain(chain.web3, WHALE), path))
        for chain, path in paths.items()
    ]
    for _, deployment in deployments:
        deploy(deployment, _quietly)
    for chain, deployment in deployments:
        configure(deployment, _quietly)
        deployment.record.save(deployment.config)
        for asset in ASSETS:
            token = chain.stablecoin(asset).functions
            amount = STOCK * 10 ** token.decimals().call()
            chain.send(token.transfer(deployment.address("Treasury"), amount))


def _key() -> str:
    """Return the key of the inputs: the compiled contracts and the deployment code."""
    return key_of((str(path.relative_to(SOURCES)), path.read_bytes()) for path in _inputs())


def _inputs() -> Iterator[Path]:
    yield from (SOURCES / "out" / f"{name}.sol" / f"{name}.json" for name in ARTIFACTS)
    yield from (SOURCES / "scripts" / "deployment").rglob("*.py")
    yield Path(__file__)


def _quietly(_: str) -> None:
    return None
