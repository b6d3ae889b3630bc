"""One chain of the treasuries, open: how it is read, and who sends there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from keepers.bridges.chain_reader import RpcChainReader
from keepers.bridges.dependencies import ChainReader
from keepers.chain.node import Node
from keepers.chain.pool import FailoverReader, Members
from keepers.chain.reverts import Reverts
from keepers.chain.treasury.plans import LedgerTreasuryPlans
from keepers.chain.treasury.reader import TreasuryReader
from keepers.chain.treasury.simulation import TreasurySimulator
from keepers.model.errors.approval import NoTicket
from keepers.model.inventory_state import InventorySettings
from keepers.model.treasury import TreasuryPlan
from keepers.runtime.treasury.chain import KeeperTreasury
from keepers.runtime.treasury.setup import TreasuryChainSetup
from keepers.store.sending.transact import Ledger
from keepers.store.tickets import SqlTickets
from keepers.transactions.engine import TransactionEngine
from keepers.transfers.inventory.dependencies import InventoryWorld
from keepers.transfers.machine.dependencies import TransferWorld


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
    ledger: Ledger,
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
    reader = RpcChainReader(nodes, addresses.multicall3, reverts)
    chain = KeeperTreasury(
        each.name,
        TreasuryReader(node, addresses, keeper),
        reader,
        engine,
        partial(_plan_of, SqlTickets(ledger)),
        gas_limit=each.treasury.gas_limit,
    )
    return Post(chain, node, reader)


def inventory_of(
    machine: TransferWorld, wanted: InventorySettings, posts: Mapping[int, Post], ledger: Ledger
) -> InventoryWorld:
    """The inventory's ports, of chains that are open."""
    return InventoryWorld(
        machine=machine,
        settings=wanted,
        simulators={chain_id: TreasurySimulator(each.node) for chain_id, each in posts.items()},
        plans={
            chain_id: LedgerTreasuryPlans(each.node, each.chain.treasury)
            for chain_id, each in posts.items()
        },
        tickets=SqlTickets(ledger),
    )


def _plan_of(tickets: SqlTickets, run_id: str) -> TreasuryPlan:
    """The approved plan that a run opens."""
    record = tickets.ticket(run_id)
    if record is None:
        raise NoTicket(run_id)
    return record.ticket.treasury_plan
