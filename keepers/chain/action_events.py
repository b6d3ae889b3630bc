"""What the controller's events in a receipt say."""

from __future__ import annotations

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.conversions import to_bytes

from keepers.chain.codec import event_topic
from keepers.chain.receipts import GET_RECEIPT
from keepers.model.chain import ActionEvent, Log, Receipt
from keepers.model.errors.chain import BadAnswerError

EVENTS = ("AssetPurchased", "AssetRedeemed")
FIELDS = ("uint8", "uint256", "uint256")
"""What is not indexed of either event: tier, amount, received."""

TOKEN = 2
"""The topic with the token."""


def read_action(receipt: Receipt, controller: str) -> ActionEvent | None:
    """The first event of an action; the controller's own count and no others.

    Raises:
        BadAnswerError: It has another form.
    """
    topics = [event_topic("AssetController", name) for name in EVENTS]
    for log in receipt.logs:
        ours = log.address.lower() == controller.lower()
        if ours and log.topics and log.topics[0] in topics:
            return _event(log)
    return None


def _event(log: Log) -> ActionEvent:
    try:
        _tier, amount, received = decode(FIELDS, to_bytes(hexstr=log.data))
        return ActionEvent(to_checksum_address(f"0x{log.topics[TOKEN][-40:]}"), amount, received)
    except (DecodingError, ValueError, TypeError, IndexError):
        raise BadAnswerError(GET_RECEIPT, "an event of another form") from None
