"""Events of a vault's contracts in receipts: actions, maintenance, weight rebalances."""

from __future__ import annotations

from collections.abc import Iterable

from keepers.chain.codec import ContractEvent, account_in, event
from keepers.chain.responses import GET_RECEIPT
from keepers.chain.reverts import Reverts
from keepers.model.chain import ActionEvent, Log, PlanEvents, Receipt
from keepers.model.errors.chain import BadAnswerError
from keepers.model.maintenance import UpkeepEvent
from keepers.model.weights_run import WeightsEvent

ACTIONS = ("AssetPurchased", "AssetRedeemed")
OUT_OF_GAS = "it failed without a reason, or used all the gas that it may use"
TOKEN = 2
"""Index of the topic with the token of an action or a claim."""


def read_action(receipt: Receipt, controller: str) -> ActionEvent | None:
    """Return the first event of an action by the controller, or None.

    Raises:
        BadAnswerError: The event has another form.
    """
    known = [event("AssetController", name) for name in ACTIONS]
    for log in receipt.logs:
        for each in known:
            if each.is_in(log, controller):
                _tier, amount, received = each.decode(log)
                return ActionEvent(_token(log), amount, received)
    return None


def read_plan(logs: Iterable[Log], controller: str, reverts: Reverts) -> PlanEvents:
    """Return the events of a call with several actions.

    Args:
        logs: Logs of the call.
        controller: The controller.
        reverts: Reader of the errors of actions that failed.

    Raises:
        BadAnswerError: An event has another form.
    """
    known = [event("AssetController", name) for name in ACTIONS]
    failure = event("AssetController", "ActionFailed")
    executed, failed = list[ActionEvent](), dict[int, str]()
    for log in logs:
        if failure.is_in(log, controller):
            index, reason = failure.decode(log)
            failed[index] = str(reverts.read(reason)) if reason else OUT_OF_GAS
        for each in known:
            if each.is_in(log, controller):
                _tier, amount, received = each.decode(log)
                executed.append(ActionEvent(_token(log), amount, received))
    return PlanEvents(tuple(executed), failed)


def read_fulfilment(receipt: Receipt, queue: str) -> UpkeepEvent | None:
    """Return the queue's event of a batch that was paid, or None.

    Raises:
        BadAnswerError: The event has another form.
    """
    known = event("RedemptionQueue", "BatchFulfilled")
    log = _first(receipt, queue, known)
    return None if log is None else UpkeepEvent(queue, *known.decode(log))


def read_claim(receipt: Receipt, controller: str) -> UpkeepEvent | None:
    """Return the controller's event of a claim, or None.

    Raises:
        BadAnswerError: The event has another form.
    """
    known = event("AssetController", "AssetClaimed")
    log = _first(receipt, controller, known)
    return None if log is None else UpkeepEvent(_token(log), *known.decode(log))


def read_run(receipt: Receipt, judge: str) -> WeightsEvent | None:
    """Return the event of a weight rebalance, or None.

    Raises:
        BadAnswerError: The event has another form.
    """
    known = event("WeightJudge", "Rebalanced")
    log = _first(receipt, judge, known)
    if log is None:
        return None
    _mode, turnover, lost, returned = known.decode(log)
    return WeightsEvent(turnover, lost, returned)


def _first(receipt: Receipt, emitter: str, wanted: ContractEvent) -> Log | None:
    return next((log for log in receipt.logs if wanted.is_in(log, emitter)), None)


def _token(log: Log) -> str:
    try:
        return account_in(log.topics[TOKEN])
    except (ValueError, IndexError):
        raise BadAnswerError(GET_RECEIPT, "an event of an unexpected form") from None
