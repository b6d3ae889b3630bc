"""Transfers from the chains' data: amounts sent and received, transactions, protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3.contract import Contract

from scripts.demo.errors import DemoError
from scripts.demo.treasuries import Treasuries

CCTP_MESSAGE = "MessageReceived(address,uint32,bytes32,bytes32,uint32,bytes)"
LAYER_ZERO_PACKET = "PacketDelivered((uint32,bytes32,uint64),address)"


@dataclass(frozen=True)
class Journey:
    """Transfer with amounts in whole tokens."""

    transfer_id: str
    asset: str
    route: str
    source: str
    destination: str
    sent: Decimal
    received: Decimal
    seconds: float
    left_in: str
    arrived_in: str


def journeys(treasuries: Treasuries) -> list[Journey]:
    """Return every transfer, oldest first.

    Raises:
        DemoError: A transfer is not finished, or is not on the chains.
    """
    listed = treasuries.ballast("transfers", "list", "--all")["transfers"]
    return [_journey(treasuries, each) for each in reversed(listed)]


def crossings(treasuries: Treasuries, found: Iterable[Journey]) -> Counter[str]:
    """Return the number of CCTP messages and LayerZero packets that arrived for transfers."""
    counted: Counter[str] = Counter()
    for each in found:
        chain = treasuries.chains[each.destination]
        if each.route == "CCTP":
            receipt = chain.web3.eth.get_transaction_receipt(HexBytes(each.arrived_in))
            counted["CCTP messages"] += sum(
                bytes(log["topics"][0]) == keccak(text=CCTP_MESSAGE) for log in receipt["logs"]
            )
    for chain in treasuries.chains.values():
        topic = f"0x{keccak(text=LAYER_ZERO_PACKET).hex()}"
        packets = chain.web3.eth.get_logs(
            {
                "address": chain.addresses.layer_zero.endpoint,
                "topics": [HexBytes(topic)],
                "fromBlock": 0,
            }
        )
        counted["LayerZero packets"] += len(packets)
    return counted


def _journey(treasuries: Treasuries, told: dict[str, Any]) -> Journey:
    if told["place"] != "DONE":
        raise DemoError(f"transfer {told['id']} has not ended: it is at {told['place']}")
    names = {f"EVM-{chain.chain_id}": name for name, chain in treasuries.chains.items()}
    source, destination = names[told["source"]], names[told["destination"]]
    asset, transfer_id = told["asset"], told["id"]
    began, ended = (datetime.fromisoformat(told[each]) for each in ("created_at", "moved_at"))
    return Journey(
        transfer_id=transfer_id,
        asset=asset,
        route=told["route"],
        source=source,
        destination=destination,
        sent=_whole(treasuries, source, asset, told["amount"]),
        received=_whole(treasuries, destination, asset, told["received"]),
        seconds=(ended - began).total_seconds(),
        left_in=_transaction(treasuries.contract(source), "TransferSent", transfer_id),
        arrived_in=_transaction(treasuries.contract(destination), "TransferReceived", transfer_id),
    )


def _whole(treasuries: Treasuries, chain: str, asset: str, units: str) -> Decimal:
    return Decimal(units).scaleb(-treasuries.decimals(chain, asset))


def _transaction(treasury: Contract, event: str, transfer_id: str) -> str:
    found = treasury.events[event]().get_logs(
        from_block=0, argument_filters={"id": HexBytes(transfer_id)}
    )
    if len(found) != 1:
        raise DemoError(f"{event} of transfer {transfer_id}: {len(found)} events, not one")
    return found[0]["transactionHash"].to_0x_hex()
