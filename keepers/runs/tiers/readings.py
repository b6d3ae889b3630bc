"""What the risk check needs of the world besides the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from keepers.model.risk import FundRate, RiskEnvironment
from keepers.model.vault import VaultPosition, VaultSnapshot


class PriceReader(Protocol):
    """Feeds, as they were and as they are."""

    async def surroundings(
        self, snapshot: VaultSnapshot, positions: Sequence[VaultPosition], since: datetime
    ) -> RiskEnvironment:
        """The feeds of the settlement token and of positions, and what the chain's coin is worth.

        Positions that have no feed, as funds have none, are passed over.
        """
        ...


class YieldMemory(Protocol):
    """What funds were worth at earlier times; each method is one transaction."""

    def record_rates(self, rates: Sequence[FundRate]) -> None:
        """Keep rates; one that comes soon after the last of its fund may be left out."""
        ...

    def rates_since(self, vault: str, chain_id: int, since: datetime) -> tuple[FundRate, ...]:
        """The rates of a vault's funds from a time on, in the order of their times."""
        ...


@dataclass(frozen=True, slots=True)
class RiskReadings:
    """Where the risk check reads."""

    prices: PriceReader
    yields: YieldMemory
