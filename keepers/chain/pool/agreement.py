"""What a quorum of answers says; nothing here asks anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from keepers.chain.pool.poll import Settled
from keepers.model.errors.chain import NodesDisagreeError

H = TypeVar("H", bound=Hashable)


def agreed(answers: Iterable[H | None], quorum: int, what: str) -> H | None:
    """The answer of a quorum that outnumbers every other one.

    An answer of None says that a node does not know yet, so it opposes nobody.

    Returns:
        None where a quorum does not know.

    Raises:
        NodesDisagreeError: No answer has a quorum, or two have and neither is the more frequent.
    """
    votes = Counter(answers)
    unknowing = votes.pop(None, 0)
    first, second = _leaders(votes)
    if first >= quorum and first > second:
        return votes.most_common(1)[0][0]
    if unknowing >= quorum and first < quorum:
        return None
    raise NodesDisagreeError(what, quorum)


def certain(answers: Iterable[H], quorum: int, what: str) -> H:
    """The same of answers that are always something.

    Raises:
        NodesDisagreeError: As `agreed` does.
    """
    found = agreed(answers, quorum, what)
    if found is None:
        raise NodesDisagreeError(what, quorum)
    return found


def settled_by(quorum: int) -> Settled[H | None]:
    """Whether `agreed` can come to nothing else any more."""

    def settled(answers: Sequence[H | None], outstanding: int) -> bool:
        votes = Counter(answers)
        unknowing = votes.pop(None, 0)
        first, second = _leaders(votes)
        if first >= quorum:
            return first > second + outstanding
        return unknowing >= quorum and first + outstanding < quorum

    return settled


def reached(numbers: Iterable[int], quorum: int) -> int:
    """The highest number that a quorum is at or above; at least so many must be given."""
    return sorted(numbers, reverse=True)[quorum - 1]


def cautious(numbers: Sequence[int], quorum: int) -> int:
    """The same by a majority of those that say a number, where that is more than a quorum."""
    return reached(numbers, max(quorum, len(numbers) // 2 + 1))


def _leaders(votes: Counter[H | None]) -> tuple[int, int]:
    counts = [count for _, count in votes.most_common(2)]
    first, second, *_ = (*counts, 0, 0)
    return first, second
