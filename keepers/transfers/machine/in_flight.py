"""Where everything is that is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from keepers.model.bridges.values import Departure, Pending, Tracking
from keepers.model.errors.chain import ChainError
from keepers.model.errors.transfers import BridgeError
from keepers.transfers.machine.ports import Bridge

SLOW = 2
ANSWER_SECONDS = 10.0
GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A transfer that has left: with whom it is, and under which name there."""

    bridge: str
    departure: Departure
    remote_id: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, by transfer, and what could not be read, with the reason."""

    found: Mapping[str, Tracking]
    unreadable: Mapping[str, str]


async def survey(
    bridges: Mapping[str, Bridge], underway: Sequence[Underway], seconds: float = ANSWER_SECONDS
) -> Survey:
    """Ask for every transfer, each for itself: one bridge that is down or slow hides no other."""
    answers = await asyncio.gather(
        *(_ask(bridges[each.bridge], each, seconds) for each in underway)
    )
    found: dict[str, Tracking] = {}
    unreadable: dict[str, str] = {}
    for each, answer in zip(underway, answers, strict=True):
        key = each.departure.transfer_id
        if isinstance(answer, str):
            unreadable[key] = answer
        elif isinstance(answer, Pending) and not answer.is_known:
            unreadable[key] = answer.text
        else:
            found[key] = answer
    return Survey(found, unreadable)


def is_overdue(since: datetime, now: datetime, seconds: Fraction) -> bool:
    """Whether a transfer takes so long that people are told. It stays a transfer for ever."""
    return now - since > SLOW * timedelta(seconds=int(seconds)) + GRACE


async def _ask(bridge: Bridge, each: Underway, seconds: float) -> Tracking | str:
    try:
        return await asyncio.wait_for(bridge.track(each.departure, each.remote_id), seconds)
    except TimeoutError:
        return f"{bridge.name} gives no answer within {seconds:g} seconds"
    except (BridgeError, ChainError) as error:
        return str(error)
