"""What the controller's events in a receipt say."""

from __future__ import annotations

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.conversions import to_bytes

from keepers.chain.codec import event_topic
from keepers.chain.responses import GET_RECEIPT
from keepers.model.chain import ActionEvent, Log, Receipt
from keepers.model.errors.chain import BadAnswerError
from keepers.model.maintenance import UpkeepEvent
from keepers.model.weights_run import WeightsEvent

EVENTS = ("AssetPurchased", "AssetRedeemed")
ACTION_FIELDS = ("uint8", "uint256", "uint256")
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
        _tier, amount, received = decode(ACTION_FIELDS, to_bytes(hexstr=log.data))
        return ActionEvent(to_checksum_address(f"0x{log.topics[TOKEN][-40:]}"), amount, received)
    except (DecodingError, ValueError, TypeError, IndexError):
        raise BadAnswerError(GET_RECEIPT, "an event of another form") from None


AMOUNTS = ("uint256", "uint256")
"""What is not indexed of either event: shares, assets."""

CLAIM_TOKEN = 2
"""The topic with the token of a claim."""


def read_fulfilment(receipt: Receipt, queue: str) -> UpkeepEvent | None:
    """The queue's event of a batch that was paid; None without one.

    Raises:
        BadAnswerError: It has another form.
    """
    log = _first(receipt, queue, event_topic("RedemptionQueue", "BatchFulfilled"))
    return None if log is None else UpkeepEvent(queue, *_amounts(log))


def read_claim(receipt: Receipt, controller: str) -> UpkeepEvent | None:
    """The controller's event of what came in; None without one.

    Raises:
        BadAnswerError: It has another form.
    """
    log = _first(receipt, controller, event_topic("AssetController", "AssetClaimed"))
    if log is None:
        return None
    if len(log.topics) <= CLAIM_TOKEN:
        raise BadAnswerError(GET_RECEIPT, "an event of another form")
    return UpkeepEvent(to_checksum_address(f"0x{log.topics[TOKEN][-40:]}"), *_amounts(log))


def _first(receipt: Receipt, contract: str, topic: str) -> Log | None:
    for log in receipt.logs:
        if log.address.lower() == contract.lower() and log.topics and log.topics[0] == topic:
            return log
    return None


def _amounts(log: Log) -> tuple[int, int]:
    try:
        shares, assets = decode(AMOUNTS, to_bytes(hexstr=log.data))
    except (DecodingError, ValueError) as error:
        raise BadAnswerError(GET_RECEIPT, "an event of another form") from error
    return shares, assets


RUN_FIELDS = ("uint8", "uint256", "uint256", "uint256")
"""What is not indexed: mode, turnover, value lost, what was returned."""


def read_run(receipt: Receipt, judge: str) -> WeightsEvent | None:
    """The judge's event of a run; None without one.

    Raises:
        BadAnswerError: It has another form.
    """
    topic = event_topic("WeightJudge", "Rebalanced")
    for log in receipt.logs:
        ours = log.address.lower() == judge.lower()
        if ours and log.topics and log.topics[0] == topic:
            return _weights_event(log.data)
    return None


def _weights_event(data: str) -> WeightsEvent:
    try:
        _mode, turnover, lost, returned = decode(RUN_FIELDS, to_bytes(hexstr=data))
    except (DecodingError, ValueError) as error:
        raise BadAnswerError(GET_RECEIPT, "an event of another form") from error
    return WeightsEvent(turnover, lost, returned)
