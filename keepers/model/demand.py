"""What somebody wants to be moved: the one form in which rulebook, policy and people ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keepers.model.batch import BatchOrigin
from keepers.model.run import JsonObject
from keepers.model.transfer_record import PlacementVerb


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTransfer:
    """Tokens from chain to chain.

    Attributes:
        receive: What must arrive, in units of the destination's token.
        venue: Where it is invested afterwards, all of what must arrive; None for nowhere.
    """

    asset: str
    source: int
    destination: int
    route: str
    receive: int
    venue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPlacement:
    """Tokens into a venue of their chain, or out of it; the amount in units of the token."""

    chain_id: int
    asset: str
    verb: PlacementVerb
    venue: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is to be one batch.

    Attributes:
        key: What makes it the same: it is carried out once.
        detail: Why, for reports.
        floors: What must be left idle at least once all is done, by asset and chain id.
        instruction_id: Of the instruction that asks for it.
    """

    origin: BatchOrigin
    key: str
    detail: JsonObject
    transfers: tuple[WantedTransfer, ...] = ()
    placements: tuple[WantedPlacement, ...] = ()
    floors: Mapping[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    instruction_id: int | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """What is moved, by name."""
        return tuple(sorted({each.asset for each in (*self.transfers, *self.placements)}))
