"""Reported status of signed transactions, for every state that the engine stores."""

import pytest

from keepers.model.chain_view import Estimate
from keepers.model.run import AttemptOutcome, AttemptStatus, StepAttempt, StepStatus
from keepers.model.transaction_states import AttemptKind
from keepers.store.runs import RunRepository
from tests.unit.store.ledger.samples import receipt
from tests.unit.store.sending import Sending

MOST = 2**256 - 1
ENDED = {
    AttemptStatus.SUCCEEDED: StepStatus.DONE,
    AttemptStatus.REVERTED: StepStatus.FAILED,
}


def attempts(journal: RunRepository) -> tuple[StepAttempt, ...]:
    (step,) = journal.run("r1").steps
    return step.attempts


def statuses(journal: RunRepository) -> list[AttemptStatus]:
    return [each.status for each in attempts(journal)]


def test_numbered__has_no_attempt(journal: RunRepository, sending: Sending, step_id: int) -> None:
    sending.numbered(step_id)
    assert attempts(journal) == ()


def test_signed_and_sealed__are_stored(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    _, attempt_id = sending.stored(step_id)
    assert statuses(journal) == [AttemptStatus.STORED]
    sending.ledger.seal(attempt_id, None)
    assert statuses(journal) == [AttemptStatus.STORED]
    assert attempts(journal)[0].outcome is None


def test_refused__stays_refused_when_its_nonce_is_used(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    intent_id, attempt_id = sending.stored(step_id)
    sending.ledger.refuse(attempt_id, "not what was audited")
    assert statuses(journal) == [AttemptStatus.REFUSED]
    other = sending.second(intent_id, AttemptKind.ORIGINAL)
    sending.include(other)
    assert statuses(journal) == [AttemptStatus.REFUSED, AttemptStatus.SUCCEEDED]
    sending.finalise(intent_id)
    assert statuses(journal) == [AttemptStatus.REFUSED, AttemptStatus.SUCCEEDED]


def test_sent__once_or_again__is_broadcast(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    _, attempt_id = sending.sent(step_id)
    sending.ledger.sent(attempt_id, 2)
    assert statuses(journal) == [AttemptStatus.BROADCAST]


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("status", list(ENDED))
@pytest.mark.parametrize("noted", [False, True])
def test_included__says_what_the_receipt_and_the_judge_said(
    journal: RunRepository,
    sending: Sending,
    step_id: int,
    status: AttemptStatus,
    *,
    noted: bool,
    final: bool,
) -> None:
    succeeded = status is AttemptStatus.SUCCEEDED
    intent_id, attempt_id = sending.stored(step_id)
    if noted:  # a receipt may be found although the process crashed before it recorded the sending
        sending.send(attempt_id)
    else:
        sending.ledger.seal(attempt_id, None)
    sending.include(attempt_id, succeeded=succeeded)
    if final:
        sending.finalise(intent_id)
    (found,) = attempts(journal)
    assert (found.status, found.inclusion) == (status, receipt(succeeded=succeeded))
    assert found.outcome == AttemptOutcome(
        received=MOST if succeeded else None,
        slippage_bps="1.5" if succeeded else None,
        error=None if succeeded else "too little",
    )
    assert journal.run("r1").steps[0].status is ENDED[status]


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize(
    ("kind", "second"),
    [
        (AttemptKind.BUMP, AttemptStatus.SUCCEEDED),
        (AttemptKind.CANCEL, AttemptStatus.CANCELLED),
    ],
)
def test_replaced__by_other_bytes_of_ours(
    journal: RunRepository,
    sending: Sending,
    step_id: int,
    kind: AttemptKind,
    second: AttemptStatus,
    *,
    final: bool,
) -> None:
    intent_id, _ = sending.sent(step_id)
    other = sending.second(intent_id, kind)
    assert statuses(journal) == [AttemptStatus.BROADCAST, AttemptStatus.BROADCAST]
    sending.include(other)
    if final:
        sending.finalise(intent_id)
    assert statuses(journal) == [AttemptStatus.REPLACED, second]
    first, last = attempts(journal)
    assert first.outcome is not None
    assert (first.outcome.received, first.inclusion) == (None, None)
    assert last.outcome is not None
    received = MOST if second is AttemptStatus.SUCCEEDED else None
    assert (last.outcome.received, last.inclusion) == (received, receipt())


@pytest.mark.parametrize("final", [False, True])
def test_lost__to_a_stranger(
    journal: RunRepository, sending: Sending, step_id: int, *, final: bool
) -> None:
    intent_id, _ = sending.sent(step_id)
    sending.second(intent_id, AttemptKind.BUMP)
    slot_id = sending.lose(intent_id)
    if final:
        sending.ledger.finalise_foreign(slot_id, receipt().block_hash, None)
    assert statuses(journal) == [AttemptStatus.LOST, AttemptStatus.LOST]


def test_lost__and_sent_anew__shows_both(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    intent_id, _ = sending.sent(step_id)
    sending.ledger.finalise_foreign(sending.lose(intent_id), receipt().block_hash, None)
    sending.ledger.prepare(intent_id, Estimate(100_000, ()), 1)
    sending.include(sending.second(intent_id, AttemptKind.ORIGINAL))
    assert statuses(journal) == [AttemptStatus.LOST, AttemptStatus.SUCCEEDED]
    assert [each.nonce for each in attempts(journal)] == [0, 1]


def test_reorganised__is_broadcast_again(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    intent_id, attempt_id = sending.sent(step_id)
    sending.include(attempt_id)
    sending.ledger.unsettle(intent_id)
    (found,) = attempts(journal)
    assert (found.status, found.outcome) == (AttemptStatus.BROADCAST, None)
    assert journal.run("r1").steps[0].status is StepStatus.SENDING
