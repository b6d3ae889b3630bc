"""Tests of a treasury's signing policy: valid calls pass, and only their free words may differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from keepers.audit.auditor import Auditors
from keepers.chain.treasury.calls import PlanActionRef, TreasuryCalls
from keepers.model.approval import Signature
from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import AuditRefusedError
from keepers.model.transfer import TransferTerms
from keepers.model.treasury import TreasuryAction, TreasuryPlan, TreasuryVerb
from keepers.runtime.process.transaction_engine import make_auditor
from keepers.runtime.treasury.sender import sender_of_treasury
from keepers.runtime.treasury.setup import set_up_treasury
from tests.unit.runtime.treasury.world import (
    HERE,
    IDS,
    SENDER,
    THERE,
    TREASURIES,
    VENUE,
    address,
    settings_in,
    terms,
)

WORD = 32
FAST_FEE = 10**6
FAST = encode(("uint32", "uint256"), (1_000, FAST_FEE))
ATTESTED = encode(("bytes", "bytes"), (b"\1" * 40, b"\2" * 65))
EVIDENCE = encode(("bytes32", "uint256"), (b"\3" * 32, 5))
CALLS = TreasuryCalls(TREASURIES[HERE])
OUT = terms()
BACK = terms(source=THERE, destination=HERE)
USDT = terms(asset="USDT", route="OFT")
EXCHANGE = terms(asset="USDT", route="EXCHANGE")
NATIVE = 2 * 10**16
ACTION = TreasuryAction(
    verb=TreasuryVerb.INVEST, asset=VENUE, amount=7, bound=8, transfer_id=OUT.transfer_id
)
PLAN = TreasuryPlan(
    chain_id=IDS[HERE],
    ledger=address(HERE, 5),
    treasury=TREASURIES[HERE],
    keeper=SENDER,
    nonce=5,
    deadline=1_900_000_000,
    epoch=2,
    state="0x" + "0a" * 32,
    actions=(ACTION,),
)
PLACE = PlanActionRef(PLAN, 0)
GOOD: dict[str, tuple[ContractCall, int]] = {
    "send fast": (CALLS.send_call(OUT, FAST), 0),
    "send by OFT": (CALLS.send_call(USDT, b""), NATIVE),
    "send to the exchange": (CALLS.send_call(EXCHANGE, b""), 0),
    "send approved": (CALLS.send_approved_call(OUT, FAST, PLACE), 0),
    "receive": (CALLS.receive_call(BACK, ATTESTED), 0),
    "receive by OFT": (
        CALLS.receive_call(terms(source=THERE, destination=HERE, asset="USDT", route="OFT"), b""),
        0,
    ),
    "receive from the exchange": (
        CALLS.receive_call(
            terms(source=THERE, destination=HERE, asset="USDT", route="EXCHANGE"), EVIDENCE
        ),
        0,
    ),
    "invest": (CALLS.invest_call(ACTION.transfer_id, VENUE, 7, 8), 0),
    "invest approved": (CALLS.invest_approved_call(PLACE), 0),
    "divest": (CALLS.divest_call(ACTION.transfer_id, VENUE, 7, 8), 0),
    "divest approved": (CALLS.divest_approved_call(PLACE), 0),
    "open": (CALLS.open_plan_call(PLAN, [Signature(VENUE, "0x" + "05" * 32)]), 0),
}
TERMS = {5: "amount", 6: "minReceived", 8: "nonce"}
MOVE = {0: "id", 2: "amount", 3: "shares"}
HEADER = ("nonce", "deadline", "epoch", "preState")
ATTESTATION = ("length of the message", "message", "message", "length of the attestation")


def ticket(first: int) -> dict[int, str]:
    """Return the free words of a ticket; `first` is the word of its header's nonce."""
    rest = {first + 5: "index", first + 6: "dependsOn", first + 8: "leaf"}
    return dict(enumerate(HEADER, first)) | rest


