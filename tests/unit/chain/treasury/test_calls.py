"""Tests of treasury calls, decoded by an independent decoder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import decode
from eth_utils.crypto import keccak

from keepers.chain.contracts.ledger import hash_of, leaf_of
from keepers.chain.contracts.treasury import TRANSFER, transfer_row
from keepers.chain.treasury.calls import PlanActionRef, TreasuryCalls
from keepers.model.approval import Signature
from keepers.model.chain import ContractCall
from keepers.model.treasury import TreasuryAction, TreasuryPlan, TreasuryVerb
from tests.support.bridging import terms
from tests.unit.chain.treasury.treasury_node import KEEPER, LEDGER, TREASURY, USDC, VENUE

HEADER = "(address,address,uint256,uint40,uint32,bytes32)"
ACTION = "(uint8,address,uint256,uint256,bytes32,uint64)"
TICKET = f"({HEADER},bytes32[],uint8,uint64)"
CALLS = TreasuryCalls(TREASURY)
TERMS = terms()
KEY = TERMS.transfer_id
PLAN = TreasuryPlan(
    chain_id=1,
    ledger=LEDGER,
    treasury=TREASURY,
    keeper=KEEPER,
    nonce=5,
    deadline=1_900_000_000,
    epoch=2,
    state="0x" + "0a" * 32,
    actions=(
        TreasuryAction(verb=TreasuryVerb.DIVEST, asset=VENUE, amount=7, bound=8, transfer_id=KEY),
        TreasuryAction(
            verb=TreasuryVerb.SEND,
            asset=USDC,
            amount=TERMS.amount,
            bound=TERMS.min_received,
            transfer_id=KEY,
            depends_on=(0,),
        ),
    ),
)


def arguments(call: ContractCall, name: str, *kinds: str) -> tuple[Any, ...]:
    data = bytes.fromhex(call.calldata[2:])
    assert call.target == TREASURY
    assert data[:4] == keccak(text=f"{name}({','.join(kinds)})")[:4]
    return decode(kinds, data[4:])


def test_send__names_all_terms() -> None:
    row, options = arguments(CALLS.send_call(TERMS, b"\1"), "sendToBridge", TRANSFER, "bytes")
    assert (row, options) == (transfer_row(TERMS), b"\1")
    assert (row[0], row[2], row[5], row[6], row[8]) == (
        *(TERMS.source_chain, TERMS.destination_chain),
        *(TERMS.amount, TERMS.min_received, TERMS.nonce),
    )
    assert row[4] == TERMS.asset.encode().ljust(32, b"\0")


def test_receive__names_all_terms_and_the_proof() -> None:
    call = CALLS.receive_call(TERMS, b"\2")
    found = arguments(call, "receiveFromBridge", TRANSFER, "bytes")
    assert found == (transfer_row(TERMS), b"\2")


@pytest.mark.parametrize("name", ["invest", "divest"])
def test_venue__names_id_and_bound(name: str) -> None:
    make = {"invest": CALLS.invest_call, "divest": CALLS.divest_call}[name]
    found = arguments(make(KEY, VENUE, 7, 8), name, "bytes32", "address", "uint256", "uint256")
    assert found == (bytes.fromhex(KEY[2:]), VENUE.lower(), 7, 8)


def test_send_approved__says_where_in_the_plan_it_is() -> None:
    call = CALLS.send_approved_call(TERMS, b"", PlanActionRef(PLAN, 1))
    _, _, ticket = arguments(call, "sendApproved", TRANSFER, "bytes", TICKET)
    header, leaves, index, depends_on = ticket
    assert header[2:] == (5, 1_900_000_000, 2, b"\x0a" * 32)
    assert leaves == tuple(leaf_of(each) for each in PLAN.actions)
    assert (index, depends_on) == (1, 1)


def test_divest_approved__is_the_action_of_the_plan() -> None:
    call = CALLS.divest_approved_call(PlanActionRef(PLAN, 0))
    kinds = ("bytes32", "address", "uint256", "uint256", TICKET)
    key, venue, amount, bound, ticket = arguments(call, "divestApproved", *kinds)
    assert (key, venue, amount, bound) == (bytes.fromhex(KEY[2:]), VENUE.lower(), 7, 8)
    assert ticket[2:] == (0, 0)


def test_invest_approved__is_the_action_of_the_plan() -> None:
    call = CALLS.invest_approved_call(PlanActionRef(PLAN, 0))
    kinds = ("bytes32", "address", "uint256", "uint256", TICKET)
    assert arguments(call, "investApproved", *kinds)[1:4] == (VENUE.lower(), 7, 8)


def test_open_plan__signatures__are_in_the_order_of_their_signers() -> None:
    signatures = [Signature(VENUE, "0x02"), Signature(TREASURY, "0x01")]
    call = CALLS.open_plan_call(PLAN, signatures)
    plan, rows = arguments(call, "openPlan", f"({HEADER},{ACTION}[])", "(address,bytes)[]")
    assert [data for _, data in rows] == [b"\1", b"\2"]
    assert [each[0] for each in plan[1]] == [3, 1]
    assert plan[1][1][4] == bytes.fromhex(KEY[2:])


@pytest.mark.parametrize(
    "change",
    [
        {"state": "0x" + "0b" * 32},
        {"nonce": 6},
        {"treasury": VENUE},
        {"actions": PLAN.actions[:1]},
        {"ledger": TREASURY},
        {"chain_id": 2},
    ],
)
def test_plan_hash__changes_with_every_part(change: dict[str, Any]) -> None:
    assert hash_of(replace(PLAN, **change)) != hash_of(PLAN)
