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
    """Runs calls of one chain in order without sending them."""

    async def run(self, sender: str, calls: Sequence[ValuedCall]) -> FailedCall | None:
        """The first that reverts; None if none does.

        Raises:
            ChainError: It cannot be said, so nothing may be sent.
        """
        ...


class TreasuryPlans(SignedPlans, Protocol):
    """Approved plans of one treasury, on chain."""

    def open_call(self, plan: TreasuryPlan, signatures: Sequence[Signature]) -> ContractCall:
        """The call that opens one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDependencies:
    """The ports of one keeper of all treasuries.

    Attributes:
        machine: What moves transfers; chains, bridges and the memory are its.
        simulators: By chain id, as are `plans`.
        plans: What the chains know of plans.
        tickets: What people were asked for.
    """

    machine: TransferDependencies
    settings: InventorySettings
    simulators: Mapping[int, CallSimulator]
    plans: Mapping[int, TreasuryPlans]
    tickets: Tickets

    @property
    def transfers(self) -> Transfers:
        """The durable memory."""
        return self.machine.transfers


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that a check could not do, or could not read, in one line.

    Attributes:
        key: What it is about, as long as it lasts: an asset, a chain, a transfer.
        text: The line, which names the asset, the chain, what it lacks and why.
        is_unread: Whether a chain could not be read, so that nothing is known of it.
        is_note: Whether nothing is lacking, so that it is no warning.
    """

    key: str
    text: str
    is_unread: bool = False
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class InventoryCheck:
    """One check.

    Attributes:
        batches: Batches that it made: running, waiting for approval, refused, or a dry run.
        leftovers: What stays as it is; nothing if all that is triggered is being served.
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
