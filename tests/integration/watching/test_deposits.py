"""Deposits of a real vault on a chain that is reorganised; nodes that refuse long ranges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from keepers.chain.node import Node
from keepers.chain.pool import FailoverReader, Members, PoolPolicy
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.chain.vault.chain_events import VaultDeposits, VaultGauge
from keepers.config import load_deployment
from keepers.model.chain import NodeRole
from keepers.model.chain_events import Level, LevelKind
from keepers.model.errors.chain import BlockNotThereError, RangeRefusedError
from keepers.runs.events.deposits import DepositReader
from keepers.runtime.vault.setup import addresses_of
from keepers.store.chain_events import ChainEventRepository
from keepers.store.connection import connect
from keepers.store.database import Database, open_database
from keepers.store.ticks import clock_lease
from scripts.network import LocalNetwork
from tests.integration.support.deploy import USDT, DeployedVault, deploy_vault
from tests.support.postgres import database, postgres
from tests.support.sqlite import new_database

T = TypeVar("T")
CONFIRMATIONS = 2


@pytest.fixture(scope="module")
def deployed(
    network: LocalNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Generator[DeployedVault]:
    """Vault of these tests only."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    yield deploy_vault(chain, tmp_path_factory.mktemp("watched"))
    chain.revert(before)


@pytest.fixture
def vault(deployed: DeployedVault) -> Generator[DeployedVault]:
    """The vault; its chain is reset afterwards."""
    before = deployed.chain.snapshot()
    yield deployed
    deployed.chain.revert(before)


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Database]:
    """An empty database of each kind."""
    with ExitStack() as stack:
        if request.param == "postgres":
            url = database(stack.enter_context(postgres()))
            open_database(url).close()
        else:
            url = new_database(tmp_path / "watch.sqlite")
        opened = Database(connect(url))
        stack.callback(opened.close)
        yield opened


class Watcher:
    """Parts that watch a vault; each call connects anew, as after a restart."""

    def __init__(self, vault: DeployedVault, ledger: Database) -> None:
        self.vault = vault
        self.addresses = addresses_of(load_deployment(vault.file))
        lease = clock_lease(ledger, "main", holder="one", seconds=600)
        lease.acquire()
        self.known = ChainEventRepository(ledger, "main", vault.chain.chain_id, lease)

    def look(self) -> bool:
        async def work(members: Members) -> bool:
            blocks = VaultDeposits(members, self.addresses.vault)
            return await DepositReader(blocks, self.known, confirmations=CONFIRMATIONS).catch_up()

        return self._with(work)

    def levels(self) -> tuple[Level, ...]:
        async def work(members: Members) -> tuple[Level, ...]:
            reader, tokens = FailoverReader(members), self.addresses.tokens
            chain_id, batches = self.vault.chain.chain_id, self.addresses.multicall3
            node = Node(reader, chain_id, batches, Reverts(tokens))
            return await VaultGauge(node, self.addresses).levels()

        return self._with(work)

    def amounts(self) -> list[int]:
        return [each.amount // USDT for each in self.known.open_deposits()]

    def _with(self, work: Callable[[Members], Awaitable[T]]) -> T:
        async def connected() -> T:
            rpc = Rpc(self.vault.chain.url)
            chain_id = self.vault.chain.chain_id
            members = Members([(rpc, NodeRole.READER)], chain_id, PoolPolicy())
            try:
                return await work(members)
            finally:
                await rpc.close()

        return asyncio.run(connected())


def test_deposits__are_found_once_they_are_deep_enough(
    vault: DeployedVault, ledger: Database
) -> None:
    watcher = Watcher(vault, ledger)
    assert watcher.look()
    vault.deposit(1_000)
    assert watcher.look()
    assert watcher.amounts() == []
    vault.chain.mine()
    assert watcher.look()
    assert watcher.look()
    assert watcher.amounts() == [1_000]


def test_deposits__of_a_block_that_is_gone__are_withdrawn(
    vault: DeployedVault, ledger: Database
) -> None:
    watcher = Watcher(vault, ledger)
    watcher.look()
    vault.deposit(1_000)
    vault.chain.mine(CONFIRMATIONS)
    before = vault.chain.snapshot()
    vault.deposit(2_000)
    vault.chain.mine(CONFIRMATIONS)
    watcher.look()
    assert watcher.amounts() == [1_000, 2_000]
    vault.chain.revert(before)
    with pytest.raises(BlockNotThereError):
        watcher.look()
    vault.deposit(3_000)
    vault.chain.mine(2 * CONFIRMATIONS)
    watcher.look()
    assert watcher.amounts() == [1_000, 3_000]


def test_deposits__anvil_reorganises__what_is_gone_is_withdrawn(
    vault: DeployedVault, ledger: Database
) -> None:
    watcher = Watcher(vault, ledger)
    watcher.look()
    vault.deposit(1_000)
    vault.chain.mine(CONFIRMATIONS)
    watcher.look()
    assert watcher.amounts() == [1_000]
    vault.chain.rpc("anvil_reorg", CONFIRMATIONS + 2, [])
    vault.chain.mine(CONFIRMATIONS)
    watcher.look()
    assert watcher.amounts() == []


def test_levels__of_a_real_vault__has_a_price_of_every_holding(
    vault: DeployedVault, ledger: Database
) -> None:
    levels = Watcher(vault, ledger).levels()
    assert {level.kind for level in levels} == {LevelKind.PRICE}
    assert len({level.asset for level in levels}) == len(levels) > 1
    assert all(level.value > 0 for level in levels)


def test_range__that_the_node_refuses__is_named(vault: DeployedVault, ledger: Database) -> None:
    class Refusing(Rpc):
        async def ask(self, method: str, *params: object) -> object:
            if method == "eth_getLogs":
                return await super().ask("eth_noSuchMethod")
            return await super().ask(method, *params)

    watcher, head = Watcher(vault, ledger), vault.chain.web3.eth.block_number

    async def read() -> None:
        rpc = Refusing(vault.chain.url)
        members = Members([(rpc, NodeRole.READER)], vault.chain.chain_id, PoolPolicy())
        try:
            await VaultDeposits(members, watcher.addresses.vault).deposits(head - 1, head)
        finally:
            await rpc.close()

    with pytest.raises(RangeRefusedError):
        asyncio.run(read())
