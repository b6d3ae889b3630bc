"""Tests of the simulation by both methods, with answers of real nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc, RpcError
from keepers.chain.vault.simulation import NodeSimulator
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import (
    BadAnswerError,
    ContractMissingError,
    NodeRefusedError,
    UnsupportedNodeError,
)

KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
CONTROLLER = "0x00000000000000000000000000000000DeaDBeef"
MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
CALLS = [ContractCall(CONTROLLER, "0x01"), ContractCall(CONTROLLER, "0x02")]
TIERS = encode(["uint256[3]"], [[1, 2, 3]])
BOOK = encode(["uint256[3]", "uint256"], [[4, 5, 6], 0])
NUMBER = encode(["uint256"], [7])
PAUSED = keccak(text="AssetController_Paused()")[:4]
MISSING = RpcError("eth_simulateV1", -32601, "Method not found", None)


class ScriptedRpc:
    """Node with an answer for each method that records its requests."""

    shown_url = "http://node"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers: dict[str, Any] = {"eth_chainId": "0x1", **answers}
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    async def ask(self, method: str, *params: Any) -> Any:
        self.asked.append((method, params))
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer


Make = Callable[[dict[str, Any]], tuple[NodeSimulator, ScriptedRpc]]


@pytest.fixture
def make() -> Make:
    def made(answers: dict[str, Any]) -> tuple[NodeSimulator, ScriptedRpc]:
        rpc = ScriptedRpc(answers)
        node = Node(cast("Rpc", rpc), 1, MULTICALL3, Reverts({}))
        return NodeSimulator(node, CONTROLLER), rpc

    return made


def row(data: bytes, *, ok: bool = True) -> dict[str, Any]:
    return {"status": hex(ok), "gasUsed": "0x64", "returnData": f"0x{data.hex()}"}


def results(*rows: tuple[bool, bytes]) -> str:
    return "0x" + encode(["(bool,bytes)[]"], [list(rows)]).hex()


async def test_simulate__bundle__answers_gas_and_tiers(make: Make) -> None:
    simulator, rpc = make(
        {"eth_simulateV1": [{"calls": [row(NUMBER), row(NUMBER), row(TIERS), row(BOOK)]}]}
    )
    found = await simulator.simulate(KEEPER, CALLS)
    assert (found.method, found.gas, found.received) == ("eth_simulateV1", (100, 100), (7, 7))
    assert found.tier_values == (1, 2, 3)
    (request, block) = rpc.asked[-1][1]
    assert (request["validation"], block) == (False, "latest")
    assert {each["from"] for each in request["blockStateCalls"][0]["calls"]} == {KEEPER}


async def test_simulate__tiers_have_no_price__are_those_of_the_book(make: Make) -> None:
    """M1: one stale feed prevented every simulation, even of the sale of another holding."""
    failing = row(b"", ok=False)
    rows = [row(NUMBER), row(NUMBER), failing, row(BOOK)]
    simulator, _ = make({"eth_simulateV1": [{"calls": rows}]})
    found = await simulator.simulate(KEEPER, CALLS)
    assert (found.failed, found.tier_values) == (None, (4, 5, 6))


async def test_simulate__bundle_with_revert__names_the_first(make: Make) -> None:
    failing = row(PAUSED, ok=False)
    simulator, _ = make(
        {"eth_simulateV1": [{"calls": [row(NUMBER), failing, row(TIERS), row(BOOK)]}]}
    )
    found = await simulator.simulate(KEEPER, CALLS)
    assert found.failed is not None
    assert found.failed.index == 1
    assert "paused" in found.failed.error
    assert found.tier_values is None


async def test_simulate__revert_data_in_error__is_read(make: Make) -> None:
    failing = {**row(b"", ok=False), "error": {"code": 3, "data": f"0x{PAUSED.hex()}"}}
    simulator, _ = make(
        {"eth_simulateV1": [{"calls": [failing, row(NUMBER), row(TIERS), row(BOOK)]}]}
    )
    found = await simulator.simulate(KEEPER, CALLS)
    assert found.failed is not None
    assert "paused" in found.failed.error


async def test_simulate__no_bundles__calls_from_the_keepers_own_address(make: Make) -> None:
    answer = results((True, NUMBER), (True, NUMBER), (True, TIERS), (True, BOOK))
    simulator, rpc = make({"eth_simulateV1": MISSING, "eth_getCode": "0x60", "eth_call": answer})
    found = await simulator.simulate(KEEPER, CALLS)
    assert (found.method, found.gas, found.received) == ("eth_call", (), (7, 7))
    assert found.tier_values == (1, 2, 3)
    request, _, override = rpc.asked[-1][1]
    assert request["to"] == KEEPER
    assert override == {KEEPER: {"code": "0x60"}}


async def test_simulate__no_bundles_and_revert__names_it(make: Make) -> None:
    answer = results((False, PAUSED), (True, NUMBER), (True, TIERS), (True, BOOK))
    simulator, _ = make({"eth_simulateV1": MISSING, "eth_getCode": "0x60", "eth_call": answer})
    found = await simulator.simulate(KEEPER, CALLS)
    assert found.failed is not None
    assert found.failed.index == 0


async def test_simulate__neither_method__is_unsupported(make: Make) -> None:
    refusal = RpcError("eth_call", -32602, "too many arguments, want at most 2", None)
    simulator, _ = make({"eth_simulateV1": MISSING, "eth_getCode": "0x60", "eth_call": refusal})
    with pytest.raises(UnsupportedNodeError, match="state override"):
        await simulator.simulate(KEEPER, CALLS)


async def test_simulate__no_multicall__says_where(make: Make) -> None:
    simulator, _ = make({"eth_simulateV1": MISSING, "eth_getCode": "0x"})
    with pytest.raises(ContractMissingError, match=MULTICALL3):
        await simulator.simulate(KEEPER, CALLS)


async def test_simulate__node_overloaded__is_not_taken_for_missing(make: Make) -> None:
    simulator, rpc = make({"eth_simulateV1": RpcError("eth_simulateV1", -32005, "limit", None)})
    with pytest.raises(NodeRefusedError, match="limit"):
        await simulator.simulate(KEEPER, CALLS)
    assert [method for method, _ in rpc.asked] == ["eth_chainId", "eth_simulateV1"]


ROW = row(NUMBER)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        [5],
        [{"calls": None}],
        [{"calls": []}],
        [{"calls": [row(TIERS), row(BOOK)]}],  # the tiers after the actions, without any action
        [{"calls": [ROW, row(TIERS), row(BOOK)]}],
        [{"calls": [ROW, ROW, ROW, row(TIERS), row(BOOK)]}],
        [{"calls": [ROW, {**ROW, "status": None}, row(TIERS), row(BOOK)]}],
        [{"calls": [ROW, {**ROW, "gasUsed": "x"}, row(TIERS), row(BOOK)]}],
        [{"calls": [ROW, {**ROW, "returnData": "0x1"}, row(TIERS), row(BOOK)]}],
        [{"calls": [ROW, row(b""), row(TIERS), row(BOOK)]}],
    ],
)
async def test_simulate__bundle_of_another_form__never_passes(make: Make, answer: object) -> None:
    simulator, _ = make({"eth_simulateV1": answer})
    with pytest.raises(BadAnswerError):
        await simulator.simulate(KEEPER, CALLS)


@pytest.mark.parametrize("rows", [[], [(True, TIERS)], [(True, NUMBER)] * 5])
async def test_simulate__override_with_other_results__never_passes(
    make: Make, rows: list[tuple[bool, bytes]]
) -> None:
    answers = {"eth_simulateV1": MISSING, "eth_getCode": "0x60", "eth_call": results(*rows)}
    simulator, _ = make(answers)
    with pytest.raises(BadAnswerError, match="of 4 calls"):
        await simulator.simulate(KEEPER, CALLS)
