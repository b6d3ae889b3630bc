"""Tests of receipts and logs of nodes, and of the forms that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keepers.chain.responses import read_price, read_receipt
from keepers.chain.vault.events import read_action
from keepers.model.chain import ActionEvent, Log, Receipt
from keepers.model.errors.chain import BadAnswerError

CONTROLLER = "0x00000000000000000000000000000000DeaDBeef"
STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
TOKEN = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
SIGNATURE = "AssetPurchased(address,address,uint8,uint256,uint256)"


def padded(address: str) -> str:
    return f"0x{address[2:].lower():0>64}"


def log(address: str, signature: str = SIGNATURE) -> dict[str, Any]:
    data = encode(["uint8", "uint256", "uint256"], [2, 1_000, 990])
    topics = [f"0x{keccak(text=signature).hex()}", padded(STRANGER), padded(TOKEN)]
    return {"address": address.lower(), "topics": topics, "data": f"0x{data.hex()}"}


def raw(*logs: dict[str, Any], status: int = 1) -> dict[str, Any]:
    return {
        "transactionHash": "0x" + "11" * 32,
        "blockNumber": "0x10",
        "blockHash": "0x" + "22" * 32,
        "status": hex(status),
        "gasUsed": "0x5208",
        "effectiveGasPrice": "0x2",
        "logs": list(logs),
    }


def read(answer: dict[str, Any], price: int | None = None) -> Receipt:
    found = read_receipt(answer, price)
    assert found is not None
    return found


def test_read_receipt__as_nodes_give_it() -> None:
    given = log(CONTROLLER)
    found = read(raw(given))
    assert (found.block_number, found.gas_used, found.effective_gas_price) == (16, 21_000, 2)
    assert (found.transaction_hash, found.block_hash) == ("0x" + "11" * 32, "0x" + "22" * 32)
    assert found.succeeded
    assert found.logs == (Log(CONTROLLER, tuple(given["topics"]), given["data"]),)


@pytest.mark.parametrize("signature", [SIGNATURE, SIGNATURE.replace("Purchased", "Redeemed")])
@pytest.mark.parametrize("controller", [CONTROLLER, CONTROLLER.lower()])
def test_read_action__controllers_event__gives_amounts(signature: str, controller: str) -> None:
    found = read(raw(log(STRANGER), log(CONTROLLER, signature)))
    assert read_action(found, controller) == ActionEvent(TOKEN, 1_000, 990)


def test_read_action__same_event_of_a_stranger__is_ignored() -> None:
    assert read_action(read(raw(log(STRANGER))), CONTROLLER) is None


def test_read_action__another_event_of_the_controller__is_ignored() -> None:
    other, anonymous = log(CONTROLLER, "KeeperSet(address,bool)"), log(CONTROLLER)
    anonymous["topics"].clear()
    assert read_action(read(raw(other, anonymous)), CONTROLLER) is None


def test_read_action__several__is_the_first() -> None:
    second = {
        **log(CONTROLLER),
        "data": f"0x{encode(['uint8', 'uint256', 'uint256'], [2, 7, 7]).hex()}",
    }
    found = read(raw(log(CONTROLLER), second))
    assert read_action(found, CONTROLLER) == ActionEvent(TOKEN, 1_000, 990)


@pytest.mark.parametrize(
    "changed", [{"data": "0x12"}, {"data": "0x"}, {"topics": log(CONTROLLER)["topics"][:1]}]
)
def test_read_action__another_form__is_the_nodes_fault(changed: dict[str, Any]) -> None:
    found = read(raw({**log(CONTROLLER), **changed}))
    with pytest.raises(BadAnswerError, match="an event of an unexpected form"):
        read_action(found, CONTROLLER)


def test_read_receipt__reverted__has_no_logs() -> None:
    found = read(raw(log(CONTROLLER), status=0))
    assert not found.succeeded
    assert found.logs == ()
    assert read_action(found, CONTROLLER) is None


@pytest.mark.parametrize("field", ["blockNumber", "blockHash"])
def test_read_receipt__no_block_yet__is_none(field: str) -> None:
    assert read_receipt({**raw(), field: None}) is None


def test_read_receipt__no_price__takes_the_one_given() -> None:
    answer = raw()
    del answer["effectiveGasPrice"]
    assert read(answer, 9).effective_gas_price == 9


@pytest.mark.parametrize(
    "changed",
    [
        {"status": None},
        {"gasUsed": "many"},
        {"effectiveGasPrice": 5},
        {"logs": {}},
        {"logs": [7]},
        {"logs": [{"address": "x", "topics": 1}]},
        {"logs": [{**log(CONTROLLER), "data": "0x1"}]},
        {"logs": [{**log(CONTROLLER), "address": "0x12"}]},
    ],
)
def test_read_receipt__another_form__is_the_nodes_fault(changed: dict[str, Any]) -> None:
    with pytest.raises(BadAnswerError, match="eth_getTransactionReceipt"):
        read_receipt({**raw(), **changed})


def test_read_price__of_either_kind_of_transaction() -> None:
    assert read_price({"gasPrice": "0x7"}) == 7
    assert read_price({"maxFeePerGas": "0x8"}) == 8
    with pytest.raises(BadAnswerError, match="eth_getTransactionByHash"):
        read_price({})
