"""Transfer machine with real engines on three chains: all routes, both assets, mixed decimals."""

from __future__ import annotations

import pytest

from keepers.model.transfer import DONE
from tests.integration.transfers.carriers import Order
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.test_end_to_end import ORDERS


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_transfer__by_each_route__arrives_exactly(keeper: TreasuryKeeper, order: Order) -> None:
    treasuries = keeper.treasuries
    books = treasuries.books(order.asset)
    before = treasuries.balance(order.destination, order.asset)
    left = treasuries.balance(order.source, order.asset)
    keeper.begin(order)
    record = keeper.bring_to_the_end()
    assert record.position == DONE
    assert treasuries.balance(order.destination, order.asset) == before + order.wanted
    assert treasuries.balance(order.source, order.asset) == left - record.terms.amount
    assert treasuries.books(order.asset).total == books.total
