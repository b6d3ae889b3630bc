"""CCTP faults end to end: late, missing, expired and forged attestations; calls of strangers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from keepers.model.transfer import DONE, TransferCause
from scripts.network.accounts import RELAYER, test_account
from scripts.network.bridging.attestation import FEE_EXECUTED
from scripts.network.bridging.faults import down, lying
from scripts.network.errors import TransactionFailedError
from tests.integration.support.processes import crash_at
from tests.integration.transfers.carriers import as_tuple
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.kinds import KINDS, assert_once
from tests.integration.transfers.outcome import outcome_of
from tests.integration.transfers.test_reorgs import causes
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM

KIND = KINDS["CCTP"]
STRANGER = test_account(RELAYER).address
MESSAGES = "/messages/"
HOURS = timedelta(hours=4)
FINAL_AFTER = 6
Change = Callable[[dict[str, Any]], None]


def crossing(keeper: TreasuryKeeper) -> None:
    """Send a transfer, and let its bridge carry it."""
    keeper.begin(KIND.order)
    keeper.bring_on()
    keeper.treasuries.bridges.deliver()


def with_proof(keeper: TreasuryKeeper) -> None:
    """Kill the keeper after the proof of its transfer is stored."""
    crossing(keeper)
    keeper.treasury_pass(crash_at("after_move_transfer_transfer_in_build"))
    assert keeper.only().position.text == "TRANSFER_IN.BUILD"


@pytest.mark.parametrize("trouble", ["down", "late"])
def test_attestation__does_not_come_for_hours__nothing_is_sent_again(
    keeper: TreasuryKeeper, trouble: str
) -> None:
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    bridges.switches.attestations = trouble == "late"
    if trouble == "down":
        bridges.attestation.when(MESSAGES, down())
    crossing(keeper)
    for _ in range(3):
        keeper.pass_time(HOURS)
        keeper.bring_on()
        record = keeper.only()
        assert record.position.text == "CROSS.CROSSING"
        assert record.trouble is None
        assert record.wait
    assert outcome_of(keeper).since(before).nonces == {ETHEREUM: 1}
    bridges.attestation.heal()
    bridges.switches.reset()
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), KIND)


def test_stranger__takes_it_in_first__counts_as_arrived(keeper: TreasuryKeeper) -> None:
    before = outcome_of(keeper)
    with_proof(keeper)
    record, treasuries = keeper.only(), keeper.treasuries
    received = (as_tuple(record.terms), record.proof)
    treasuries.send(ARBITRUM, "receiveFromBridge", *received, sender=STRANGER)
    there = treasuries.chains[ARBITRUM]
    there.set_time(there.timestamp() + 5)
    there.mine(FINAL_AFTER)  # a stranger's call counts once it is final
    keeper.bring_to_the_end()
    assert TransferCause.TAKEN_IN in causes(keeper)
    outcome = outcome_of(keeper).since(before)
    assert dict(outcome.nonces) == {ETHEREUM: 1}
    assert_once(outcome, KIND)
    with pytest.raises(TransactionFailedError):
        treasuries.send(ARBITRUM, "receiveFromBridge", *received)


def test_attestation__expired_before_it_is_used__another_is_asked_for(
    keeper: TreasuryKeeper,
) -> None:
    keeper.configure(fast=True)
    chains, bridges = keeper.treasuries.chains, keeper.treasuries.bridges
    here, there = chains[ETHEREUM], chains[ARBITRUM]
    ahead = there.web3.eth.block_number - here.web3.eth.block_number
    bridges.switches.expiry_blocks = max(1, ahead + 50)
    bridges.attestation.new_expiration = 10**9
    with_proof(keeper)
    there.mine(100 + max(0, -ahead))
    record = keeper.bring_to_the_end()
    assert record.position == DONE
    assert TransferCause.STALE in causes(keeper)
    assert bridges.attestation.count("/reattest/") == 1
    assert keeper.treasuries.count(ARBITRUM, "TransferReceived") == 1


def strange_signer(row: dict[str, Any]) -> None:
    """Sign with other keys, as many as required."""
    message = bytes.fromhex(row["message"].removeprefix("0x"))
    keys = [f"0x{each:064x}" for each in (7, 8)]
    signers = sorted(
        (Account.from_key(each) for each in keys), key=lambda each: int(each.address, 16)
    )
    signed = [Account.unsafe_sign_hash(keccak(message), each.key).signature for each in signers]
    row["attestation"] = f"0x{b''.join(map(bytes, signed)).hex()}"


def other_amount(row: dict[str, Any]) -> None:
    """Set a fee in the message that is larger than offered."""
    message = bytearray.fromhex(row["message"].removeprefix("0x"))
    message[FEE_EXECUTED] = (10**9).to_bytes(32, "big")
    row["message"] = f"0x{message.hex()}"


def other_burn(row: dict[str, Any]) -> None:
    """Change the hook data, as in a message of another transfer."""
    message = bytearray.fromhex(row["message"].removeprefix("0x"))
    message[-1] ^= 1
    row["message"] = f"0x{message.hex()}"


@pytest.mark.parametrize("change", [strange_signer, other_amount, other_burn])
def test_attestation__forged__is_stuck_and_nothing_is_received(
    keeper: TreasuryKeeper, change: Change
) -> None:
    def forged(body: dict[str, Any]) -> dict[str, Any]:
        for row in body["messages"]:
            change(row)
        return body

    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    crossing(keeper)
    bridges.attestation.when(MESSAGES, lying(forged))
    for _ in range(2):
        keeper.bring_on()
        record = keeper.only()
        assert record.position.text == "CROSS.CROSSING"
        assert record.trouble is not None
    assert dict(outcome_of(keeper).since(before).nonces) == {ETHEREUM: 1}
    bridges.attestation.heal()
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), KIND)
