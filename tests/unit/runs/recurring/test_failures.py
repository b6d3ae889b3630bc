"""Tests of the failure reader: it continues after the last events that were handled."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from keepers.model.chain_events import BlockCursor
from keepers.model.errors.chain import RangeRefusedError
from keepers.model.recurring import FailedBooking
from keepers.runs.recurring.failures import LONGEST_RANGE, FailureReader


def failed(number: int) -> FailedBooking:
    return FailedBooking("0x" + "bb" * 20, f"0x{number:040x}")


@dataclass
class Paper:
    """In-memory chain with events, and the stored block cursors."""

    newest: int = 10
    fork: str = "a"
    longest: int = LONGEST_RANGE
    flooded: frozenset[int] = frozenset()
    events: dict[int, FailedBooking] = field(default_factory=dict[int, FailedBooking])
    places: list[BlockCursor] = field(default_factory=list[BlockCursor])
    asked: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    async def head(self) -> int:
        return self.newest

    async def hash_at(self, block: int) -> str | None:
        return f"{self.fork}{block}" if block <= self.newest else None

    async def failures(self, first: int, last: int) -> tuple[FailedBooking, ...]:
        if last - first + 1 > self.longest or self.flooded & set(range(first, last + 1)):
            raise RangeRefusedError(first, last, "too many")
        self.asked.append((first, last))
        return tuple(each for at, each in self.events.items() if first <= at <= last)

    def known(self) -> tuple[BlockCursor, ...]:
        return tuple(reversed(self.places))

    def keep(self, until: BlockCursor) -> None:
        self.places.append(until)

    def reader(self) -> FailureReader:
        return FailureReader(self, self, confirmations=2)


@pytest.fixture
def paper() -> Paper:
    """Chain whose events are read up to block 9."""
    return Paper(places=[BlockCursor(9, "a9")])


async def test_look__first_one__begins_at_the_newest_final_block() -> None:
    paper = Paper(events={5: failed(5)})
    reader = paper.reader()
    assert await reader.read() == ()
    reader.dealt_with()
    assert paper.places == [BlockCursor(9, "a9")]


async def test_look__new_events__are_told_once_and_only_if_final(paper: Paper) -> None:
    paper.newest, paper.events = 13, {10: failed(1), 11: failed(1), 12: failed(2), 13: failed(3)}
    reader = paper.reader()
    assert await reader.read() == (failed(1), failed(2))
    reader.dealt_with()
    assert paper.places[-1] == BlockCursor(12, "a12")
    assert await paper.reader().read() == ()


async def test_look__not_dealt_with__is_told_again(paper: Paper) -> None:
    paper.newest, paper.events = 13, {11: failed(1)}
    for _ in range(2):
        assert await paper.reader().read() == (failed(1),)


async def test_look__long_range__is_halved_until_nodes_give_it(paper: Paper) -> None:
    paper.newest, paper.longest, paper.events = 20, 3, {18: failed(8)}
    assert await paper.reader().read() == (failed(8),)
    assert [first for first, _ in paper.asked] == sorted({first for first, _ in paper.asked})
    assert (paper.asked[0][0], paper.asked[-1][1]) == (10, 19)


async def test_look__no_single_block_is_given__says_so(paper: Paper) -> None:
    paper.newest, paper.longest = 20, 0
    with pytest.raises(RangeRefusedError):
        await paper.reader().read()


async def test_look__flooded_blocks__are_passed_over_and_not_read_for_ever(paper: Paper) -> None:
    # R1: two blocks hold more events than any node returns; the other blocks are read.
    paper.newest, paper.flooded = 20, frozenset({12, 13})
    paper.events = {11: failed(1), 14: failed(4)}
    reader = paper.reader()
    assert await reader.read() == (failed(1), failed(4))
    reader.dealt_with()
    assert paper.places[-1] == BlockCursor(19, "a19")


async def test_look__reorganised__goes_on_from_the_newest_common_block(paper: Paper) -> None:
    paper.places = [BlockCursor(5, "b5"), BlockCursor(9, "a9")]
    paper.fork, paper.newest, paper.events = "b", 12, {7: failed(7)}
    assert await paper.reader().read() == (failed(7),)
