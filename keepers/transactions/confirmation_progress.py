"""Telling people what a transaction waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

QUIET_SECONDS = 30.0
"""Seconds without a new block after which people are told that none comes."""


@dataclass(slots=True)
class ConfirmationProgress:
    """Tells of each confirmation once, and of a chain that makes no blocks.

    Attributes:
        intent_id: The transaction, as people know it.
        wanted: Confirmations until it counts.
        say: Where progress goes.
    """

    intent_id: int
    wanted: int
    say: Callable[[str], None]
    _depth: int = 0
    _head: int = -1
    _since: float = field(default=0.0)
    _hinted: bool = False

    def look(self, head: int, included_in: int | None, now: float) -> None:
        """Tell what is new.

        Args:
            head: The newest block.
            included_in: The block that the transaction is in, if it is in one.
            now: Seconds from any beginning.
        """
        if head != self._head:
            self._head, self._since, self._hinted = head, now, False
        depth = 0 if included_in is None else max(0, head - included_in + 1)
        if depth != self._depth and depth < self.wanted:
            self.say(f"transaction {self.intent_id}: {depth} of {self.wanted} confirmations")
        self._depth = depth
        if not self._hinted and now - self._since >= QUIET_SECONDS:
            self._hinted = True
            self.say(
                f"transaction {self.intent_id}: no new block for {QUIET_SECONDS:g} seconds; on a "
                "chain that makes blocks on demand set confirmations = 1"
            )
