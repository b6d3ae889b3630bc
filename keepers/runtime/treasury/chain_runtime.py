"""Runtime of the treasury on one chain."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from keepers.bridges.chain_reader import ChainReader
from keepers.chain.codec import event_topic
from keepers.chain.node import Node
from keepers.chain.pool import FailoverReader
from keepers.chain.reverts import Reverts
from keepers.chain.simulation import TreasurySimulator
from keepers.chain.treasury.calls import (
    LedgerTreasuryPlans,
    PlanActionRef,
    TreasuryCalls,
    received_in,
)
from keepers.chain.treasury.reader import TreasuryReader
from keepers.model.chain import ContractCall, Receipt
from keepers.model.errors.run import NoTicketError
from keepers.model.inventory_state import InventorySettings
from keepers.model.transfer import TransferTerms
from keepers.model.transfer_record import PlacementVerb, PlanPart, VenueTerms
from keepers.model.treasury import Legs, TreasuryPlan, TreasuryView
from keepers.runtime.process.nodes import members_of, node_over
from keepers.runtime.treasury.setup import TreasuryChainSetup
from keepers.store.database import Database
from keepers.store.tickets import TicketRepository
from keepers.transactions.engine import TransactionEngine
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.machine.dependencies import TransferDependencies

Plans = Callable[[str], TreasuryPlan]
"""Returns the approved plan that a run opens."""


class KeeperTreasury:
    """Treasury on one chain, as used by one keeper."""

    def __init__(
        self,
        name: str,
        reader: TreasuryReader,
        events: ChainReader,
        transactions: TransactionEngine,
        plans: Plans,
        *,
        gas_limit: int,
    ) -> None:
        self.name = name
        self.chain_id = reader.node.chain_id
        self.treasury = reader.addresses.treasury
        self.keeper = reader.keeper
        self.gas_limit = gas_limit
        self.transactions = transactions
        self._reader = reader
        self._events = events
        self._plans = plans
        self._calls = TreasuryCalls(self.treasury)

    async def read_view(self, ids: Sequence[str]) -> TreasuryView:
        """Return the treasury at the newest block, with legs of transfers."""
        return await self._reader.read_view(ids)

    async def legs(self, transfer_id: str) -> Legs:
        """Return the times of a transfer's legs on this chain."""
        return await self._reader.legs(transfer_id)

    async def final_time(self) -> datetime:
        """Return the time of the newest final block."""
        return (await self._reader.node.head(await self.transactions.final_block())).at

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return a receipt from the current chain, by a quorum."""
        return await self.transactions.receipt(transaction_hash)

    async def received(self, transfer_id: str, from_block: int) -> int | None:
        """Return the amount received for a transfer, from its event."""
        topics = (event_topic("Treasury", "TransferReceived"), transfer_id)
        for log in await self._events.logs(self.treasury, topics, from_block):
            return received_in(log)
        return None

    def send_call(
        self, terms: TransferTerms, options: bytes, part: PlanPart | None
    ) -> ContractCall:
        """Return the call that sends a transfer."""
        if part is None:
            return self._calls.send_call(terms, options)
        return self._calls.send_approved_call(terms, options, self._place(part))

    def receive_call(self, terms: TransferTerms, proof: bytes) -> ContractCall:
        """Return the call that receives a transfer."""
        return self._calls.receive_call(terms, proof)

    def venue_call(self, verb: PlacementVerb, transfer_id: str, terms: VenueTerms) -> ContractCall:
        """Return the call that invests or divests."""
        asked = (transfer_id, terms.venue, terms.amount, terms.shares)
        match verb, terms.part:
            case PlacementVerb.INVEST, None:
                return self._calls.invest_call(*asked)
            case PlacementVerb.INVEST, part:
                return self._calls.invest_approved_call(self._place(part))
            case PlacementVerb.DIVEST, None:
                return self._calls.divest_call(*asked)
            case PlacementVerb.DIVEST, part:
                return self._calls.divest_approved_call(self._place(part))

    def _place(self, part: PlanPart) -> PlanActionRef:
        return PlanActionRef(self._plans(part.run_id), part.index)


@dataclass(frozen=True, slots=True)
class ChainRuntime:
    """An open chain of the treasuries: its treasury, node and log reader."""

    chain: KeeperTreasury
    node: Node
    reader: ChainReader


@asynccontextmanager
async def chain_runtime(
    setup: TreasuryChainSetup, engine: TransactionEngine, database: Database, keeper: str
) -> AsyncGenerator[ChainRuntime]:
    """Open a chain's treasury for a keeper's account."""
    addresses = setup.addresses
    async with members_of(setup.chain) as members:
        node = node_over(members, setup.chain, addresses.multicall3, addresses.tokens)
        reader = ChainReader(
            FailoverReader(members), addresses.multicall3, Reverts(addresses.tokens)
        )
        chain = KeeperTreasury(
            setup.name,
            TreasuryReader(node, addresses, keeper),
            reader,
            engine,
            partial(_plan_of, TicketRepository(database)),
            gas_limit=setup.treasury.gas_limit,
        )
        yield ChainRuntime(chain, node, reader)


def inventory_of(
    machine: TransferDependencies,
    settings: InventorySettings,
    chains: Mapping[int, ChainRuntime],
    database: Database,
) -> InventoryDependencies:
    """Return the ports of the inventory, on open chains."""
    return InventoryDependencies(
        machine=machine,
        settings=settings,
        simulators={key: TreasurySimulator(each.node) for key, each in chains.items()},
        plans={
            key: LedgerTreasuryPlans(each.node, each.chain.treasury) for key, each in chains.items()
        },
        tickets=TicketRepository(database),
    )


def _plan_of(tickets: TicketRepository, run_id: str) -> TreasuryPlan:
    """Return the approved plan that a run opens."""
    record = tickets.ticket(run_id)
    if record is None:
        raise NoTicketError(run_id)
    return record.ticket.treasury_plan
