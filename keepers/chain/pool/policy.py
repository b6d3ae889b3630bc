"""How many nodes have to agree, and how long they are waited for."""

from __future__ import annotations

from dataclasses import dataclass

PAIR = 2
"""Of this many nodes one is enough: a second one is there for when the first is down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPolicy:
    """What holds for the nodes of a chain.

    Attributes:
        quorum: How many readers have to agree; None for one of up to two, and a majority of more.
        lag_blocks: A node further below the agreed head counts as behind.
        search_blocks: How far below the tip a block is looked for that a quorum has.
        request_seconds: How long a node has for an answer.
        backoff_seconds: How long a node is left alone after a failure; each next doubles it.
        longest_backoff_seconds: And no longer than this.
        look_seconds: How often the reader that fails over compares all nodes.
    """

    quorum: int | None = None
    lag_blocks: int = 5
    search_blocks: int = 8
    request_seconds: float = 10.0
    backoff_seconds: float = 1.0
    longest_backoff_seconds: float = 30.0
    look_seconds: float = 15.0

    def quorum_of(self, readers: int) -> int:
        """How many of so many readers have to agree."""
        if self.quorum is not None:
            return self.quorum
        return 1 if readers <= PAIR else readers // 2 + 1

    def backoff(self, failures: int) -> float:
        """Seconds of rest after so many failures in a row, at least one."""
        doublings = min(failures - 1, 30)
        return min(self.backoff_seconds * 2**doublings, self.longest_backoff_seconds)
