"""Back through the rounds of feeds, several at a time, until a moment is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keepers.chain.batch import Batch, Slot
from keepers.chain.contracts.feed import PHASE_BITS, AggregatorV3, RawRound
from keepers.chain.survey import ROUNDS
from keepers.model.chain import Head
from keepers.model.risk import PriceRound

STRIDES = (ROUNDS, 64, 128)
"""Rounds of a feed that are read in the first request, in the second, and so on.

A busy feed has a few rounds in an hour; one that has more than all of these says so.
"""

FIRST_ROUND = 1
FIRST_PHASE = 1


@dataclass(slots=True)
class Walk:
    """One feed, the rounds read so far, and the id to read next.

    Rounds after `until` are not believed: the block's time, or when the later phase began, since an
    aggregator that was replaced may go on answering.
    """

    feed: AggregatorV3
    since: datetime
    until: datetime
    next_id: int = 0
    rounds: list[PriceRound] = field(default_factory=list[PriceRound])
    is_over: bool = False

    @property
    def reaches(self) -> bool:
        """Whether the price at the moment is known, or there was none yet."""
        return self.is_over or any(each.at <= self.since for each in self.rounds)

    @property
    def phase(self) -> int:
        """Which aggregator the next round is of; 0 where there is no proxy."""
        return self.next_id >> PHASE_BITS

    @property
    def place(self) -> int:
        """The next round among those of its aggregator."""
        return self.next_id - (self.phase << PHASE_BITS)

    def begin(self, newest: RawRound | None) -> None:
        """Take the newest round; a feed without one tells nothing."""
        if newest is not None:
            self.take(newest)
            self.next_id = newest.round_id - 1

    def take(self, found: RawRound | None) -> None:
        """Take a round, if there was one and it says a price."""
        if found is None or found.answer <= 0:
            return
        if 0 < found.updated_at <= self.until.timestamp():
            self.rounds.append(PriceRound(found.answer, found.at))

    def turn(self, newest: int | None) -> None:
        """Go on with the phase before, from its newest round on."""
        self.until = min(each.at for each in self.rounds)
        self.next_id = ((self.phase - 1) << PHASE_BITS) + (newest or 0)

    def ask(self, batch: Batch, stride: int) -> list[Slot[RawRound]]:
        """Read the next rounds, as many as there are of this phase."""
        count = min(stride, self.place)
        asked = [batch.add(self.feed.round(self.next_id - step)) for step in range(count)]
        self.next_id -= count
        return asked


async def walk_back(
    batch: Batch, feeds: Sequence[AggregatorV3], head: Head, since: datetime
) -> tuple[Walk, ...]:
    """Read rounds at a block until each feed has told its price at a moment.

    One request for the newest rounds, mostly one for those before, and none for what the batch
    knows. Rounds that are missing are passed over. A feed that has fewer rounds has told all that
    it has.
    """
    walks = tuple(Walk(feed, since, head.at) for feed in feeds)
    newest = [batch.add(each.feed.latest()) for each in walks]
    await batch.run(head.number)
    for walk, slot in zip(walks, newest, strict=True):
        walk.begin(slot.found)
    for stride in STRIDES:
        going = [each for each in walks if each.rounds and not each.reaches]
        await _turn_phases(batch, going, head)
        asked = [(each, each.ask(batch, stride)) for each in going if not each.is_over]
        await batch.run(head.number)
        for walk, slots in asked:
            for slot in slots:
                walk.take(slot.found)
    return walks


async def _turn_phases(batch: Batch, walks: Sequence[Walk], head: Head) -> None:
    """Go on in the aggregator before, where one has no round left; mostly there is none such."""
    at_the_end = [each for each in walks if each.place < FIRST_ROUND]
    for walk in at_the_end:
        walk.is_over = walk.phase <= FIRST_PHASE
    turning = [each for each in at_the_end if not each.is_over]
    before = [batch.add(each.feed.phase_aggregator(each.phase - 1)) for each in turning]
    await batch.run(head.number)
    newest = [
        batch.add(AggregatorV3(slot.found).latest_round()) if slot.found else None
        for slot in before
    ]
    await batch.run(head.number)
    for walk, slot in zip(turning, newest, strict=True):
        walk.turn(None if slot is None else slot.found)
