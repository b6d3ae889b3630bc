"""What everybody has who asks for transactions on behalf of a vault."""

from __future__ import annotations

from typing import Protocol

from keepers.model.ports import Progress
from keepers.runs.policy import RunPolicy
from keepers.transactions.engine import TransactionEngine


class Caller(Protocol):
    """Whoever has runs that send."""

    @property
    def transactions(self) -> TransactionEngine:
        """The engine."""
        ...

    @property
    def policy(self) -> RunPolicy:
        """How long may be waited."""
        ...

    @property
    def keeper(self) -> str:
        """The account that sends."""
        ...

    @property
    def say(self) -> Progress:
        """Where progress goes."""
        ...
