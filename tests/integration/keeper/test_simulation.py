"""Both simulation methods agree, and report the contract's own errors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from keepers.chain.node import Node
from keepers.chain.simulation import BUNDLE
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.simulation import NodeSimulator
from keepers.chain.vault.snapshot import VaultChain
from keepers.config import load_settings
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import CallRevertedError, NodeRefusedError
from keepers.model.order import OrderKind
from keepers.model.risk import Simulation
from keepers.runtime.process.nodes import pool_of
from keepers.runtime.vault.setup import connected, set_up
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT
from tests.integration.support.keeper import Keeper

EVERYBODY = ("AAVE-USDT", "WETH", "CREDIT")


async def calls_of(chain: VaultChain, minimum_out: int = 0) -> list[ContractCall]:
    snapshot = await chain.snapshot()
    market = VaultMarket(chain.node, chain.addresses)
    deadline = snapshot.at + timedelta(hours=1)
    return [
        await market.call(
            OrderKind.PURCHASE,
            position,
            amount_in=10_000 * USDT,
            minimum_out=minimum_out,
            deadline=deadline,
        )
        for position in snapshot.positions
        if position.symbol in EVERYBODY
    ]


def refuse_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Node.ask

    async def without(self: Node, method: str, *params: object) -> Any:
        if method == BUNDLE:
            raise NodeRefusedError(method, -32601, "Method not found")
        return await ask(self, method, *params)

    monkeypatch.setattr(Node, "ask", without)


async def simulated(keeper: Keeper, minimum_out: int = 0) -> Simulation:
    setup = set_up(load_settings(keeper.folder / "ballast.toml"), None)
    async with connected(setup, KEEPER_ACCOUNT.address) as chain:
        simulator = NodeSimulator(chain.node, chain.addresses.controller)
        return await simulator.simulate(KEEPER_ACCOUNT.address, await calls_of(chain, minimum_out))


async def test_simulate__bundle_and_override__agree(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = await simulated(keeper)
    refuse_bundles(monkeypatch)
    override = await simulated(keeper)
    assert (bundle.method, override.method) == ("eth_simulateV1", "eth_call")
    assert bundle.tier_values is not None
    assert override.tier_values is not None
    # A second passes between the two, in which the money market pays some interest.
    for first, second in zip(bundle.tier_values, override.tier_values, strict=True):
        assert abs(first - second) <= 10
    assert keeper.vault.keeper_nonce() == 0


@pytest.mark.parametrize("bundles", [True, False])
async def test_simulate__too_much_asked__names_the_error(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, *, bundles: bool
) -> None:
    if not bundles:
        refuse_bundles(monkeypatch)
    found = await simulated(keeper, minimum_out=10**30)
    assert found.failed is not None
    assert found.failed.index == 0
    assert "InsufficientOutput" in found.failed.error


async def test_estimate_gas__call_that_reverts__has_the_contracts_error(keeper: Keeper) -> None:
    setup = set_up(load_settings(keeper.folder / "ballast.toml"), None)
    async with connected(setup, KEEPER_ACCOUNT.address) as chain:
        call = (await calls_of(chain, 10**30))[0]
        async with pool_of(setup.chain, chain.node.reverts) as nodes:
            with pytest.raises(CallRevertedError, match="InsufficientOutput"):
                await nodes.estimate(KEEPER_ACCOUNT.address, call, 0)
