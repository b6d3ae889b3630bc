"""A bridge that can fail in no way but those that its port names, and never for long.

Whatever a bridge does, its caller gets an answer or a `BridgeError` within a bounded time. So one
that hangs, or fails in a way that nobody has thought of, stops its own transfers and no others.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import structlog

from keepers.adapters.bridges.needs import Clock
from keepers.domain.bridging.crossing import (
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Initiation,
    Tracking,
)
from keepers.domain.bridging.effect import Effect
from keepers.domain.errors import BallastError
from keepers.domain.errors_bridges import BadBridgeAnswerError, BridgeUnreachableError
from keepers.engine.transfers.ports import Bridge

T = TypeVar("T")
INNERMOST = 5
WORD = 1 << 256
LONGEST_OPTIONS = 1_024
"""Of what `sendToBridge` is told, in bytes; a route takes two words."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class GuardedBridge:
    """The engine's `Bridge`, bounded in time and in the ways in which it can fail.

    After a time-out nothing is asked for as long again, so that those who ask in turn wait for a
    silent bridge once and not at every step.
    """

    def __init__(self, bridge: Bridge, clock: Clock, seconds: float) -> None:
        """`seconds` bounds each question, whatever the bridge asks of whom to answer it."""
        self.name = bridge.name
        self._bridge = bridge
        self._clock = clock
        self._seconds = seconds
        self._silent_until = 0.0

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Ask the bridge, and refuse a quote that cannot be one."""
        quote = await self._bounded("quote", self._bridge.quote(request))
        if problem := _nonsense(quote):
            raise BadBridgeAnswerError(self.name, problem)
        return quote

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Ask the bridge; it records what it is about to do, so it may be broken off anywhere."""
        return await self._bounded("initiate", self._bridge.initiate(departure, effect))

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Ask the bridge."""
        return await self._bounded("track", self._bridge.track(departure, remote_id))

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Ask the bridge."""
        return await self._bounded("complete", self._bridge.complete(departure, crossed))

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Delegate to the bridge."""
        return self._bridge.explain(state)

    async def _bounded(self, question: str, asking: Coroutine[Any, Any, T]) -> T:
        now = self._clock.monotonic()
        if now < self._silent_until:
            asking.close()
            left = int(self._silent_until - now) + 1
            problem = f"it did not answer in {self._seconds:g} s; asked again in {left} s"
            raise BridgeUnreachableError(self.name, problem)
        try:
            async with asyncio.timeout(self._seconds):
                return await asking
        except TimeoutError:
            self._silent_until = self._clock.monotonic() + self._seconds
            problem = f"no answer to {question} in {self._seconds:g} s"
            raise BridgeUnreachableError(self.name, problem) from None
        except BallastError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops this bridge alone
            # Neither its text nor its variables: they may have keys in them.
            problem = f"{question} failed with {type(error).__name__}"
            _log.error("bridge failed", bridge=self.name, problem=problem, at=_places(error))
            raise BadBridgeAnswerError(self.name, problem) from None


def _places(error: Exception) -> list[str]:
    """Where an error was raised, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-INNERMOST:]
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]


def _nonsense(quote: BridgeQuote) -> str:
    """Say why a quote cannot be true; empty where it may be."""
    amounts = {
        "send": quote.send,
        "receive": quote.receive,
        "fee": quote.fee,
        "minimum": quote.minimum,
        "native fee": quote.native_fee,
        "seconds": quote.seconds,
    }
    for name, amount in amounts.items():
        if not 0 <= amount < WORD:
            return f"a {name} of {amount}"
    if len(quote.options) > LONGEST_OPTIONS:
        return f"options of {len(quote.options)} bytes"
    if quote.unavailable:
        return ""
    if quote.whole and min(quote.send, quote.receive) == 0:
        return f"{quote.send} units leave and {quote.receive} arrive, and that is said to be whole"
    if quote.fee > quote.send:
        return f"a fee of {quote.fee} of {quote.send}"
    return ""