FREE: dict[str, dict[int, str]] = {
    "send fast": TERMS | {12: "maxFee"},
    "send by OFT": TERMS,
    "send to the exchange": TERMS,
    "send approved": TERMS | {13: "maxFee"} | ticket(16),
    "receive": TERMS | dict(enumerate((*ATTESTATION, *("attestation",) * 3), 13)),
    "receive by OFT": TERMS,
    "receive from the exchange": TERMS | {11: "evidence", 12: "amount"},
    "invest": MOVE,
    "invest approved": MOVE | ticket(7),
    "divest": MOVE,
    "divest approved": MOVE | ticket(7),
    "open": dict(enumerate(HEADER, 4))
    | {10: "verb", 12: "amount", 13: "bound", 14: "id", 15: "dependsOn"}
    | {18: "signer", 21: "signature"},
}
"""Words of each call that may have another value: the chain limits or verifies them itself."""


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Auditors:
    return auditor_in(tmp_path_factory.mktemp("policy"))


def auditor_in(folder: Path, more: str = "") -> Auditors:
    settings = settings_in(folder, more)
    setup = set_up_treasury(settings)
    return make_auditor(settings, sender_of_treasury(setup, setup.chains[HERE]), SENDER)


def unsigned(call: ContractCall, value: int = 0, **more: Any) -> Unsigned:
    usual: dict[str, Any] = {"gas_limit": 500_000, "fees": Fees(10**9, 1)}
    return Unsigned(chain_id=IDS[HERE], nonce=1, call=call, value=value, **usual | more)


def is_allowed(auditor: Auditors, call: ContractCall, value: int = 0, **more: Any) -> bool:
    try:
        auditor.audit(unsigned(call, value, **more), SENDER)
    except AuditRefusedError:
        return False
    return True


@pytest.mark.parametrize("name", GOOD)
def test_policy__what_the_keeper_sends__is_allowed(auditor: Auditors, name: str) -> None:
    call, value = GOOD[name]
    assert is_allowed(auditor, call, value)


@pytest.mark.parametrize("name", GOOD)
def test_policy__a_coin_too_many__is_refused(auditor: Auditors, name: str) -> None:
    call, value = GOOD[name]
    assert not is_allowed(auditor, call, value + 1, gas_limit=1)


BITS = (0, 1, 2, 3, 8, 31, 32, 63, 96, 159, 160, 200, 248, 255)
"""Tested bits of a word: both ends, and the ends of types."""


