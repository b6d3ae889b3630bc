"""Property tests of the auditor against a naive implementation, with each field mutated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keepers.audit.auditor import PolicyAuditor
from keepers.model.chain import ContractCall
from keepers.model.errors.signing import AuditRefusedError
from tests.unit.audit.cases import (
    CHECKS,
    OTHER,
    SENDER,
    Limits,
    Sample,
    limits,
    policy_of,
    samples,
    transaction_of,
)


def fitting(sample: Sample) -> Limits:
    """Return the narrowest limits that allow a sample."""
    return Limits(
        to=(sample.to,),
        amount=sample.amount,
        least=sample.least,
        deadline=sample.deadline,
        value=sample.value,
        gas=sample.gas,
        fee=sample.fee,
        cost=sample.gas * sample.fee + sample.value,
    )


@given(limits(), samples())
def test_audit__random_policy_and_transaction__is_what_the_naive_check_says(
    said: Limits, sample: Sample
) -> None:
    broken = {field for field, holds in CHECKS.items() if not holds(said, sample)}
    if not broken:
        PolicyAuditor(policy_of(said)).audit(transaction_of(sample), SENDER)
        return
    with pytest.raises(AuditRefusedError) as raised:
        PolicyAuditor(policy_of(said)).audit(transaction_of(sample), SENDER)
    assert raised.value.field in broken


@given(samples(), st.data())
def test_audit__one_field_beyond_its_limit__is_refused_by_its_name(
    sample: Sample, data: st.DataObject
) -> None:
    assume(sample.priority <= sample.fee)
    said = fitting(sample)
    auditor = PolicyAuditor(policy_of(said))
    auditor.audit(transaction_of(sample), SENDER)
    field, change = data.draw(st.sampled_from(MUTATIONS))
    mutated = replace(sample, **{field: getattr(sample, field) + change})
    with pytest.raises(AuditRefusedError):
        auditor.audit(transaction_of(mutated), SENDER)


MUTATIONS = [
    *(("to", 1), ("amount", 1), ("least", -1), ("deadline", 1)),
    *(("value", 1), ("gas", 1), ("fee", 1), ("priority", 7)),
]


@given(samples(), st.data())
def test_audit__envelope_changed__is_refused(sample: Sample, data: st.DataObject) -> None:
    assume(sample.priority <= sample.fee)
    auditor = PolicyAuditor(policy_of(fitting(sample)))
    plain = transaction_of(sample)
    changed: Any = data.draw(
        st.sampled_from(
            [
                {"chain_id": 6},
                {"call": ContractCall(OTHER, plain.call.calldata)},
                {"call": ContractCall(plain.call.target, "0x" + "00" * 4)},
                {"access_list": ((OTHER, ()),)},
            ]
        )
    )
    with pytest.raises(AuditRefusedError):
        auditor.audit(replace(plain, **changed), SENDER)
    with pytest.raises(AuditRefusedError, match="sender is"):
        auditor.audit(plain, OTHER)


@given(samples(), st.data())
def test_audit__calldata_with_any_bit_flipped__is_refused_or_decodes_to_what_is_free(
    sample: Sample, data: st.DataObject
) -> None:
    """Only the second amount, the tag and the path are unrestricted; nothing else may change."""
    assume(sample.priority <= sample.fee)
    auditor = PolicyAuditor(policy_of(fitting(sample)))
    plain = transaction_of(sample)
    raw = bytearray.fromhex(plain.call.calldata[2:])
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    word = (bit // 8 - 4) // 32
    free = bit >= 32 and word in FREE_WORDS
    # A path lengthened within its word ends in zero bytes and is still valid.
    length = int.from_bytes(raw[PATH_LENGTH : PATH_LENGTH + 32])
    longer = word == PATH_LENGTH_WORD and 1 < length <= 32
    altered = replace(plain, call=ContractCall(plain.call.target, f"0x{raw.hex()}"))
    if longer or (free and not (word == PATH_WORD and (bit // 8 - 4) % 32 >= 1)):
        auditor.audit(altered, SENDER)
    elif word != LEAST_WORD:
        with pytest.raises(AuditRefusedError):
            auditor.audit(altered, SENDER)


# Words of the arguments: 0 offset of steps, 1 least, 2 tag, 3 offset of data, 4 number of steps,
# 5 offset of the step, 6 to, 7 offset of amounts, 8 number of amounts, 9 and 10 amounts,
# 11 length of data, 12 deadline, 13 offset of the path, 14 its length, 15 the path.
LEAST_WORD, PATH_LENGTH_WORD, PATH_WORD = 1, 14, 15
PATH_LENGTH = 4 + 32 * PATH_LENGTH_WORD
FREE_WORDS = {2, 10, PATH_WORD}


@given(samples(), st.binary(min_size=1, max_size=40))
def test_audit__anything_after_the_arguments__is_refused(sample: Sample, more: bytes) -> None:
    assume(sample.priority <= sample.fee)
    auditor = PolicyAuditor(policy_of(fitting(sample)))
    plain = transaction_of(sample)
    longer = ContractCall(plain.call.target, plain.call.calldata + more.hex())
    with pytest.raises(AuditRefusedError, match="not the canonical encoding"):
        auditor.audit(replace(plain, call=longer), SENDER)


@given(st.binary(max_size=600))
def test_audit__any_calldata__ends_in_a_yes_or_a_refusal(data: bytes) -> None:
    sample = Sample(0, 0, 0, 0, 0, 0, 0, 0)
    auditor = PolicyAuditor(policy_of(fitting(sample)))
    plain = transaction_of(sample)
    selector = plain.call.calldata[:10]
    for text in (f"0x{data.hex()}", selector + data.hex()):
        with pytest.raises(AuditRefusedError):
            auditor.audit(replace(plain, call=ContractCall(plain.call.target, text)), SENDER)
