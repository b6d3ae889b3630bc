"""Tests of the survey of open transfers; rows F9 and F11."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction

import pytest

from keepers.model.bridge import (
    Accepted,
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.chain import ChainUnreachableError
from keepers.model.errors.transfers import BridgeUnreachableError
from keepers.transfers.machine.dependencies import Underway, is_overdue, survey
from keepers.transfers.machine.ports import Bridge
from tests.support.bridging import THEN, departure, terms

ON_ITS_WAY = Pending(Wait.CONFIRMING, "soon")


@dataclass
class PaperBridge:
    """Bridge that gives the same status for every transfer, or fails."""

    answer: Tracking | Exception
    name: str = "PAPER"
    asked: list[str] = field(default_factory=list[str])

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        raise AssertionError(request)

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        del departure, effect
        return Accepted()

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        self.asked.append(f"{departure.transfer_id} {remote_id}")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        del departure
        return crossed.proof

    def explain(self, state: object) -> str:
        return str(state)


def underway(bridge: str, nonce: int) -> Underway:
    left = departure(replace(terms(), nonce=nonce))
    return Underway(bridge=bridge, departure=left, remote_id=str(nonce))


@pytest.mark.parametrize(
    "problem",
    [
        BridgeUnreachableError("service", "down"),
        ChainUnreachableError("node", "down"),
        Pending(Wait.UNREADABLE, "down"),
    ],
    ids=["bridge", "chain", "told"],
)
async def test_f9__one_that_cannot_be_read_hides_no_other_and_stops_what_is_new(
    problem: Exception | Pending,
) -> None:
    bridges: dict[str, Bridge] = {"well": PaperBridge(ON_ITS_WAY), "ill": PaperBridge(problem)}
    transfers = [underway("well", 1), underway("ill", 2), underway("well", 3)]
    seen = await survey(bridges, transfers)
    keys = [each.departure.transfer_id for each in transfers]
    assert seen.found == {keys[0]: ON_ITS_WAY, keys[2]: ON_ITS_WAY}
    assert list(seen.unreadable) == [keys[1]]
    assert "down" in seen.unreadable[keys[1]]


@pytest.mark.parametrize("answer", [ON_ITS_WAY, Stuck("lost", "ask")])
async def test_f9__what_is_known_stops_nothing(answer: Tracking) -> None:
    bridges: dict[str, Bridge] = {"well": PaperBridge(answer)}
    seen = await survey(bridges, [underway("well", 1)])
    assert not seen.unreadable


def test_f11__late_is_told_after_thirty_minutes_more_than_twice_its_time() -> None:
    usual = Fraction(600)
    late = THEN + timedelta(minutes=50)
    assert not is_overdue(THEN, late, usual)
    assert is_overdue(THEN, late + timedelta(seconds=1), usual)


async def test_f11__nothing_is_forgotten_after_seven_days() -> None:
    """A transfer counts until it ends, however old it is; this one left 400 days ago."""
    bridge = PaperBridge(ON_ITS_WAY)
    old = underway("well", 1)
    ancient = replace(old, departure=replace(old.departure, at=THEN - timedelta(days=400)))
    seen = await survey({"well": bridge}, [ancient])
    assert seen.found == {ancient.departure.transfer_id: ON_ITS_WAY}
