"""Check of signed bytes: they are accepted only if every byte is as requested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
import rlp
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.chain import AccessList, ContractCall, Fees, Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    BadSignatureError,
    SigningError,
    WrongSignerError,
)
from keepers.signing.checked import check_signed
from keepers.signing.curve import ORDER
from keepers.signing.local import LocalSigner
from tests.unit.signing.strategies import (
    ADDRESS,
    KEY,
    TRANSACTION,
    access_lists,
    few_examples,
    transactions,
)

SIGNER = LocalSigner.from_private_key(KEY, "KEY")
RLP: Any = rlp
PARITY, R, S = 9, 10, 11


def raw_of(transaction: Unsigned) -> bytes:
    return bytes.fromhex(SIGNER.sign(transaction).raw[2:])


def rewritten(change: Callable[[list[Any]], object]) -> bytes:
    """Return the signed `TRANSACTION` with its RLP list changed after signing."""
    items = cast("list[Any]", RLP.decode(raw_of(TRANSACTION)[1:]))
    change(items)
    return b"\x02" + cast("bytes", RLP.encode(items))


def put(index: int, item: Any) -> Callable[[list[Any]], object]:
    return lambda items: items.__setitem__(index, item)


@few_examples()
@given(transactions())
def test_checked__any_transaction_of_ours__passes_as_it_is(transaction: Unsigned) -> None:
    raw = raw_of(transaction)
    signed = check_signed(transaction, raw, ADDRESS)
    assert (signed.raw, signed.sender) == (f"0x{raw.hex()}", ADDRESS)


@few_examples()
@given(transactions(), transactions())
def test_checked__other_transaction__never_passes(asked: Unsigned, signed: Unsigned) -> None:
    if asked != signed:
        with pytest.raises(AlteredTransactionError):
            check_signed(asked, raw_of(signed), ADDRESS)


@pytest.mark.parametrize(
    ("field", "altered"),
    [
        ("chain id", replace(TRANSACTION, chain_id=1)),
        ("nonce", replace(TRANSACTION, nonce=4)),
        ("target", replace(TRANSACTION, call=ContractCall("0x" + "11" * 20, "0xabcd"))),
        ("value", replace(TRANSACTION, value=8)),
        ("calldata", replace(TRANSACTION, call=ContractCall(TRANSACTION.call.target, "0xab"))),
        ("gas limit", replace(TRANSACTION, gas_limit=99_999)),
        ("maximum fee", replace(TRANSACTION, fees=Fees(31, 2))),
        ("priority fee", replace(TRANSACTION, fees=Fees(30, 3))),
        ("access list", replace(TRANSACTION, access_list=((ADDRESS, ()),))),
    ],
)
def test_checked__one_field_changed__is_named(field: str, altered: Unsigned) -> None:
    with pytest.raises(AlteredTransactionError) as raised:
        check_signed(TRANSACTION, raw_of(altered), ADDRESS)
    assert raised.value.field == field


def test_checked__long_calldata_changed__is_not_all_shown() -> None:
    call = ContractCall(TRANSACTION.call.target, "0x" + "ab" * 5_000)
    with pytest.raises(AlteredTransactionError, match="5000 bytes") as raised:
        check_signed(TRANSACTION, raw_of(replace(TRANSACTION, call=call)), ADDRESS)
    assert len(str(raised.value)) < 400


def test_checked__other_key__is_refused() -> None:
    other = LocalSigner(Account.create())
    with pytest.raises(WrongSignerError):
        check_signed(TRANSACTION, bytes.fromhex(other.sign(TRANSACTION).raw[2:]), ADDRESS)


def high_s(items: list[Any]) -> None:
    """Change the signature to high s: the same account is recovered, the hash differs."""
    mirrored(items)
    turned(items)


def mirrored(items: list[Any]) -> None:
    """Change the signature to the other s and keep the parity."""
    items[S] = (ORDER - int.from_bytes(items[S])).to_bytes(32).lstrip(b"\x00")


def turned(items: list[Any]) -> None:
    """Change the signature to the other parity, which recovers another account."""
    items[PARITY] = b"" if items[PARITY] else b"\x01"


@pytest.mark.parametrize("change", [high_s, mirrored, turned])
def test_fault_53_checked__high_s_or_wrong_parity__is_written_as_chains_take_it(
    change: Callable[[list[Any]], object],
) -> None:
    plain = SIGNER.sign(TRANSACTION)
    assert rewritten(change) != bytes.fromhex(plain.raw[2:])
    assert check_signed(TRANSACTION, rewritten(change), ADDRESS) == plain


@pytest.mark.parametrize("change", [high_s, mirrored, turned, put(R, (5).to_bytes(1))])
def test_fault_52_checked__neither_parity_is_of_the_account__is_refused(
    change: Callable[[list[Any]], object],
) -> None:
    raw = rewritten(change)
    account = Account.create().address
    with pytest.raises(WrongSignerError) as raised:
        check_signed(TRANSACTION, raw, account)
    assert raised.value.expected == account


@given(transactions(), st.sampled_from([high_s, mirrored, turned]))
def test_fault_53_checked__any_transaction__has_one_form(
    transaction: Unsigned, change: Callable[[list[Any]], object]
) -> None:
    items = cast("list[Any]", RLP.decode(raw_of(transaction)[1:]))
    change(items)
    raw = b"\x02" + cast("bytes", RLP.encode(items))
    assert check_signed(transaction, raw, ADDRESS) == SIGNER.sign(transaction)


@given(access_lists(), st.data())
def test_checked__altered_access_list__is_named(asked: AccessList, data: st.DataObject) -> None:
    signed = data.draw(access_lists().filter(lambda found: found != asked))
    wanted = replace(TRANSACTION, access_list=asked)
    with pytest.raises(AlteredTransactionError) as raised:
        check_signed(wanted, raw_of(replace(TRANSACTION, access_list=signed)), ADDRESS)
    assert raised.value.field == "access list"


@given(access_lists().filter(bool), st.data())
def test_checked__one_slot_or_account_more_or_less__is_named(
    asked: AccessList, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(asked) - 1))
    account, slots = asked[place]
    wanted = replace(TRANSACTION, access_list=asked)
    for entry in ((), ((account, (*slots, "0x" + "ab" * 32)),), ((ADDRESS, slots), asked[place])):
        altered = (*asked[:place], *entry, *asked[place + 1 :])
        with pytest.raises(AlteredTransactionError, match="access list"):
            check_signed(wanted, raw_of(replace(TRANSACTION, access_list=altered)), ADDRESS)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "not an EIP-1559"),
        (b"\x02", "not RLP"),
        (b"\x02\x80", "not a list"),
        (b"\x02\xc0", "0 fields"),
        (b"\x02" + b"\xc1" * 100_000, "not RLP"),
        (b"\x01" + raw_of(TRANSACTION)[1:], "not an EIP-1559"),
        (raw_of(TRANSACTION) + b"\x00", "not RLP"),
        (raw_of(TRANSACTION)[:-1], "not RLP"),
        (rewritten(put(8, b"")), "access list has bytes"),
        (rewritten(put(8, [b"\x11" * 20])), "access list has bytes"),
        (rewritten(put(8, [[b"\x11" * 20]])), "not an account with slots"),
        (rewritten(put(8, [[b"\x11" * 20, [], []]])), "not an account with slots"),
        (rewritten(put(8, [[b"\x11" * 19, []]])), "does not have 20 bytes"),
        (rewritten(put(8, [[b"", []]])), "does not have 20 bytes"),
        (rewritten(put(8, [[b"\x11" * 20, b""]])), "access list has bytes"),
        (rewritten(put(8, [[b"\x11" * 20, [b"\x01"]]])), "does not have 32 bytes"),
        (rewritten(put(8, [[b"\x11" * 20, [b"\x01" * 33]]])), "does not have 32 bytes"),
        (rewritten(put(8, [[b"\x11" * 20, [[]]]])), "list where bytes"),
        (rewritten(put(5, b"")), "creates a contract"),
        (rewritten(put(1, b"\x00\x03")), "canonical number"),
        (rewritten(put(6, b"\x01" * 33)), "canonical number"),
        (rewritten(put(6, [])), "list where bytes"),
        (rewritten(lambda items: items.append(b"")), "13 fields"),
        (rewritten(put(PARITY, b"\x1b")), "parity"),
        (rewritten(put(R, b"")), "outside the range of the curve"),
        (rewritten(put(S, b"")), "outside the range of the curve"),
        (rewritten(put(R, ORDER.to_bytes(32))), "outside the range of the curve"),
    ],
)
def test_checked__malformed__is_refused(raw: bytes, problem: str) -> None:
    with pytest.raises(BadSignatureError, match=problem):
        check_signed(TRANSACTION, raw, ADDRESS)


@given(st.binary(max_size=400))
def test_checked__any_bytes__end_in_a_typed_error(data: bytes) -> None:
    for raw in (data, b"\x02" + data):
        with pytest.raises(SigningError):
            check_signed(TRANSACTION, raw, ADDRESS)


@few_examples()
@given(st.data())
def test_checked__one_bit_flipped__never_passes(data: st.DataObject) -> None:
    raw = bytearray(raw_of(TRANSACTION))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SigningError) as raised:
        check_signed(TRANSACTION, bytes(raw), ADDRESS)
    assert raw.hex() not in str(raised.value)
