"""Why a bridge gives no quote: it was asked and declines, or nothing is known of it.

The difference decides what a plan may do. A route that is unavailable is a fact, like a limit that
is used up: the plan does without it at once. Of a route that is unreadable nothing is known; it may
work again a second later, so a fallback is worth its price only after a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from keepers.model.bridges.values import BridgeQuote
from keepers.model.errors.chain import CallRevertedError, ChainError
from keepers.model.errors.transfers import (
    BridgeError,
    BridgeGoneError,
    BridgeNotConfiguredError,
    BridgeRefusedError,
    LibraryMissingError,
    RouteUnavailableError,
)

DECLINES = (
    BridgeGoneError,
    BridgeNotConfiguredError,
    BridgeRefusedError,
    CallRevertedError,
    LibraryMissingError,
    RouteUnavailableError,
)
"""Errors that are answers: asking again without a change elsewhere brings the same."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A bridge that was asked, and does not carry this now; `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A bridge of which nothing is known: silent, slow, or with an answer that is none."""

    reason: str


QuoteAnswer: TypeAlias = BridgeQuote | Unavailable | Unreadable


def read_failure(error: BridgeError | ChainError) -> Unavailable | Unreadable:
    """Say what an error of a bridge, or of the chain that it was asked on, means for a route."""
    if isinstance(error, DECLINES):
        return Unavailable(str(error))
    return Unreadable(str(error))
