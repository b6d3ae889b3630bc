"""Time as this machine has it."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """The engine's `Clock`."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from any beginning."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
