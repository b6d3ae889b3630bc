"""Tests of the simulation of treasury calls with their value in the native token."""

from __future__ import annotations

from typing import Any, cast

import pytest

from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.chain.simulation import TreasurySimulator
from keepers.model.chain import ContractCall, ValuedCall
from keepers.model.errors.chain import UnsupportedNodeError
from tests.unit.chain.treasury.treasury_node import TREASURY
from tests.unit.chain.vault.test_simulation import (
    KEEPER,
    MISSING,
    MULTICALL3,
    NUMBER,
    ScriptedRpc,
    results,
    row,
)

CALLS = [ValuedCall(ContractCall(TREASURY, "0x01"), 5), ValuedCall(ContractCall(TREASURY, "0x02"))]


def simulator(answers: dict[str, Any]) -> tuple[TreasurySimulator, ScriptedRpc]:
    rpc = ScriptedRpc(answers)
    return TreasurySimulator(Node(cast("Rpc", rpc), 1, MULTICALL3, Reverts({}))), rpc


async def test_run__coins__go_along_with_their_calls() -> None:
    dry, rpc = simulator({"eth_simulateV1": [{"calls": [row(NUMBER), row(NUMBER)]}]})
    assert await dry.run(KEEPER, CALLS) is None
    (request, _) = rpc.asked[-1][1]
    assert [each["value"] for each in request["blockStateCalls"][0]["calls"]] == ["0x5", "0x0"]


async def test_run__a_call_reverts__is_named_with_its_reason() -> None:
    dry, _ = simulator({"eth_simulateV1": [{"calls": [row(NUMBER), row(b"", ok=False)]}]})
    failed = await dry.run(KEEPER, CALLS)
    assert failed is not None
    assert failed.index == 1


async def test_run__node_without_bundles__cannot_say_where_coins_go_along() -> None:
    dry, _ = simulator({"eth_simulateV1": MISSING})
    with pytest.raises(UnsupportedNodeError):
        await dry.run(KEEPER, CALLS)


async def test_run__node_without_bundles__runs_what_needs_no_coins() -> None:
    answers = {
        "eth_simulateV1": MISSING,
        "eth_getCode": "0x60",
        "eth_call": results((True, NUMBER)),
    }
    dry, _ = simulator(answers)
    assert await dry.run(KEEPER, CALLS[1:]) is None