def words_of(call: ContractCall) -> range:
    return range((len(call.calldata) - len("0x01020304")) // (2 * WORD))


def changed(call: ContractCall, place: int, difference: int) -> ContractCall:
    """Return the same call with one word changed."""
    start = len("0x01020304") + 2 * WORD * place
    text = call.calldata
    word = int(text[start : start + 2 * WORD], 16) ^ difference
    return replace(call, calldata=f"{text[:start]}{word:064x}{text[start + 2 * WORD :]}")


@pytest.mark.parametrize("name", GOOD)
def test_policy__word_with_another_bit__is_refused_but_for_free_arguments(
    auditor: Auditors, name: str
) -> None:
    call, value = GOOD[name]
    found = {
        place
        for place in words_of(call)
        if any(is_allowed(auditor, changed(call, place, 1 << bit), value) for bit in BITS)
    }
    assert found == set(FREE[name])


@given(data=st.data())
def test_policy__any_other_word__is_refused_but_for_free_arguments(
    auditor: Auditors, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(list(GOOD)))
    call, value = GOOD[name]
    place = data.draw(st.sampled_from([each for each in words_of(call) if each not in FREE[name]]))
    difference = data.draw(st.integers(1, 2 ** (8 * WORD) - 1))
    assert not is_allowed(auditor, changed(call, place, difference), value)


@pytest.mark.parametrize(
    "bad",
    [
        replace(OUT, destination_chain=IDS["base-local"]),
        replace(OUT, destination_treasury=TREASURIES["base-local"]),
        replace(OUT, destination_treasury="0x" + "66" * 20),
        replace(OUT, source_treasury=TREASURIES[THERE]),
        replace(OUT, asset="USDT"),
        replace(OUT, route="OFT"),
        terms(destination="base-local", asset="USDT", route="OFT"),
        terms(source=THERE, destination="base-local"),
    ],
)
def test_send__terms_that_do_not_fit_together__are_refused(
    auditor: Auditors, bad: TransferTerms
) -> None:
    for options in (FAST, b""):
        assert not is_allowed(auditor, CALLS.send_call(bad, options))
        assert not is_allowed(auditor, CALLS.send_approved_call(bad, options, PLACE))


@pytest.mark.parametrize(
    ("threshold", "fee", "allowed"),
    [
        (1_000, OUT.amount * 15 // 10_000, True),
        (2_000, 0, True),
        (1_000, OUT.amount * 15 // 10_000 + 1, False),
        (1_500, 0, False),
        (0, 0, False),
    ],
)
def test_send__options_of_cctp__are_bounded_by_the_amount(
    auditor: Auditors, threshold: int, fee: int, allowed: bool
) -> None:
    options = encode(("uint32", "uint256"), (threshold, fee))
    assert is_allowed(auditor, CALLS.send_call(OUT, options)) is allowed


@pytest.mark.parametrize("options", [b"\0", FAST])
def test_send__options_where_a_route_has_none__are_refused(
    auditor: Auditors, options: bytes
) -> None:
    assert not is_allowed(auditor, CALLS.send_call(USDT, options), NATIVE)


def test_receive__what_ends_elsewhere__is_refused(auditor: Auditors) -> None:
    assert not is_allowed(auditor, CALLS.receive_call(OUT, ATTESTED))
    assert not is_allowed(auditor, CALLS.receive_call(BACK, EVIDENCE))


def test_venue__that_is_not_listed__is_refused(auditor: Auditors) -> None:
    other = "0x" + "bf" * 20
    for call in (CALLS.invest_call, CALLS.divest_call):
        assert not is_allowed(auditor, call(ACTION.transfer_id, other, 7, 8))
    plan = replace(PLAN, actions=(ACTION, replace(ACTION, asset=other)))
    assert not is_allowed(auditor, CALLS.open_plan_call(plan, []))


@pytest.mark.parametrize(
    "plan", [replace(PLAN, keeper=VENUE), replace(PLAN, treasury=TREASURIES[THERE])]
)
def test_plan__of_another_keeper_or_treasury__is_refused(
    auditor: Auditors, plan: TreasuryPlan
) -> None:
    assert not is_allowed(auditor, CALLS.open_plan_call(plan, []))
    assert not is_allowed(auditor, CALLS.invest_approved_call(PlanActionRef(plan, 0)))


def test_policy__anything_else_of_the_treasury__is_refused(auditor: Auditors) -> None:
    target, call = TREASURIES[HERE], GOOD["send fast"][0]
    release = "0x" + "11223344" + "00" * 96
    assert not is_allowed(auditor, ContractCall(target, release))
    assert not is_allowed(auditor, ContractCall(target, "0x"))
    assert not is_allowed(auditor, replace(call, target=TREASURIES[THERE]))
    assert not is_allowed(auditor, call, gas_limit=1_000_001)
    assert not is_allowed(auditor, call, fees=Fees(401 * 10**9, 1))


def test_policy__cancellation__is_allowed(auditor: Auditors) -> None:
    assert is_allowed(auditor, ContractCall(SENDER, "0x"))


def test_policy__that_is_named__takes_the_place_of_the_default(tmp_path: Path) -> None:
    narrow = f"""
[policies.narrow]
chain_ids = [{IDS[HERE]}]
senders = ["{SENDER}"]
maximum_gas_limit = 500000
maximum_fee_per_gas_wei = "1000000000"
maximum_total_cost_wei = "1000000000000000"
[[policies.narrow.rules]]
name = "pay"
target = "{VENUE}"
function = "pay(uint256 amount, uint256 fee)"
[[policies.narrow.rules.arguments]]
argument = "fee"
at_most_bps = 10
of = "amount"
[treasury]
policy = "narrow"
"""
    auditor = auditor_in(tmp_path, narrow)
    assert not is_allowed(auditor, GOOD["invest"][0])
    good, bad = (encode(("uint256", "uint256"), (10_000, fee)).hex() for fee in (10, 11))
    selector = f"0x{keccak(text='pay(uint256,uint256)')[:4].hex()}"
    assert is_allowed(auditor, ContractCall(VENUE, selector + good))
    assert not is_allowed(auditor, ContractCall(VENUE, selector + bad))
