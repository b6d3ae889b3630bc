"""Tests of the event and refusals of a weight rebalance: contract and form must match."""

from __future__ import annotations

from typing import Any, cast

import pytest
from eth_abi.abi import encode
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from keepers.chain.abi import entry
from keepers.chain.reverts import Reverts
from keepers.chain.vault.events import read_run
from keepers.model.chain import Log
from keepers.model.errors.chain import BadAnswerError, CallRevertedError
from keepers.model.weights_run import ADVICE, RebalanceRefusedError, SkipReason, WeightsEvent
from tests.unit.chain.vault.test_maintenance_events import CALLER, receipt

JUDGE, OTHER = (to_checksum_address("0x" + each * 20) for each in ("aa", "bb"))
REBALANCED = (
    f"0x{event_abi_to_log_topic(cast('Any', entry('WeightJudge', 'event', 'Rebalanced'))).hex()}"
)
DATA = f"0x{encode(('uint8', 'uint256', 'uint256', 'uint256'), (2, 9, 3, 1)).hex()}"
REFUSED = keccak(text="Rebalance_Refused(uint8)")[:4]


def test_run__of_the_judge__is_read() -> None:
    log = Log(JUDGE.lower(), (REBALANCED, CALLER), DATA)
    assert read_run(receipt(log), JUDGE) == WeightsEvent(turnover=9, lost=3, returned=1)


@pytest.mark.parametrize(
    "log", [Log(OTHER, (REBALANCED, CALLER), DATA), Log(JUDGE, ("0x00",), DATA), Log(JUDGE, (), "")]
)
def test_run__of_somebody_else__is_none(log: Log) -> None:
    assert read_run(receipt(log), JUDGE) is None


def test_run__of_another_form__is_said() -> None:
    with pytest.raises(BadAnswerError, match="an unexpected form"):
        read_run(receipt(Log(JUDGE, (REBALANCED, CALLER), "0x01")), JUDGE)


@pytest.mark.parametrize("reason", list(SkipReason))
def test_refusal__is_typed_with_its_reason(reason: SkipReason) -> None:
    error = Reverts({}).read(REFUSED + encode(("uint8",), (int(reason),)))
    assert isinstance(error, RebalanceRefusedError)
    assert error.reason is reason
    assert ADVICE[reason] in str(error)


def test_refusal__of_a_reason_that_nobody_knows__is_shown_as_it_came() -> None:
    error = Reverts({}).read(REFUSED + encode(("uint8",), (99,)))
    assert type(error) is CallRevertedError
