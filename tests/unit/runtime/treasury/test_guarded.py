"""Tests of a guarded bridge: the requests that wait for a missing response, and for how long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import pytest

from keepers.model.bridge import BridgeQuote, CrossingRequest
from keepers.model.errors.transfers import BadBridgeAnswerError, BridgeUnreachableError
from keepers.runtime.treasury.guarded_bridge import GuardedBridge
from tests.support.bridging import PaperClock

SECONDS = 0.05
QUOTE = BridgeQuote(send=1, receive=1, fee=0, minimum=0, maximum=None, seconds=Fraction(1))


@dataclass
class Hanging:
    """Bridge that does not respond about lanes with some chains."""

    silent: set[int] = field(default_factory=set[int])
    asked: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    fails: bool = False
    name: str = "SOME"

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        self.asked.append((request.source, request.destination))
        if self.fails:
            raise KeyError("secret")
        if {request.source, request.destination} & self.silent:
            await asyncio.Event().wait()
        return QUOTE


@pytest.fixture
def bridge() -> Hanging:
    return Hanging()


@pytest.fixture
def clock() -> PaperClock:
    return PaperClock()


@pytest.fixture
def guarded(bridge: Hanging, clock: PaperClock) -> GuardedBridge:
    return GuardedBridge(cast("Any", bridge), clock, SECONDS)


def request(source: int, destination: int, asset: str = "USDC") -> CrossingRequest:
    return CrossingRequest(asset=asset, source=source, destination=destination, receive=1)


async def test_quote__same_lane_after_a_time_out__is_asked_once_in_that_time(
    guarded: GuardedBridge, bridge: Hanging, clock: PaperClock
) -> None:
    bridge.silent = {10}
    for asset in ("USDC", "USDC", "USDT"):
        with pytest.raises(BridgeUnreachableError, match="response to quote from EVM-1 to EVM-10"):
            await guarded.quote(request(1, 10, asset))
    assert bridge.asked == [(1, 10)]
    clock.elapsed += SECONDS
    bridge.silent = set()
    assert await guarded.quote(request(1, 10)) == QUOTE


async def test_quote__another_lane_after_a_time_out__is_answered(
    guarded: GuardedBridge, bridge: Hanging
) -> None:
    bridge.silent = {10}
    with pytest.raises(BridgeUnreachableError):
        await guarded.quote(request(1, 10))
    for lane in ((1, 20), (20, 1)):
        assert await guarded.quote(request(*lane)) == QUOTE


async def test_quote__unforeseen_failure__is_an_answer_that_cannot_be_used(
    guarded: GuardedBridge, bridge: Hanging
) -> None:
    bridge.fails = True
    with pytest.raises(BadBridgeAnswerError, match="quote failed with KeyError") as raised:
        await guarded.quote(request(1, 10))
    assert "secret" not in str(raised.value)
