"""Guard of bridges: a response or a `BridgeError` within a bounded time.

A bridge that hangs, or fails with an unexpected error, stops only its own transfers.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import structlog

from keepers.bridges.bridge import UnconfiguredBridge
from keepers.model.bridge import (
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Tracking,
    Wait,
)
from keepers.model.errors import BallastError
from keepers.model.errors.transfers import BadBridgeAnswerError, BridgeUnreachableError
from keepers.model.inventory_state import state_machine_id
from keepers.model.ports import Clock
from keepers.runtime.treasury.setup import TreasurySetup
from keepers.transfers.machine.ports import Bridge

T = TypeVar("T")
INNERMOST = 5
WORD = 1 << 256
LONGEST_OPTIONS = 1_024
"""Bytes of the options of `sendToBridge`; a route uses two words."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Question(NamedTuple):
    """Kind of request about one lane; a chain that hangs does not affect other lanes."""

    kind: str
    source: int
    destination: int

    @property
    def text(self) -> str:
        """Text for messages."""
        ends = f"{state_machine_id(self.source)} to {state_machine_id(self.destination)}"
        return f"{self.kind} from {ends}"


class GuardedBridge:
    """`Bridge` with bounded time and errors.

    After a time-out, the same question about the same lane is refused for the same time again, so
    that a sequence of callers waits once and not at every step. Other lanes are still asked, since
    the cause may be a chain of this lane. A service that is down blocks all lanes itself.
    """

    def __init__(self, bridge: Bridge, clock: Clock, seconds: float) -> None:
        """Bound each question to `seconds`, including all requests of the bridge."""
        self.name = bridge.name
        self._bridge = bridge
        self._clock = clock
        self._seconds = seconds
        self._silent_until: dict[Question, float] = {}

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Ask the bridge, and refuse an impossible quote."""
        question = Question("quote", request.source, request.destination)
        quote = await self._bounded(question, self._bridge.quote(request))
        if problem := _implausible(quote):
            raise BadBridgeAnswerError(self.name, problem)
        return quote

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Ask the bridge; effects are recorded in advance, so it may be interrupted anywhere."""
        question = _question("initiate", departure)
        return await self._bounded(question, self._bridge.initiate(departure, effect))

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Ask the bridge."""
        question = _question("track", departure)
        return await self._bounded(question, self._bridge.track(departure, remote_id))

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Ask the bridge."""
        question = _question("complete", departure)
        return await self._bounded(question, self._bridge.complete(departure, crossed))

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Delegate to the bridge."""
        return self._bridge.explain(state)

    async def _bounded(self, question: Question, asking: Coroutine[Any, Any, T]) -> T:
        left = self._silent_until.get(question, 0.0) - self._clock.monotonic()
        if left > 0:
            asking.close()
            problem = (
                f"no response to {question.text} in {self._seconds:g} s; retried in "
                f"{int(left) + 1} s"
            )
            raise BridgeUnreachableError(self.name, problem)
        try:
            async with asyncio.timeout(self._seconds):
                return await asking
        except TimeoutError:
            self._silent_until[question] = self._clock.monotonic() + self._seconds
            problem = f"no response to {question.text} in {self._seconds:g} s"
            raise BridgeUnreachableError(self.name, problem) from None
        except BallastError:
            raise
        except Exception as error:  # noqa: BLE001 - any error stops only this bridge
            # Neither its text nor its variables are logged: they may contain keys.
            problem = f"{question.kind} failed with {type(error).__name__}"
            _log.error("bridge failed", bridge=self.name, problem=problem, at=_frames(error))
            raise BadBridgeAnswerError(self.name, problem) from None


def _question(kind: str, departure: Departure) -> Question:
    terms = departure.terms
    return Question(kind, terms.source_chain, terms.destination_chain)


def _frames(error: Exception) -> list[str]:
    """Return the frames of an error, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-INNERMOST:]
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]


def _implausible(quote: BridgeQuote) -> str:
    """Return why a quote is impossible; empty if it is plausible."""
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
        return (
            f"{quote.send} units are sent and {quote.receive} arrive, reported as the whole amount"
        )
    if quote.fee > quote.send:
        return f"a fee of {quote.fee} on {quote.send}"
    return ""


class UnaskedBridge(UnconfiguredBridge):
    """`Bridge` that asks no service: amounts in transit count with their minimum."""

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Return a pending state."""
        del departure, remote_id
        return Pending(Wait.PROCESSING, "the bridge was not queried")


def unasked(setup: TreasurySetup) -> Mapping[str, Bridge]:
    """Return an unasked bridge for each route of the treasuries, by name."""
    routes = {route.name for each in setup.chains.values() for route in each.deployment.routes}
    return {name: UnaskedBridge(name) for name in routes}
