"""What the events of a batch say."""

from __future__ import annotations

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.conversions import to_bytes

from keepers.adapters.chain.codec import event_topic
from keepers.adapters.chain.receipts import GET_RECEIPT
from keepers.domain.chain import Receipt
from keepers.domain.errors_chain import BadAnswerError
from keepers.domain.recurring import RecurringEvent

EXECUTED = ("bool", "uint256", "uint256", "uint256")
"""What is not indexed: whether it went well, gas, what was paid, what was refunded."""


def read_executions(receipt: Receipt, scheduler: str) -> RecurringEvent:
    """How many bookings the scheduler has executed in it, and for how much.

    Raises:
        BadAnswerError: An event has another form.
    """
    topic = event_topic("TransactionScheduler", "Executed")
    paid: list[int] = []
    for log in receipt.logs:
        if log.address.lower() == scheduler.lower() and log.topics and log.topics[0] == topic:
            try:
                paid.append(decode(EXECUTED, to_bytes(hexstr=log.data))[2])
            except (DecodingError, ValueError) as error:
                raise BadAnswerError(GET_RECEIPT, "an event of another form") from error
    return RecurringEvent(len(paid), sum(paid))


def read_fixes(receipt: Receipt) -> RecurringEvent:
    """How many rebalancers say in it that they were booked again."""
    topic = event_topic("PaidRebalancerRegistry", "FixedReschedule")
    return RecurringEvent(sum(bool(log.topics) and log.topics[0] == topic for log in receipt.logs))
