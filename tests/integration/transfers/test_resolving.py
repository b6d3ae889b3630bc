"""Commands of an operator for a stuck transfer, up to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keepers.model.errors import EXIT_FAILED, EXIT_UNUSABLE_INPUT
from keepers.model.transfer import CALLED_OFF, DONE
from scripts.network.accounts import CUSTODIAN
from scripts.network.bridging.faults import lying
from scripts.network.bridging.paying import pay
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.kinds import KINDS, assert_once
from tests.integration.transfers.outcome import outcome_of

REASON = ("--reason", "looked at it", "--yes")


def stuck_at_custodian(keeper: TreasuryKeeper) -> str:
    """Make a transfer that is stuck because the custodian failed its crossing; return its id."""
    bridges = keeper.treasuries.bridges
    bridges.switches.crossings = True
    keeper.begin(KINDS["CUSTODIAN"].order)
    keeper.bring_on()
    key = keeper.only().transfer_id
    bridges.custodian.move(key, "failed", reason="our bank is closed")
    keeper.bring_on()
    return key


def test_resume__after_the_key_got_its_right__ends_once(keeper: TreasuryKeeper) -> None:
    kind, exchange = KINDS["EXCHANGE"], keeper.treasuries.bridges.exchange
    before = outcome_of(keeper)
    keeper.begin(kind.order)
    exchange.refusal = {"code": -1002, "msg": "You are not authorized."}
    keeper.bring_on()
    keeper.treasuries.bridges.deliver()
    stuck = keeper.treasury_pass()
    assert stuck.status == EXIT_FAILED
    (told,) = stuck.json["under_way"]
    assert "right" in told["stuck"]["advice"]
    (listed,) = keeper.run("transfers", "--stuck", "--json").json["transfers"]
    assert listed["id"] == told["id"]
    exchange.refusal = None
    resumed = keeper.run("transfers", "resume", told["id"][:12], "--json")
    assert resumed.json["asked_for"] == "resume"
    keeper.pass_time(timedelta(hours=1))
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), kind)
    again = keeper.run("transfers", "resume", told["id"])
    assert again.status == EXIT_UNUSABLE_INPUT
    assert "not stuck" in again.err


def test_resolve__crossed_by_hand__the_treasury_judges_the_proof(keeper: TreasuryKeeper) -> None:
    kind, treasuries = KINDS["CUSTODIAN"], keeper.treasuries
    before = outcome_of(keeper)
    key, order = stuck_at_custodian(keeper), kind.order
    there = treasuries.chains[order.destination]
    routes = treasuries.record(order.destination)["routes"]
    (inbox,) = [
        each["inbox"] for each in routes if (each["name"], each["asset"]) == ("CUSTODIAN", "USDT")
    ]
    paid = pay(there, order.asset, CUSTODIAN, inbox, order.wanted)
    proof = encode(["bytes32", "uint256"], [keccak(hexstr=paid), order.wanted])
    crossed = ("--crossed", "--proof", f"0x{proof.hex()}", "--amount", str(order.wanted))
    done = keeper.run("transfers", "resolve", key, *crossed, *REASON)
    assert done.status == 0, done.err
    assert "an armed keeper executes it" in done.out
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), kind)


def test_resolve__again__the_custodian_is_asked_under_the_same_key(keeper: TreasuryKeeper) -> None:
    kind, bridges = KINDS["CUSTODIAN"], keeper.treasuries.bridges
    before = outcome_of(keeper)
    key = stuck_at_custodian(keeper)
    bridges.custodian.move(key, "accepted")
    done = keeper.run("transfers", "resolve", key, "--again", *REASON)
    assert done.status == 0, done.err
    bridges.switches.reset()
    keeper.bring_to_the_end()
    assert bridges.custodian.count("/crossings/", "PUT") == 2
    assert_once(outcome_of(keeper).since(before), kind)


def test_resolve__give_up__nothing_more_is_called(keeper: TreasuryKeeper) -> None:
    key = stuck_at_custodian(keeper)
    before = outcome_of(keeper)
    shown = keeper.run("transfers", "show", key)
    assert "our bank is closed" in shown.out
    assert "--give-up" in shown.out
    done = keeper.run("transfers", "resolve", key, "--give-up", *REASON)
    assert done.status == 0, done.err
    assert keeper.bring_to_the_end().position == DONE
    assert not outcome_of(keeper).since(before).nonces
    facts = keeper.run("transfers", "show", key, "--json").json
    assert facts["place"] == "DONE"
    assert facts["possible"] == []
    assert [each["cause"] for each in facts["timeline"]].count("RESOLVE") == 1


def test_resolve__forged_proof__is_refused_by_the_chain_and_stuck(keeper: TreasuryKeeper) -> None:
    kind, bridges = KINDS["CCTP"], keeper.treasuries.bridges
    before = outcome_of(keeper)
    keeper.begin(kind.order)
    keeper.bring_on()
    bridges.deliver()
    bridges.attestation.when("/messages/", lying(without_signature))
    keeper.bring_on()
    record = keeper.only()
    assert record.trouble is not None
    forged = encode(["bytes", "bytes"], [b"\1" * 400, b"\1" * 130])
    crossed = ("--crossed", "--proof", forged.hex(), "--amount", str(kind.order.wanted))
    assert not keeper.run("transfers", "resolve", record.transfer_id, *crossed, *REASON).status
    keeper.bring_on()
    assert keeper.only().trouble is not None
    assert not outcome_of(keeper).since(before).legs["arbitrum-local TransferReceived"]
    bridges.attestation.heal()
    assert not keeper.run("transfers", "resolve", record.transfer_id, "--again", *REASON).status
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), kind)


def without_signature(body: dict[str, Any]) -> dict[str, Any]:
    """Replace attestations by well-formed ones without valid signatures."""
    for row in body["messages"]:
        row["attestation"] = "0x" + "01" * 130
    return body


def test_call_off__before_it_is_asked_for__nothing_leaves(keeper: TreasuryKeeper) -> None:
    before = outcome_of(keeper)
    keeper.begin(KINDS["OFT"].order)
    key = keeper.only().transfer_id
    done = keeper.run("transfers", "resolve", key, "--call-off", *REASON, "--json")
    assert done.json["asked_for"] == "call-off"
    assert keeper.bring_to_the_end().position == CALLED_OFF
    assert not outcome_of(keeper).since(before).moved


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "0xdead"), "there is no transfer"),
        (("resolve", "{id}", *REASON), "give one of"),
        (("resolve", "{id}", "--again", "--give-up", *REASON), "give one of"),
        (("resolve", "{id}", "--crossed", *REASON), "needs --proof and --amount"),
        (("resolve", "{id}", "--again", *REASON), "its state is TRANSFER_OUT.BUILD"),
        (("resume", "{id}"), "it is not stuck"),
    ],
)
def test_command__that_does_not_fit__says_why_and_keeps_nothing(
    keeper: TreasuryKeeper, arguments: tuple[str, ...], said: str
) -> None:
    keeper.begin(KINDS["CCTP"].order)
    before = keeper.only()
    done = keeper.run("transfers", *(each.format(id=before.transfer_id) for each in arguments))
    assert done.status == EXIT_UNUSABLE_INPUT
    assert said in done.err
    assert keeper.only() == before
