"""Events of recurring rebalancers: executions, runs, fixes, and bookings that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import account_in, event, event_topic
from keepers.chain.pool.failover import RangeReader
from keepers.chain.pool.member import as_chain_error
from keepers.chain.responses import GET_LOGS, as_bytes, as_list, as_object, as_text
from keepers.chain.reverts import error_of
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import (
    BadAnswerError,
    ChainError,
    ChainUnreachableError,
    PayloadTooLargeError,
)
from keepers.model.recurring import FailedBooking, RecurringEvent, RunOutcome, RunReport
from keepers.model.weights_run import SkipReason

RUN_EVENTS = {
    each.topic: each
    for each in (
        event("PaidRebalancerRegistry", "Rebalanced"),
        event("PaidRebalancerRegistry", "RunSkipped"),
        event("PaidRebalancerRegistry", "RebalanceFailed"),
    )
}
"""Events of rebalancers by their topics; each run ends with one of them."""

REVERTED_BARE = "reverted without a reason, or ran out of gas"


def metered_gas(logs: Sequence[Log], scheduler: str) -> int | None:
    """Return the gas charged for the only execution in a transaction; None unless there is one.

    Raises:
        BadAnswerError: The event has another form.
    """
    executed = _executed(logs, scheduler)
    return executed[0][1] if len(executed) == 1 else None


def read_executions(receipt: Receipt, scheduler: str) -> RecurringEvent:
    """Return the number of executed bookings, their payouts, and their runs.

    Any contract can emit the events of a rebalancer: the caller checks that handler and target are
    those of a booking.

    Raises:
        BadAnswerError: An event of the scheduler has another form.
    """
    paid = [each[2] for each in _executed(receipt.logs, scheduler)]
    return RecurringEvent(len(paid), sum(paid), read_runs(receipt.logs))


def read_runs(logs: Sequence[Log]) -> tuple[RunReport, ...]:
    """Return the runs in events of rebalancers; events of another form are skipped."""
    found = (_run(each) for each in logs if each.topics and each.topics[0] in RUN_EVENTS)
    return tuple(each for each in found if each is not None)


def read_fixes(receipt: Receipt) -> RecurringEvent:
    """Return the number of rebalancers that were booked again."""
    topic = event_topic("PaidRebalancerRegistry", "FixedReschedule")
    return RecurringEvent(sum(bool(log.topics) and log.topics[0] == topic for log in receipt.logs))


def _executed(logs: Sequence[Log], scheduler: str) -> list[tuple[Any, ...]]:
    """Decode the executions of a scheduler: success, gas, payout, refund."""
    known = event("TransactionScheduler", "Executed")
    return [known.decode(log) for log in logs if known.is_in(log, scheduler)]


def _run(log: Log) -> RunReport | None:
    try:
        target = account_in(log.topics[1])
        outcome, reason, retry = _outcome(log)
    except (BadAnswerError, ValueError, IndexError):
        return None
    return RunReport(to_checksum_address(log.address), target, outcome, reason, retry)


def _outcome(log: Log) -> tuple[RunOutcome, str, int]:
    """Decode the outcome of a run, its reason, and the number of the next early run."""
    known = RUN_EVENTS[log.topics[0]]
    match known.name:
        case "RunSkipped":
            retry, _at, _booking = known.decode(log)
            return RunOutcome.SKIPPED, name_of(int(log.topics[2], 16)), retry
        case "RebalanceFailed":
            head, _in_a_row = known.decode(log)
            return RunOutcome.FAILED, error_of(head) or REVERTED_BARE, 0
        case _:
            return RunOutcome.DONE, "", 0


def name_of(reason: int) -> str:
    """Return the contracts' name of a reason for a skip."""
    try:
        words = SkipReason(reason).name.split("_")
    except ValueError:
        return f"reason {reason}"
    return "".join(map(str.capitalize, words))


FAILED_SCHEDULE = ("PaidRebalancerRegistry", "FailedRecurringSchedule")

TARGET = 1
"""Index of the topic with the target."""

FAILED_TOPICS = 3
"""Number of topics of the event: its own, the target, and the reason."""


class RecurringFailures(RangeReader):
    """Reader of failed bookings of any contract; the caller checks whether the contract is known.

    A range is one node's response: a sweep finds an event that the node omits, and an invented
    event is not stuck.
    """

    async def failures(self, first: int, last: int) -> tuple[FailedBooking, ...]:
        """Return failed bookings in a range of blocks, from the best node that has them.

        Any contract can emit such an event in any form; events of another form are skipped.

        Raises:
            RangeRefusedError: A node refuses, and no other node returns the range.
            ChainError: The events cannot be read now.
        """
        wanted = {
            "topics": [event_topic(*FAILED_SCHEDULE)],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }

        async def work(requests: Requests) -> list[Any]:
            return as_list(await requests.ask(GET_LOGS, wanted), GET_LOGS)

        def refusal(problem: ChainError | RpcError) -> str | None:
            return str(as_chain_error(problem)) if _is_refusal(problem, first, last) else None

        raw = await self._read_range(first, last, work, refusal)
        found = (_failure(each) for each in raw)
        return tuple(dict.fromkeys(each for each in found if each is not None))


def _is_refusal(problem: ChainError | RpcError, first: int, last: int) -> bool:
    """Return whether a shorter range may succeed; no response for a single block means down."""
    if isinstance(problem, RpcError | PayloadTooLargeError):
        return True
    return isinstance(problem, ChainUnreachableError) and last > first


def _failure(raw: object) -> FailedBooking | None:
    """Decode an event; return None if it is not a rebalancer's."""
    log = as_object(raw, GET_LOGS)
    topics = as_list(log.get("topics"), GET_LOGS)
    if len(topics) != FAILED_TOPICS:
        return None
    target = as_bytes(topics[TARGET], GET_LOGS)
    handler = as_text(log.get("address"), GET_LOGS)
    try:
        return FailedBooking(to_checksum_address(handler), to_checksum_address(target[-20:]))
    except ValueError:
        raise BadAnswerError(GET_LOGS, "an event of an unexpected form") from None
