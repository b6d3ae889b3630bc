"""The machine with real engines on three chains: every route, both assets, mixed decimals."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from keepers.app.treasury.once import look_after
from keepers.domain.transfer import DONE
from tests.integration.transfers.carriers import Order
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.test_end_to_end import ORDERS
from tests.integration.transfers.treasuries import Treasuries

MOST_ROUNDS = 12


@pytest.fixture
def keeper(
    treasuries: Treasuries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TreasuryKeeper:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made = TreasuryKeeper(treasuries, tmp_path, f"sqlite:///{tmp_path / 'ballast.sqlite'}")
    made.configure()
    return made


def bring_to_the_end(keeper: TreasuryKeeper) -> None:
    """The keeper's process as often as it takes, and the bridges in between."""
    for _ in range(MOST_ROUNDS):
        done = asyncio.run(look_after(keeper.settings, arm=True, say=print))
        if not done.under_way:
            return
        keeper.treasuries.bridges.deliver()
    raise AssertionError([(each.place.text, each.wait) for each in keeper.transfers()])


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_transfer__by_each_route__arrives_exactly(keeper: TreasuryKeeper, order: Order) -> None:
    treasuries = keeper.treasuries
    books = treasuries.books(order.asset)
    before = treasuries.balance(order.destination, order.asset)
    left = treasuries.balance(order.source, order.asset)
    keeper.begin(order)
    bring_to_the_end(keeper)
    (record,) = keeper.transfers()
    assert record.place == DONE
    assert treasuries.balance(order.destination, order.asset) == before + order.wanted
    assert treasuries.balance(order.source, order.asset) == left - record.terms.amount
    assert treasuries.books(order.asset).total == books.total
