"""Receipts, and what the controller's events in them say."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from eth_abi.abi import decode
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from keepers.adapters.chain.abi import entry
from keepers.domain.chain import ActionEvent, Receipt

EVENTS = ("AssetPurchased", "AssetRedeemed")
FIELDS = ("uint8", "uint256", "uint256")
"""What is not indexed of either event: tier, amount, received."""


def read_receipt(raw: dict[str, Any], controller: str) -> Receipt:
    """A receipt as the node gives it; the controller's own events alone count."""
    succeeded = int(raw["status"], 16) == 1
    return Receipt(
        transaction_hash=raw["transactionHash"],
        block_number=int(raw["blockNumber"], 16),
        block_hash=raw["blockHash"],
        succeeded=succeeded,
        gas_used=int(raw["gasUsed"], 16),
        effective_gas_price=int(raw["effectiveGasPrice"], 16),
        action=_action(raw["logs"], controller) if succeeded else None,
    )


def _action(logs: list[dict[str, Any]], controller: str) -> ActionEvent | None:
    for log in logs:
        topics = log["topics"]
        if to_checksum_address(log["address"]) == controller and topics[0] in _topics():
            _tier, amount, received = decode(FIELDS, bytes.fromhex(log["data"][2:]))
            token = to_checksum_address(f"0x{topics[2][-40:]}")
            return ActionEvent(token, amount, received)
    return None


@cache
def _topics() -> frozenset[str]:
    events = (cast("Any", entry("AssetController", "event", name)) for name in EVENTS)
    return frozenset(f"0x{event_abi_to_log_topic(each).hex()}" for each in events)
