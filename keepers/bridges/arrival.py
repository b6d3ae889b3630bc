"""Arrivals in an inbox: the event of an arrival, and its proof.

The evidence is the hash of the transaction's hash and of the event's index within its transaction.
A reorganisation that moves the transaction into another block keeps that index, but changes the
event's index in the block.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keepers.bridges.bridge import arrived
from keepers.bridges.chain_reader import ChainReader
from keepers.bridges.lane import Lane
from keepers.chain.codec import account_topic, event, same, to_bytes
from keepers.chain.contracts.treasury import CustodialRoute
from keepers.model.bridge import Departure, Pending, Stuck, Tracking, Wait
from keepers.model.chain import Log, Receipt

TRANSFER = event("IERC20", "Transfer").topic
PROOF = ["bytes32", "uint256"]
ASK = "Ask the carrier, and quote the transaction's hash."


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLane(Lane):
    """Lane whose tokens arrive in an inbox.

    Attributes:
        token: Token that arrives.
        inbox: Address of the inbox, the only one on the custodian's list of withdrawal addresses.
    """

    token: str
    inbox: str


async def find_arrival(
    reader: ChainReader, lane: InboxLane, departure: Departure, transaction: str, amount: int
) -> Tracking:
    """Compare a transaction of the destination with the carrier's report of it.

    Args:
        reader: Reader of the destination.
        lane: Lane of the transfer.
        departure: The transfer.
        transaction: Hash of the transaction, as reported by the carrier.
        amount: Amount that arrives, as reported by the carrier, in units of the destination.
    """
    receipt = await reader.receipt(transaction)
    if receipt is None:
        return Pending(Wait.CONFIRMING, f"{transaction} is not in the chain yet")
    if not receipt.succeeded:
        return Stuck(f"the delivery transaction {transaction} reverted", ASK)
    route = CustodialRoute(lane.destination_route)
    for index in _payments(receipt, lane, amount):
        evidence = evidence_of(transaction, index)
        if not await reader.read(route.is_used(evidence)):
            facts = {"transaction": transaction, "evidence": f"0x{evidence.hex()}"}
            return arrived(departure, amount, encode(PROOF, [evidence, amount]), facts)
    return Stuck(f"{transaction} has no unbooked delivery of {amount} units to our inbox", ASK)


def evidence_of(transaction: str, index: int) -> bytes:
    """Return the evidence of an arrival, which a route accepts once."""
    return keccak(encode(PROOF, [to_bytes(transaction), index]))


def _payments(receipt: Receipt, lane: InboxLane, amount: int) -> list[int]:
    """Return the indices of the events that pay this amount into the inbox."""
    return [index for index, log in enumerate(receipt.logs) if _is_payment(log, lane, amount)]


def _is_payment(log: Log, lane: InboxLane, amount: int) -> bool:
    to_inbox = len(log.topics) == len(("event", "from", "to")) and (
        (log.topics[0], log.topics[2].lower()) == (TRANSFER, account_topic(lane.inbox).lower())
    )
    return to_inbox and same(log.address, lane.token) and int(log.data, 16) == amount
