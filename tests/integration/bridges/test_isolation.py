"""A broken bridge stops its own route and no other; the rows are in `broken.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from keepers.model.bridge import BridgeQuote, Departure, Unavailable, Unreadable
from keepers.transfers.machine.dependencies import Survey, Underway, quote_of, survey
from tests.integration.bridges.broken import BROKEN, Broken
from tests.integration.bridges.four import ANSWER_SECONDS, FOUR, Four, open_four, request_of
from tests.integration.bridges.test_oft import logs_of
from tests.support.bridging import departure, terms
from tests.support.burning import burn_of, message_of, sent


@pytest.fixture
async def four() -> AsyncGenerator[Four]:
    async with open_four() as opened:
        yield opened


def test_rows__ids__are_there_once() -> None:
    ids = [each.row.row_id for each in BROKEN]
    assert len(ids) == len(set(ids))
    assert {each.bridge for each in BROKEN} == set(FOUR)


async def test_four__nothing_broken__are_quoted_and_tracked(four: Four) -> None:
    answers = await four.quotes()
    assert all(isinstance(each, BridgeQuote) for each in answers.values()), answers
    assert (await _survey(four)).unreadable == {}


@pytest.mark.parametrize("broken", BROKEN, ids=[each.row.row_id for each in BROKEN])
async def test_broken__one_of_four__stops_itself_alone(four: Four, broken: Broken) -> None:
    healthy = await four.quotes()
    broken.apply(four)
    answers = await four.quotes()
    assert isinstance(answers[broken.bridge], broken.answer), answers[broken.bridge]
    for name in FOUR:
        if name != broken.bridge:
            assert answers[name] == healthy[name]
    found = await _survey(four)
    may_be_unread = {_departure(broken.bridge).transfer_id} if broken.tracking else set[str]()
    assert set(found.unreadable) <= may_be_unread


@pytest.mark.parametrize("bridge", FOUR)
async def test_slow__one_of_four__delays_no_other(four: Four, bridge: str) -> None:
    await four.quotes()
    broken = next(each for each in BROKEN if each.row.row_id == f"B-{bridge}-SLOW")
    broken.apply(four)
    slow = asyncio.create_task(quote_of(four.bridges[bridge], request_of(bridge)))
    others = [quote_of(four.bridges[each], request_of(each)) for each in FOUR if each != bridge]
    answers = await asyncio.gather(*others)
    assert all(isinstance(each, BridgeQuote) for each in answers)
    assert not slow.done()
    async with asyncio.timeout(2 * ANSWER_SECONDS):
        assert isinstance(await slow, Unreadable)


@pytest.mark.parametrize("bridge", FOUR)
async def test_heals__after_silence__is_quoted_again(four: Four, bridge: str) -> None:
    healthy = await four.quotes()
    silent = next(each for each in BROKEN if each.row.row_id == f"B-{bridge}-SILENT")
    silent.apply(four)
    assert isinstance((await four.quotes())[bridge], Unreadable)
    four.services[bridge].heal()
    assert await four.quotes() == healthy


async def test_t18__inbox_not_on_the_list__is_unavailable_in_the_words_of_the_check(
    four: Four,
) -> None:
    exchange = four.services["EXCHANGE"]
    exchange.listed.clear()  # type: ignore[attr-defined]
    answer = (await four.quotes())["EXCHANGE"]
    assert isinstance(answer, Unavailable)
    assert "its withdrawal addresses lack our inboxes" in answer.reason


async def _survey(four: Four) -> Survey:
    """Survey one transfer in transit over each bridge."""
    underway = [
        Underway(bridge=name, departure=_departure(name), remote_id="" if name in DIRECT else "id")
        for name in FOUR
    ]
    four.services["CUSTODIAN"].crossings["id"] = {"id": "1", "state": "accepted"}  # type: ignore[attr-defined]
    return await survey(four.bridges, underway)


DIRECT = ("CCTP", "OFT")
"""Bridges whose transfers need no remote id: the chain shows them."""


def _departure(name: str) -> Departure:
    of = terms(asset="USDC" if name in {"CCTP", "CUSTODIAN"} else "USDT", route=name)
    if name == "CCTP":
        return departure(of, [sent(message_of(burn_of(of)))], at=datetime.now(UTC))
    left = departure(of, at=datetime.now(UTC))
    return departure(of, logs_of(left, amount=of.amount), at=left.at) if name == "OFT" else left
