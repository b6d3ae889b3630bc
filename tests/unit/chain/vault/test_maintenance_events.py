"""Tests of maintenance events: only those of the right contract and form count."""

from __future__ import annotations

from typing import Any, cast

import pytest
from eth_abi.abi import encode
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from keepers.chain.abi import entry
from keepers.chain.vault.events import read_claim, read_fulfilment
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import BadAnswerError
from keepers.model.maintenance import UpkeepEvent

QUEUE, CONTROLLER, TOKEN = (to_checksum_address("0x" + each * 20) for each in ("aa", "bb", "cc"))
CALLER = "0x" + "00" * 12 + "dd" * 20


def topic(contract: str, name: str) -> str:
    return f"0x{event_abi_to_log_topic(cast('Any', entry(contract, 'event', name))).hex()}"


FULFILLED = topic("RedemptionQueue", "BatchFulfilled")
CLAIMED = topic("AssetController", "AssetClaimed")
AMOUNTS = f"0x{encode(('uint256', 'uint256'), (7, 5)).hex()}"


def receipt(*logs: Log) -> Receipt:
    return Receipt(
        transaction_hash="0x1",
        block_number=1,
        block_hash="0x2",
        succeeded=True,
        gas_used=1,
        effective_gas_price=1,
        logs=logs,
    )


def padded(address: str) -> str:
    return f"0x{'00' * 12}{address[2:].lower()}"


def test_fulfilment__of_the_queue__is_read() -> None:
    log = Log(QUEUE.lower(), (FULFILLED, "0x01"), AMOUNTS)
    assert read_fulfilment(receipt(log), QUEUE) == UpkeepEvent(QUEUE, 7, 5)


def test_claim__of_the_controller__says_whose() -> None:
    log = Log(CONTROLLER, (CLAIMED, CALLER, padded(TOKEN)), AMOUNTS)
    assert read_claim(receipt(log), CONTROLLER) == UpkeepEvent(TOKEN, 7, 5)


@pytest.mark.parametrize(
    "log",
    [
        Log(TOKEN, (FULFILLED, "0x01"), AMOUNTS),
        Log(QUEUE, (CLAIMED, "0x01"), AMOUNTS),
        Log(QUEUE, (), AMOUNTS),
    ],
)
def test_fulfilment__of_somebody_else_or_another_event__is_none(log: Log) -> None:
    assert read_fulfilment(receipt(log), QUEUE) is None
    assert read_claim(receipt(log), CONTROLLER) is None


@pytest.mark.parametrize("data", ["0x", "0x01", "zz"])
def test_event__of_another_form__is_the_nodes_fault(data: str) -> None:
    with pytest.raises(BadAnswerError):
        read_fulfilment(receipt(Log(QUEUE, (FULFILLED, "0x01"), data)), QUEUE)


def test_claim__without_its_token__is_the_nodes_fault() -> None:
    with pytest.raises(BadAnswerError):
        read_claim(receipt(Log(CONTROLLER, (CLAIMED, CALLER), AMOUNTS)), CONTROLLER)
