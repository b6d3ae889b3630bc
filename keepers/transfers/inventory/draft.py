"""A batch before it is stored: what would leave, what would be placed, and who must approve it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eth_hash.auto import keccak

from keepers.model.batch import Demand
from keepers.model.bridges.values import BridgeQuote
from keepers.model.transfer_record import NewPlacement, NewTransfer
from keepers.model.treasury import TreasuryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPlan:
    """What has to be approved on one chain: the run that opens it, and how many approve."""

    run_id: str
    plan: TreasuryPlan
    required: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A batch that could be made of a demand now.

    Attributes:
        quotes: Of the transfers, in their order.
        plans: By chain id, where people have to approve.
        deadline: After it nothing leaves that has not left.
    """

    demand: Demand
    batch_id: str
    transfers: tuple[NewTransfer, ...]
    quotes: tuple[BridgeQuote, ...]
    placements: tuple[NewPlacement, ...]
    plans: Mapping[int, ChainPlan]
    deadline: datetime


def run_id_of(*names: str) -> str:
    """An id that follows from what it names, in the form that all runs have."""
    return str(UUID(bytes=_hash(names)[:16]))


def word_of(*names: str) -> str:
    """The same with 32 bytes, as `0x` and 64 digits."""
    return f"0x{_hash(names).hex()}"


def _hash(names: tuple[str, ...]) -> bytes:
    return keccak("\n".join(names).encode())
