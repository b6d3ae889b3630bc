"""Assets do not wait for each other, and a bridge whose terms change is asked once more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.model.bridge import BridgeQuote, CrossingRequest
from tests.unit.transfers.inventory.paper import BASE, UNIT, PaperInventory
from tests.unit.transfers.paper_treasury import UNLIMITED
from tests.unit.transfers.transfer_rig import ONE, TWO

pytestmark = pytest.mark.long


def add_usdt(inventory: PaperInventory) -> None:
    """Add a second asset, of which the second chain lacks 60."""
    for chain_id, amount in ((ONE, 2 * BASE), (TWO, 40 * UNIT)):
        chain = inventory.settings.chains[chain_id]
        assets = {**chain.assets, "USDT": chain.assets["USDC"]}
        chains = {**inventory.settings.chains, chain_id: replace(chain, assets=assets)}
        inventory.settings = replace(inventory.settings, chains=chains)
        inventory.treasuries[chain_id].funds["USDT"] = amount
        limits = {(asset, "TIMED"): UNLIMITED for asset in assets}
        inventory.shown[chain_id]["route_limits"] = limits
    inventory.inventory = replace(inventory.inventory, settings=inventory.settings)


def test_check__two_assets__are_two_batches(inventory: PaperInventory) -> None:
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    add_usdt(inventory)
    made = inventory.check()
    assert [inventory.transfers.of_batch(each.batch_id)[0].terms.asset for each in made] == [
        "USDC",
        "USDT",
    ]
    inventory.run()
    for chain_id, idle in ((ONE, BASE + 40 * UNIT), (TWO, BASE)):
        assert inventory.treasuries[chain_id].books().idle == {"USDC": idle, "USDT": idle}


def test_f9__a_lost_departure__is_counted_and_stops_nothing(inventory: PaperInventory) -> None:
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    inventory.timed.ready = False
    inventory.check()
    inventory.run_until("CROSS.CROSSING")
    inventory.treasuries[ONE].chain.reorganise(4)
    inventory.use(TWO, 60 * UNIT)
    inventory.use(ONE, -BASE)
    add_usdt(inventory)
    made = inventory.check()
    assets = [inventory.transfers.of_batch(each.batch_id)[0].terms for each in made]
    assert [(each.asset, each.amount) for each in assets] == [
        ("USDC", 60 * UNIT),
        ("USDT", 60 * UNIT),
    ]
    assert "does not show its send transaction" in inventory.left()


class Fickle:
    """Bridge whose fee rises after a number of quotes."""

    def __init__(self, inventory: PaperInventory, *, calm: int, risen: int) -> None:
        self.quotes, self._calm, self._risen = 0, calm, risen
        self._bridge = inventory.timed

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        self.quotes += 1
        self._bridge.fee = self._risen if self.quotes > self._calm else 0
        return await self._bridge.quote(request)

    def __getattr__(self, name: str) -> object:
        return getattr(self._bridge, name)


def with_fickle(inventory: PaperInventory, surplus: int) -> Fickle:
    inventory.use(ONE, -surplus)
    inventory.use(TWO, 60 * UNIT)
    fickle = Fickle(inventory, calm=1, risen=5)
    machine = replace(inventory.world, bridges={"TIMED": fickle})  # type: ignore[dict-item]
    inventory.inventory = replace(inventory.inventory, machine=machine)
    return fickle


def test_terms__dearer_than_planned__still_bring_the_destination_to_its_base(
    inventory: PaperInventory,
) -> None:
    fickle = with_fickle(inventory, surplus=61 * UNIT)
    (batch,) = inventory.check()
    (transfer,) = inventory.transfers.of_batch(batch.batch_id)
    assert (transfer.terms.amount, transfer.terms.min_received) == (60 * UNIT + 5, 60 * UNIT)
    assert fickle.quotes == 2


def test_terms__that_would_take_the_source_below_its_base__are_planned_once_more_then_left(
    inventory: PaperInventory,
) -> None:
    fickle = with_fickle(inventory, surplus=60 * UNIT)
    assert inventory.check() == ()
    assert "EVM-42161 lacks 60: no route can carry it" in inventory.left()
    assert fickle.quotes == 4, "planned, quoted, and planned again with two quotes"
