"""Ports of inventory checks, their results, and drafts of batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from eth_hash.auto import keccak

from keepers.model.approval import Signature
from keepers.model.batch import BatchRecord, Demand
from keepers.model.bridge import BridgeQuote
from keepers.model.chain import ContractCall, ValuedCall
from keepers.model.inventory_state import InventorySettings
from keepers.model.risk import FailedCall
from keepers.model.transfer_record import NewPlacement, NewTransfer
from keepers.model.treasury import TreasuryPlan
from keepers.runs.approvals.ports import SignedPlans, Tickets
from keepers.transfers.machine.dependencies import TransferDependencies
from keepers.transfers.machine.ports import Transfers


class CallSimulator(Protocol):
    """Simulator of one chain's calls, in order, without sending them."""

    async def run(self, sender: str, calls: Sequence[ValuedCall]) -> FailedCall | None:
        """Return the first call that reverts, or None.

        Raises:
            ChainError: The result is unknown, so nothing may be sent.
        """
        ...


class TreasuryPlans(SignedPlans, Protocol):
    """Approved plans of one treasury, on chain."""

    def open_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        """Return the call that opens a plan."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDependencies:
    """Ports of one keeper of all treasuries.

    Attributes:
        machine: Ports of the transfer machine, with chains, bridges and the store.
        simulators: Call simulators, by chain id.
        plans: Approved plans on chain, by chain id.
        tickets: Approval requests.
    """

    machine: TransferDependencies
    settings: InventorySettings
    simulators: Mapping[int, CallSimulator]
    plans: Mapping[int, TreasuryPlans]
    tickets: Tickets

    @property
    def transfers(self) -> Transfers:
        """The store of transfers."""
        return self.machine.transfers


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that a check could not do or could not read, in one line.

    Attributes:
        key: Identifies the asset, chain or transfer; the same while the condition lasts.
        text: The line, with the asset, the chain, the amount lacking and the reason.
        is_unread: Whether a chain could not be read.
        is_note: Whether nothing is lacking, so that this is no warning.
    """

    key: str
    text: str
    is_unread: bool = False
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class InventoryCheck:
    """Result of one inventory check.

    Attributes:
        batches: Batches created: running, waiting for approval, refused, or a dry run.
        leftovers: What remains undone; empty if every triggered chain is being served.
    """

    batches: tuple[BatchRecord, ...] = ()
    leftovers: tuple[Leftover, ...] = ()

    @property
    def text(self) -> str:
        """The result in one line."""
        lines = [f"batch {each.batch_id}: {each.state.lower()}" for each in self.batches]
        lines += [each.text for each in self.leftovers]
        return "; ".join(lines) or "nothing to do"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPlan:
    """A plan to be approved on one chain, the run that opens it, and the approvals required."""

    run_id: str
    plan: TreasuryPlan
    required: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A batch that a demand would create now.

    Attributes:
        quotes: Quotes of the transfers, in the same order.
        plans: Plans that need approval, by chain id.
        deadline: No transfer leaves after this time.
    """

    demand: Demand
    batch_id: str
    transfers: tuple[NewTransfer, ...]
    quotes: tuple[BridgeQuote, ...]
    placements: tuple[NewPlacement, ...]
    plans: Mapping[int, ChainPlan]
    deadline: datetime


def run_id_of(*names: str) -> str:
    """Return an id derived from names, in the format of run ids."""
    return str(UUID(bytes=_hash(names)[:16]))


def word_of(*names: str) -> str:
    """Return 32 bytes derived from names, as `0x` and 64 digits."""
    return f"0x{_hash(names).hex()}"


def _hash(names: tuple[str, ...]) -> bytes:
    return keccak("\n".join(names).encode())
