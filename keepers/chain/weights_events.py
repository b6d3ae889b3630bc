"""What the judge's event of a run towards target weights says."""

from __future__ import annotations

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.conversions import to_bytes

from keepers.chain.codec import event_topic
from keepers.chain.receipts import GET_RECEIPT
from keepers.model.chain import Receipt
from keepers.model.errors.chain import BadAnswerError
from keepers.model.weights_run import WeightsEvent

FIELDS = ("uint8", "uint256", "uint256", "uint256")
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
            return _event(log.data)
    return None


def _event(data: str) -> WeightsEvent:
    try:
        _mode, turnover, lost, returned = decode(FIELDS, to_bytes(hexstr=data))
    except (DecodingError, ValueError) as error:
        raise BadAnswerError(GET_RECEIPT, "an event of another form") from error
    return WeightsEvent(turnover, lost, returned)
