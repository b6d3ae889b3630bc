"""M1: a holding that is broken in any way is left out, and everything else is still read."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import pytest

from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.snapshot import VaultChain
from keepers.chain.vault.survey import VaultSurvey
from keepers.model.order import OrderKind, Quote, QuoteRequest, TradingRoom
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.runs.tiers.offers import left_out_of
from tests.unit.chain.vault.broken_holding import (
    ADDRESSES,
    BOOK,
    FUND,
    MULTICALL,
    ONE,
    ROWS,
    Part,
    Row,
    Vault,
    Way,
)

GOOD = {"FUND": 20 * ONE, "GOOD": 15 * ONE}
BAD = {"BAD-FUND": 10 * ONE, "BAD": 5 * ONE}
MOST_REQUESTS = 80
"""Limit for a check in which two holdings burn all gas; a sound vault needs three."""


async def look(
    row: Row | None, low: Collection[str] = ()
) -> tuple[VaultSnapshot, set[str], dict[str, list[Quote]], Vault]:
    """Return the snapshot, the left out holdings, quotes in both directions, and the vault."""
    vault = Vault(row, low)
    node = Node(cast("Rpc", vault), 1, MULTICALL, Reverts(ADDRESSES.tokens))
    chain = VaultChain(node, ADDRESSES, "main", None, VaultSurvey(ADDRESSES))
    market = VaultMarket(node, ADDRESSES, chain.reads)
    snapshot = await chain.snapshot()
    rooms = await market.room(snapshot.positions, snapshot.block_number)
    left_out = {
        each.asset
        for position, room in zip(snapshot.positions, rooms, strict=True)
        for each in left_out_of(position, room)
    }
    quotes = {
        each.symbol: list(await market.quotes(_both_ways(each), snapshot.block_number))
        for each in snapshot.positions
    }
    return snapshot, left_out, quotes, vault


def _both_ways(position: VaultPosition) -> list[QuoteRequest]:
    return [QuoteRequest(kind, position, ONE) for kind in OrderKind]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_tick__one_holding_broken__all_others_are_read(row: Row) -> None:
    snapshot, left_out, quotes, vault = await look(row)
    positions = {each.symbol: each for each in snapshot.positions}
    assert {name: positions[name].value for name in GOOD} == GOOD
    assert all(positions[name].problem is None for name in GOOD)
    assert all(each.problem is None and each.out == ONE for name in GOOD for each in quotes[name])
    assert not left_out & set(GOOD)
    assert snapshot.tier_values == tuple(BOOK)
    assert vault.requests < MOST_REQUESTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_tick__one_holding_broken__is_told_of_it(row: Row) -> None:
    snapshot, left_out, quotes, _ = await look(row)
    positions = {each.symbol: each for each in snapshot.positions}
    # Their value is the tier's value in the book less that of the other holdings.
    assert {name: positions[name].value for name in BAD} == BAD
    unquoted = {name for name in BAD if any(each.problem for each in quotes[name])}
    concerned = {
        Part.VALUE: set(BAD),
        Part.TOKEN: set(BAD),
        Part.ROOM: {"BAD-FUND"},
        Part.QUOTE: set(BAD),
        Part.VENUE: {"BAD"},
    }[row.part]
    assert concerned <= left_out | unquoted
    assert all((positions[name].problem is None) == row.is_valued for name in BAD)


@pytest.mark.parametrize("row", [None, Row(Part.VALUE, Way.REVERTS)], ids=["alone", "beside"])
async def test_tick__rate_below_the_least__is_valued_and_not_bought(row: Row | None) -> None:
    snapshot, left_out, quotes, vault = await look(row, {FUND})
    (fund,) = (each for each in snapshot.positions if each.symbol == "FUND")
    assert (fund.low, fund.value, fund.problem) == (True, 20 * ONE, None)
    assert not any(each.low for each in snapshot.positions if each is not fund)
    assert "FUND" in left_out
    (found,) = left_out_of(fund, TradingRoom(None, None))
    assert found.text.startswith("FUND is not bought: its rate is below the minimum rate")
    assert not found.closes(OrderKind.SALE)
    assert all(each.problem is None for each in quotes["FUND"])
    assert vault.requests < MOST_REQUESTS


async def test_tick__sound_vault__makes_few_requests() -> None:
    snapshot, left_out, quotes, vault = await look(None)
    assert left_out == set()
    assert all(each.problem is None for listed in quotes.values() for each in listed)
    assert sum(snapshot.tier_values) == snapshot.total_assets
    assert vault.requests <= 3 + len(snapshot.positions)
