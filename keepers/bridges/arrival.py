"""Arrivals in an inbox: the event that shows one, and its proof.

The evidence is the hash of the transaction's hash and of the event's place among the events of its
transaction. That place stays when a reorganisation moves the transaction into another block; the
place in the block would not.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keepers.bridges.chain_reader import ChainReader, read
from keepers.bridges.lane import Lane
from keepers.chain.codec import account_topic, event, same, to_bytes
from keepers.chain.contracts.routes import CustodialRoute
from keepers.model.bridges.values import Crossed, Departure, Pending, Stuck, Tracking, Wait
from keepers.model.chain import Log, Receipt
from keepers.model.errors.transfers import ArrivedShortError

TRANSFER = event("IERC20", "Transfer").topic
PROOF = ["bytes32", "uint256"]
ASK = "Ask whoever carries it, with the transaction's hash."


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLane(Lane):
    """A way that ends in an inbox.

    Attributes:
        token: What arrives there.
        inbox: Where; the custodian's list of withdrawal addresses has it, and nothing else.
    """

    token: str
    inbox: str


async def find_arrival(
    reader: ChainReader, lane: InboxLane, departure: Departure, transaction: str, amount: int
) -> Tracking:
    """Compare a transaction of the destination with the carrier's answer about it.

    Args:
        reader: The destination.
        lane: Where it arrives.
        departure: The transfer that it is said to be of.
        transaction: Its hash, as the carrier says.
        amount: What it brings, as the carrier says, in units of the destination.
    """
    receipt = await reader.receipt(transaction)
    if receipt is None:
        return Pending(Wait.CONFIRMING, f"{transaction} is not in the chain yet")
    if not receipt.succeeded:
        return Stuck(f"{transaction}, which was to bring it, reverted", ASK)
    for place in _places(receipt, lane, amount):
        evidence = evidence_of(transaction, place)
        if not await _is_used(reader, lane, evidence):
            return _judged(departure, transaction, evidence, amount)
    return Stuck(f"{transaction} brought no {amount} units to our inbox that are not booked", ASK)


def require_enough(departure: Departure, crossed: Crossed) -> bytes:
    """The proof of an arrival that the treasury will take.

    Raises:
        ArrivedShortError: It is below the transfer's minimum.
    """
    least = departure.terms.min_received
    if crossed.amount < least:
        raise ArrivedShortError(departure.transfer_id, crossed.amount, least)
    return crossed.proof


def evidence_of(transaction: str, place: int) -> bytes:
    """Return the evidence of an arrival, which a route accepts once."""
    return keccak(encode(["bytes32", "uint256"], [to_bytes(transaction), place]))


def _judged(departure: Departure, transaction: str, evidence: bytes, amount: int) -> Tracking:
    least = departure.terms.min_received
    if amount < least:
        said = f"{amount} units arrived, less than the {least} of the terms"
        return Stuck(said, "Decide what becomes of them; the treasury takes no less.")
    facts = {"transaction": transaction, "evidence": f"0x{evidence.hex()}"}
    return Crossed(amount=amount, proof=encode(PROOF, [evidence, amount]), facts=facts)


def _places(receipt: Receipt, lane: InboxLane, amount: int) -> list[int]:
    return [place for place, log in enumerate(receipt.logs) if _brings(log, lane, amount)]


def _brings(log: Log, lane: InboxLane, amount: int) -> bool:
    to_inbox = len(log.topics) == len(("event", "from", "to")) and (
        (log.topics[0], log.topics[2].lower()) == (TRANSFER, account_topic(lane.inbox).lower())
    )
    return to_inbox and same(log.address, lane.token) and int(log.data, 16) == amount


async def _is_used(reader: ChainReader, lane: InboxLane, evidence: bytes) -> bool:
    return await read(reader, CustodialRoute(lane.destination_route).is_used(evidence))
