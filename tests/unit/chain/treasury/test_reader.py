"""Tests of the treasury reader: one request, and each value in its field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.treasury.reader import TreasuryReader
from keepers.model.errors.chain import UnexplainedRevertError
from keepers.model.limits import Limit
from keepers.model.treasury import Legs, SizeBands, TreasuryHolding, VenuePosition
from tests.unit.chain.treasury.treasury_node import (
    ADDRESSES,
    AT,
    BLOCK,
    HEADER,
    KEEPER,
    MULTICALL,
    VENUE,
    TreasuryNode,
)

IDS = ("0x" + "11" * 32, "0x" + "22" * 32)
ANSWERS: dict[tuple[str, str], tuple[Any, ...]] = {
    ("TreasuryLens", "balancesOf"): (700, 55),
    ("TreasuryLens", "positionsOf"): ([(VENUE, 50, 55, 54)],),
    ("TreasuryLens", "legsOf"): ([(AT, 0, 0, 0), (0, AT + 1, AT + 2, AT + 3)],),
    ("Treasury", "bucketOf"): ((3, 0, 0, 86_400, 2),),
    ("Treasury", "available"): (250,),
    ("Treasury", "isKeeper"): (True,),
    ("Treasury", "bands"): ((10, 20, 3_600),),
    ("Treasury", "paused"): (False,),
    ("Treasury", "epoch"): (4,),
    ("Multicall3", "getEthBalance"): (10**18,),
    ("Treasury", "approvalsFor"): (2,),
}


def reader_of(node: TreasuryNode) -> TreasuryReader:
    return TreasuryReader(Node(node, 1, MULTICALL, Reverts({})), ADDRESSES, KEEPER)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


async def test_look__everything__comes_in_one_request_of_one_block() -> None:
    node = TreasuryNode(ANSWERS)
    view = await reader_of(node).read_view(IDS)
    assert len(node.batches) == 1
    assert (view.chain_id, view.block_number, view.block_hash) == (1, BLOCK, HEADER["hash"])
    assert view.at == at(AT)
    position = VenuePosition(venue=VENUE, shares=50, value=55, withdrawable=54)
    assert view.holdings == {"USDC": TreasuryHolding(700, (position,))}
    assert view.holdings["USDC"].invested == 55
    assert view.legs[IDS[0]] == Legs(sent=at(AT))
    assert view.legs[IDS[1]] == Legs(received=at(AT + 1), invested=at(AT + 2), divested=at(AT + 3))
    limit = Limit(300, 250, 86_400)
    assert (view.keeper_limits.automatic, view.keeper_limits.reducing) == (limit, limit)
    assert view.route_limits == {("USDC", "CCTP"): limit}
    assert view.venue_limits == {VENUE: limit}
    assert view.bands == SizeBands(single_above=10, dual_above=20, maximum_plan_seconds=3_600)
    assert (view.paused, view.epoch, view.keeper_balance_wei) == (False, 4, 10**18)


async def test_look__keeper_that_the_switch_removed__may_nothing_whatever_its_limits() -> None:
    allowed = (await reader_of(TreasuryNode(ANSWERS)).read_view(IDS)).keeper_limits
    assert (allowed.allowed, allowed.removed) == (True, False)
    removed = ANSWERS | {("Treasury", "isKeeper"): (False,)}
    limits = (await reader_of(TreasuryNode(removed)).read_view(IDS)).keeper_limits
    assert (limits.allowed, limits.removed) == (False, True)


async def test_look__a_venue_that_cannot_say__stops_the_reading() -> None:
    broken = {key: each for key, each in ANSWERS.items() if key[1] != "positionsOf"}
    with pytest.raises(UnexplainedRevertError, match=r"TreasuryLens\.positionsOf"):
        await reader_of(TreasuryNode(broken)).read_view()


async def test_approvals_for__asks_the_chain() -> None:
    assert await reader_of(TreasuryNode(ANSWERS)).approvals_for(21) == 2


@given(st.integers(0, 40), st.integers(0, 20), st.integers(0, 20))
def test_bands__as_the_contract_counts(size: int, single: int, more: int) -> None:
    bands = SizeBands(single_above=single, dual_above=single + more, maximum_plan_seconds=1)
    expected = 2 if size > single + more else 1 if size > single else 0
    assert bands.approvals_for(size) == expected


def test_tokens__name_what_errors_are_about() -> None:
    names = {each.symbol for each in ADDRESSES.tokens.values()}
    assert names == {"USDC", "route CCTP of USDC", "a venue of USDC"}
