"""A fork, by ape-foundry, of a chain with real protocols: a local upstream, or a live endpoint.

With BALLAST_FORK_RPC_URL set (an Ethereum node) the same tests run against the live contracts
of `deployments/example.toml`; without it against those of the local network.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.config import DELAYS, Limit, Roles
from scripts.deployment.configure import configure
from scripts.deployment.deploy import deploy
from scripts.deployment.local import DEPLOYER, GUARDIAN, KEEPER
from scripts.deployment.record import Record
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.local import write_local_config
from scripts.deployment.vault.parts import LossBudgets
from scripts.network import start_network
from scripts.network.accounts import test_account
from scripts.network.chain import LocalChain
from tests.fork.actors import Treasury
from tests.fork.ape_fork import fork
from tests.fork.market import Market

LIVE = "BALLAST_FORK_RPC_URL"
FILLING_SECONDS = 60
EXAMPLE = Path(__file__).resolve().parents[2] / "deployments" / "example.toml"


@dataclass(frozen=True)
class Upstream:
    """The forked chain: its name in ape, its URL and its intended configuration.

    `local` is the chain with its market, if it belongs to the local network.
    """

    network: str
    url: str
    config: VaultConfig
    local: LocalChain | None = None


@contextmanager
def _local_upstream(folder: Path) -> Generator[Upstream]:
    with start_network(("ethereum-local",)) as network:
        chain = network.chains["ethereum-local"]
        path = folder / "ethereum-local.toml"
        write_local_config(chain, path)
        yield Upstream(chain.name, chain.url, VaultConfig.load(path), chain)


def known_roles() -> Roles:
    owner, guardian = (test_account(each).address for each in (DEPLOYER, GUARDIAN))
    delays = dict.fromkeys(DELAYS, 0)
    return Roles(
        admin=owner,
        configurators=(owner,),
        guardians=(guardian,),
        accept_no_delay=True,
        **delays,
    )


def _test_accounts(config: VaultConfig) -> VaultConfig:
    """Replace placeholders by accounts whose keys are known."""
    keeper = config.keepers[0].model_copy(update={"account": test_account(KEEPER).address})
    update = {"roles": known_roles(), "keepers": (keeper,), "approvers": ()}
    return config.model_copy(update=update)


def _soon_full(config: VaultConfig) -> VaultConfig:
    """Set large limits that fill in a minute: live feeds get no new prices on a fork.

    Fresh shares are held no longer, for the same reason.
    """
    limit = Limit(cap=Decimal(10_000_000), period_seconds=FILLING_SECONDS)
    keepers = [
        keeper.model_copy(update={"automatic": limit, "reducing": limit})
        for keeper in config.keepers
    ]
    update = {
        "vault": config.vault.model_copy(update={"holding_seconds": FILLING_SECONDS}),
        "keepers": tuple(keepers),
        "l2": tuple(each.model_copy(update={"limit": limit}) for each in config.l2),
        "l3": tuple(each.model_copy(update={"limit": limit}) for each in config.l3),
        "loss_budgets": LossBudgets(adding=limit, reducing=limit),
    }
    return config.model_copy(update=update)


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    live = os.environ.get(LIVE)
    if live:
        yield Upstream("mainnet", live, _test_accounts(VaultConfig.load(EXAMPLE)))
        return
    with _local_upstream(tmp_path_factory.mktemp("upstream")) as local:
        yield local


@pytest.fixture(scope="session")
def forked(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Treasury]:
    """Ballast deployed and configured on the fork.

    Anvil caches the storage of forks under HOME by chain and block, which does not identify a
    local chain that is rebuilt: it gets a HOME of its own.
    """
    os.environ["HOME"] = str(tmp_path_factory.mktemp("home"))
    with fork(upstream.network, upstream.url) as web3:
        chain = unlocked_chain(web3, test_account(DEPLOYER).address)
        config = _soon_full(upstream.config)
        record = Record.load(tmp_path_factory.mktemp("fork") / "fork.json", config)
        deployment = ManagedVault(chain, config, record)
        deploy(ManagedVault(chain, config, record), lambda _: None)
        configure(deployment, lambda _: None)
        treasury = Treasury(deployment)
        treasury.rpc("evm_increaseTime", FILLING_SECONDS)
        treasury.rpc("evm_mine")
        yield treasury


@pytest.fixture
def treasury(forked: Treasury) -> Iterator[Treasury]:
    """The treasury; its chain is reverted afterwards."""
    snapshot = forked.rpc("evm_snapshot")
    yield forked
    forked.rpc("evm_revert", snapshot)


@pytest.fixture
def market(upstream: Upstream, treasury: Treasury) -> Market:
    """The market on the fork; its tests are skipped on a live one, which they cannot move."""
    if upstream.local is None:
        pytest.skip("pools and feeds can only be moved where they are of the local network")
    provider: Any = treasury.deployment.chain.web3.provider
    return Market(replace(upstream.local, url=str(provider.endpoint_uri)))
