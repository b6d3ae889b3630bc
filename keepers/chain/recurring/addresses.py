"""Where the contracts of recurring rebalancers are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecurringAddresses:
    """The contracts of one deployment."""

    scheduler: str
    registry: str
    supervisor: str
    lens: str
