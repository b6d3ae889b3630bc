"""One chain of the treasuries, open: how it is read, and who sends there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from keepers.bridges.chain_reader import ChainReader
from keepers.chain.codec import event_topic
from keepers.chain.node import Node
from keepers.chain.pool import FailoverReader, Members
from keepers.chain.reverts import Reverts
from keepers.chain.simulation import TreasurySimulator
from keepers.chain.treasury.calls import (
    CONTRACT,
    LedgerTreasuryPlans,
    PlanPlace,
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
from keepers.runtime.treasury.setup import TreasuryChainSetup
from keepers.store.database import Database
from keepers.store.tickets import TicketRepository
from keepers.transactions.engine import TransactionEngine
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.machine.dependencies import TransferDependencies

Plans = Callable[[str], TreasuryPlan]
"""The approved plan that a run opens."""


class KeeperTreasury:
    """A treasury, as one keeper works for it."""

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

    async def look(self, ids: Sequence[str]) -> TreasuryView:
        """The treasury at the newest block, with legs of transfers."""
        return await self._reader.look(ids)

    async def legs(self, transfer_id: str) -> Legs:
        """When the legs of a transfer happened here."""
        return await self._reader.legs(transfer_id)

    async def final_time(self) -> datetime:
        """When the newest block was made that stays."""
        return (await self._reader.node.head(await self.transactions.final_block())).at

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """A receipt of the chain as it is now, by a quorum."""
        return await self.transactions.receipt(transaction_hash)

    async def received(self, transfer_id: str, from_block: int) -> int | None:
        """What the treasury took in for a transfer, as its event says."""
        topics = (event_topic(CONTRACT, "TransferReceived"), transfer_id)
        for log in await self._events.logs(self.treasury, topics, from_block):
            return received_in(log)
        return None

    def send_call(
        self, terms: TransferTerms, options: bytes, part: PlanPart | None
    ) -> ContractCall:
        """The call that sends a transfer."""
        if part is None:
            return self._calls.send_call(terms, options)
        return self._calls.send_approved_call(terms, options, self._place(part))

    def receive_call(self, terms: TransferTerms, proof: bytes) -> ContractCall:
        """The call that takes one in."""
        return self._calls.receive_call(terms, proof)

    def venue_call(self, verb: PlacementVerb, transfer_id: str, terms: VenueTerms) -> ContractCall:
        """The call that invests or divests."""
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

    def _place(self, part: PlanPart) -> PlanPlace:
        return PlanPlace(self._plans(part.run_id), part.index)


@dataclass(frozen=True, slots=True)
class Post:
    """One chain, open: its treasury, and how it is read."""

    chain: KeeperTreasury
    node: Node
    reader: ChainReader


def post_of(
    each: TreasuryChainSetup,
    members: Members,
    engine: TransactionEngine,
    ledger: Database,
    keeper: str,
) -> Post:
    """A chain's treasury, as a keeper's account sees it, by nodes that are open."""
    addresses = each.addresses
    reverts, nodes = Reverts(addresses.tokens), FailoverReader(members)
    node = Node(
        nodes,
        each.chain.chain_id,
        addresses.multicall3,
        reverts,
        is_checked=True,  # each node is, before it is first asked
    )
    reader = ChainReader(nodes, addresses.multicall3, reverts)
    chain = KeeperTreasury(
        each.name,
        TreasuryReader(node, addresses, keeper),
        reader,
        engine,
        partial(_plan_of, TicketRepository(ledger)),
        gas_limit=each.treasury.gas_limit,
    )
    return Post(chain, node, reader)


def inventory_of(
    machine: TransferDependencies,
    wanted: InventorySettings,
    posts: Mapping[int, Post],
    ledger: Database,
) -> InventoryDependencies:
    """The inventory's ports, of chains that are open."""
    return InventoryDependencies(
        machine=machine,
        settings=wanted,
        simulators={chain_id: TreasurySimulator(each.node) for chain_id, each in posts.items()},
        plans={
            chain_id: LedgerTreasuryPlans(each.node, each.chain.treasury)
            for chain_id, each in posts.items()
        },
        tickets=TicketRepository(ledger),
    )


def _plan_of(tickets: TicketRepository, run_id: str) -> TreasuryPlan:
    """The approved plan that a run opens."""
    record = tickets.ticket(run_id)
    if record is None:
        raise NoTicketError(run_id)
    return record.ticket.treasury_plan
