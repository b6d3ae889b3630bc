"""Tests of missing quotes: a refusal is `Unavailable`, a missing response is `Unreadable`."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import pytest

from keepers.model.bridge import BridgeQuote, CrossingRequest, Unavailable, Unreadable
from keepers.model.errors import BallastError
from keepers.model.errors.chain import ChainUnreachableError, ContractMissingError
from keepers.model.errors.transfers import (
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeNotConfiguredError,
    BridgeRefusedError,
    BridgeUnreachableError,
    RouteUnavailableError,
)
from keepers.transfers.machine.dependencies import quote_of
from tests.unit.transfers.paper_bridges import AttestingBridge

REQUEST = CrossingRequest(asset="USDC", source=1, destination=2, receive=100)
QUOTE = BridgeQuote(
    send=101, receive=100, fee=1, minimum=0, maximum=None, seconds=Fraction(1), unavailable="shut"
)


class Raising(AttestingBridge):
    """Bridge that raises an error for every quote."""

    error: BallastError

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        del request
        raise self.error


class Declining(AttestingBridge):
    """Bridge with a quote that is marked unavailable."""

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        del request
        return QUOTE


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BridgeUnreachableError("it", "silent"), Unreadable),
        (BridgeBusyError("it", 60), Unreadable),
        (BadBridgeAnswerError("it", "garbage"), Unreadable),
        (ChainUnreachableError("it", "down"), Unreadable),
        (ContractMissingError("IBridgeRoute", "0x00"), Unreadable),
        (RouteUnavailableError("CCTP", "USDC", 1, 2), Unavailable),
        (BridgeNotConfiguredError("EXCHANGE"), Unavailable),
        (BridgeRefusedError("it", "HTTP 403", "no"), Unavailable),
    ],
)
def test_quote_of__error__tells_silence_from_a_refusal(
    error: BallastError, kind: type[Unavailable | Unreadable]
) -> None:
    bridge = Raising("IT", {})
    bridge.error = error
    assert asyncio.run(quote_of(bridge, REQUEST)) == kind(str(error))


def test_quote_of__unavailable_quote__is_unavailable() -> None:
    assert asyncio.run(quote_of(Declining("IT", {}), REQUEST)) == Unavailable("shut")


def test_quote_of__quote__is_passed_on() -> None:
    answer = asyncio.run(quote_of(AttestingBridge("IT", {}), REQUEST))
    assert isinstance(answer, BridgeQuote)
    assert answer.receive == REQUEST.receive
