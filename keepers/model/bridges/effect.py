"""What a bridge and the engine both know of an effect that no chain shows."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Effect(Protocol):
    """One effect off-chain, as its record has it; the bridge says when it is about to happen."""

    @property
    def client_key(self) -> str:
        """The key under which asking twice does no harm."""
        ...

    @property
    def last_attempt(self) -> datetime | None:
        """When it was last about to happen, as far as anything is recorded."""
        ...

    async def record(self) -> None:
        """Record durably that it is about to happen; if this raises, it must not."""
        ...
