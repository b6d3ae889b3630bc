"""Transfers over all routes at once, both assets: no value is lost at any block of any chain.

At each block a treasury's own balance changes by exactly the amounts of its events of that block.
So at each block of each chain the sum of idle, invested, in flight and lost to fees is the same
as at the beginning. Balances are read from archived states.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from keepers.model.transfer import DONE
from scripts.deployment.treasury.settings import word
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.mining import mining
from tests.integration.transfers.test_end_to_end import ORDERS
from tests.integration.transfers.treasuries import ASSETS, COMMON_DECIMALS, Treasuries

SIGNS = {"TransferSent": -1, "TransferReceived": 1, "Invested": -1, "Divested": 1}
"""Direction in which an event moves the treasury's own balance."""


@dataclass(frozen=True)
class Block:
    """Balance of an asset in a block of a chain, and its change by events, in 18 decimals."""

    time: int
    chain: str
    number: int
    held: int
    moved: int


def amount_of(name: str, facts: Mapping[str, Any]) -> int:
    """Return the amount of an event, in units of the token."""
    match name:
        case "TransferSent":
            return facts["transfer"]["amount"]
        case "Invested":
            return facts["amount"]
        case _:
            return facts["received"]


def moves(treasuries: Treasuries, chain: str, asset: str) -> dict[int, int]:
    """Return the balance change of each block according to events, in units of the token."""
    found: dict[int, int] = defaultdict(int)
    record = treasuries.record(chain)
    for name, sign in SIGNS.items():
        event = treasuries.contract(chain).events[name]()
        for log in event.get_logs(from_block=treasuries.first_blocks[chain] + 1):
            facts: Mapping[str, Any] = log["args"]
            is_its = facts.get("asset") == word(asset) or (
                facts.get("venue") in record["venues"].get(asset, [])
            )
            found[log["blockNumber"]] += sign * amount_of(name, facts) * is_its
    return found


def blocks(treasuries: Treasuries, chain: str, asset: str) -> list[Block]:
    """Return every block of the test, starting with the one before it."""
    node, token = treasuries.chains[chain].web3.eth, treasuries.chains[chain].stablecoin(asset)
    balance = token.functions.balanceOf(treasuries.contract(chain).address)
    unit = 10 ** (COMMON_DECIMALS - treasuries.decimals(chain, asset))
    moved = moves(treasuries, chain, asset)
    return [
        Block(
            time=node.get_block(number).get("timestamp", 0),
            chain=chain,
            number=number,
            held=balance.call(block_identifier=number) * unit,
            moved=moved[number] * unit,
        )
        for number in range(treasuries.first_blocks[chain], node.block_number + 1)
    ]


def assert_conserved(treasuries: Treasuries, asset: str) -> int:
    """Check every block; return the number of blocks."""
    chains = {chain: blocks(treasuries, chain, asset) for chain in treasuries.chains}
    idle = {chain: found[0].held for chain, found in chains.items()}
    total, elsewhere = sum(idle.values()), 0
    later = [each for found in chains.values() for each in found[1:]]
    for block in sorted(later, key=lambda each: (each.time, each.chain, each.number)):
        assert block.held - idle[block.chain] == block.moved, block
        idle[block.chain] = block.held
        elsewhere -= block.moved
        assert sum(idle.values()) + elsewhere == total, block
    books = treasuries.books(asset)
    assert elsewhere == books.invested + books.in_flight + books.fees
    return len(later)


def test_all_routes_at_once__every_block__nothing_is_lost(
    keeper: TreasuryKeeper, capsys: pytest.CaptureFixture[str]
) -> None:
    treasuries = keeper.treasuries
    orders = list(ORDERS.values())
    keeper.begin(*orders)
    more = [order.after(len(orders)) for order in orders[:1]]
    keeper.begin(*more, invest=True)
    with mining(treasuries.chains.values()):
        for _ in range(12):
            if not keeper.bring_on():
                break
            treasuries.bridges.deliver()
    records = keeper.transfers()
    assert len(records) == len(orders) + len(more)
    assert all(each.position == DONE for each in records)
    seen = sum(assert_conserved(treasuries, asset) for asset in ASSETS)
    with capsys.disabled():
        print(f"\n{len(records)} transfers, conservation at {seen} blocks")  # noqa: T201 - reports a figure
