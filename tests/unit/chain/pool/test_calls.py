"""Tests of gas estimates with an access list where that is cheaper, and of revert reasons."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.crypto import keccak

from keepers.chain.rpc import RpcError
from keepers.model.chain import ContractCall
from keepers.model.chain_view import Estimate
from keepers.model.errors.chain import (
    CallRevertedError,
    ChainUnreachableError,
    ControllerPausedError,
)
from tests.unit.chain.pool.scripted import ACCOUNT, ScriptedNode, honest, pool_of

TARGET = "0x00000000000000000000000000000000DeaDBeef"
CALL = ContractCall(TARGET, "0xabcd")
SLOT = "0x" + "00" * 31 + "05"
LISTED = {"accessList": [{"address": TARGET, "storageKeys": ["0x5"]}], "gasUsed": "0x1"}
ESTIMATE, CREATE_LIST, ETH_CALL = "eth_estimateGas", "eth_createAccessList", "eth_call"


def estimating(without: int, with_list: int | Exception, answer: Any) -> ScriptedNode:
    (node,) = honest(1)

    def gas(request: dict[str, Any], *_: Any) -> Any:
        found = with_list if "accessList" in request else without
        return hex(found) if isinstance(found, int) else found

    node.says |= {ESTIMATE: gas, CREATE_LIST: answer}
    return node


async def test_estimate__list_makes_it_cheaper__is_given() -> None:
    node = estimating(50_000, 47_000, LISTED)
    found = await pool_of([node]).estimate(ACCOUNT, CALL, 3)
    assert found == Estimate(47_000, ((TARGET, (SLOT,)),))
    request = {"from": ACCOUNT, "to": TARGET, "data": "0xabcd", "value": "0x3"}
    entry = {"address": TARGET, "storageKeys": [SLOT]}
    assert (ESTIMATE, request | {"accessList": [entry]}) in node.asked


NO_METHOD = RpcError(CREATE_LIST, -32601, "the method does not exist", None)
REVERTED = RpcError(CREATE_LIST, 3, "execution reverted", b"")


@pytest.mark.parametrize(
    ("with_list", "answer"),
    [
        (50_000, LISTED),
        (51_000, LISTED),
        (RpcError(ESTIMATE, -32000, "no", None), LISTED),
        (1, NO_METHOD),
        (1, REVERTED),
        (1, LISTED | {"error": "execution reverted"}),
        (1, {"accessList": []}),
        (1, {"accessList": [{"address": TARGET, "storageKeys": None}]}),
        (1, "nonsense"),
    ],
    ids=str,
)
async def test_estimate__list_does_not_help__is_left_out(
    with_list: int | Exception, answer: Any
) -> None:
    node = estimating(50_000, with_list, answer)
    assert await pool_of([node]).estimate(ACCOUNT, CALL, 0) == Estimate(50_000, ())


@pytest.mark.parametrize("operation", ["estimate", "simulate"])
async def test_revert__is_read_and_not_asked_elsewhere(operation: str) -> None:
    nodes = honest(2)
    data = keccak(text="AssetController_Paused()")[:4]
    for node in nodes:
        for method in (ESTIMATE, ETH_CALL):
            node.says[method] = RpcError(method, 3, "execution reverted", data)
    pool = pool_of(nodes)
    attempts = {
        "estimate": lambda: pool.estimate(ACCOUNT, CALL, 0),
        "simulate": lambda: pool.simulate(ACCOUNT, CALL, 0, 100),
    }
    with pytest.raises(ControllerPausedError):
        await attempts[operation]()
    assert sum(node.count(ESTIMATE) + node.count(ETH_CALL) for node in nodes) == 1


async def test_estimate__node_fails__fails_closed() -> None:
    (node,) = honest(1)
    node.down = True
    with pytest.raises(ChainUnreachableError):
        await pool_of([node]).estimate(ACCOUNT, CALL, 0)


async def test_simulate__has_the_gas_limit_and_value() -> None:
    (node,) = honest(1)
    node.says[ETH_CALL] = "0x"
    await pool_of([node]).simulate(ACCOUNT, CALL, 5, 90_000)
    request = {"from": ACCOUNT, "to": TARGET, "data": "0xabcd", "value": "0x5", "gas": "0x15f90"}
    assert node.asked[-1] == (ETH_CALL, request, "latest")


async def test_simulate__without_a_reason__is_a_revert_all_the_same() -> None:
    (node,) = honest(1)
    node.says[ETH_CALL] = RpcError(ETH_CALL, 3, "execution reverted", None)
    with pytest.raises(CallRevertedError):
        await pool_of([node]).simulate(ACCOUNT, CALL, 0, 1)
