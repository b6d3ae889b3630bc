"""Broadcast: validated bytes go to every node. An error may mean that they left all the same."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from keepers.model.errors.chain import ChainError
from keepers.model.nodes import NodeErrorKind
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView, SendAnswer, next_fees
from keepers.model.transactions.records import (
    EVERYTHING,
    IntentRecord,
    Pause,
    SlotAttempt,
    sender_scope,
)
from keepers.model.transactions.states import AttemptKind, AttemptState, RequestedAction
from keepers.transactions.crash_points import crash_point
from keepers.transactions.sender_context import SenderContext
from keepers.transactions.terms import slot_of


async def is_paused(desk: SenderContext) -> bool:
    """Whether the sender is paused by a person or by the engine; somebody hears of it if so."""
    pause = await pause_of(desk)
    if pause is not None:
        text = f"{pause.scope} is paused by {pause.paused_by}: {pause.reason}"
        desk.telemetry.alarm(Alarm.PAUSED, text)
    return pause is not None


async def pause_of(desk: SenderContext) -> Pause | None:
    """What keeps the sender from signing and sending."""
    mine = {EVERYTHING, sender_scope(desk.ledger.chain_id, desk.ledger.sender)}
    pauses = await desk.read(desk.ledger.pauses)
    return next((pause for pause in pauses if pause.scope in mine), None)


class Sending(StrEnum):
    """How sending has ended, as far as nodes say."""

    TAKEN = "taken"
    NONCE_USED = "nonce_used"
    UNDERPRICED = "underpriced"
    FUNDS = "funds"
    GAP = "gap"
    RESERVED = "reserved"
    FEE_CAP = "fee_cap"
    HOPELESS = "hopeless"
    UNKNOWN = "unknown"


DECISIVE: tuple[tuple[Sending, frozenset[NodeErrorKind]], ...] = (
    (Sending.NONCE_USED, frozenset({NodeErrorKind.NONCE_TOO_LOW})),
    (
        Sending.UNDERPRICED,
        frozenset({NodeErrorKind.REPLACEMENT_UNDERPRICED, NodeErrorKind.FEE_TOO_LOW}),
    ),
    (Sending.FUNDS, frozenset({NodeErrorKind.INSUFFICIENT_FUNDS})),
    (Sending.RESERVED, frozenset({NodeErrorKind.RESERVED})),
    (Sending.GAP, frozenset({NodeErrorKind.NONCE_TOO_HIGH})),
    (Sending.FEE_CAP, frozenset({NodeErrorKind.FEE_ABOVE_CAP})),
)
"""One node's word suffices for these, the first that any node says: none makes us sign anew for
another nonce, so being wrong costs a bump or a wait."""

HOPELESS = frozenset(
    {NodeErrorKind.GAS_LIMIT, NodeErrorKind.INVALID, NodeErrorKind.EXECUTION_REVERTED}
)


def sending_of(answers: Sequence[SendAnswer]) -> Sending:
    """One node that takes the bytes is enough; all must agree that they are good for nothing."""
    problems = {each.problem for each in answers}
    if None in problems or NodeErrorKind.ALREADY_KNOWN in problems:
        return Sending.TAKEN
    for sending, kinds in DECISIVE:
        if problems & kinds:
            return sending
    if problems and problems <= HOPELESS:
        return Sending.HOPELESS
    return Sending.UNKNOWN


def words_of(answers: Sequence[SendAnswer]) -> str:
    """The nodes' own words, for people."""
    return "; ".join(f"{each.node}: {each.message}" for each in answers if each.problem)


PATIENCE_WITH_GAPS = 3
"""So often a nonce may be too high before somebody should hear of it; the gap is filled anyway."""

ALARMS = {
    Sending.FUNDS: Alarm.FUNDS,
    Sending.RESERVED: Alarm.NONCE_RESERVED,
    Sending.FEE_CAP: Alarm.SEND_REFUSED,
    Sending.UNKNOWN: Alarm.SEND_UNKNOWN,
}


async def broadcast(
    desk: SenderContext, view: ChainView, intent: IntentRecord, attempt: SlotAttempt
) -> bool:
    """Hand stored bytes to the nodes, once; answers whether one of them has them."""
    raw, hashed = attempt.signed.raw, attempt.signed.transaction_hash
    assert raw is not None  # noqa: S101 - the database seals nothing else
    assert hashed is not None  # noqa: S101
    if await is_paused(desk):
        return False
    crash_point("before_send")
    answers = await desk.nodes.send(raw, public=_is_public(desk, view, attempt))
    crash_point("after_send")
    sending = sending_of(answers)
    facts = _facts(intent, attempt)
    for each in answers:
        result = "taken" if each.problem is None else str(each.problem)
        desk.telemetry.event("answered", node=each.node, result=result, **facts)
    if sending is not Sending.TAKEN and await _is_known(desk, hashed):
        sending = Sending.TAKEN
    if sending is Sending.TAKEN:
        if attempt.state is not AttemptState.BROADCAST:
            await desk.write(desk.ledger.sent, attempt.attempt_id, view.head.number)
        desk.telemetry.event("sent", kind=attempt.signed.kind, transaction=hashed, **facts)
        return True
    desk.telemetry.event("not_sent", sending=sending, said=words_of(answers), **facts)
    await _react(desk, intent, attempt, sending, words_of(answers))
    return False


async def _react(
    desk: SenderContext, intent: IntentRecord, attempt: SlotAttempt, sending: Sending, said: str
) -> None:
    facts = _facts(intent, attempt)
    match sending:
        case Sending.UNDERPRICED:
            await _underpriced(desk, intent, attempt, said)
        case Sending.HOPELESS:
            desk.telemetry.alarm(Alarm.SEND_REFUSED, f"no node takes it: {said}", **facts)
            await _give_up(desk, intent, attempt, f"no node takes it: {said}")
        case Sending.RESERVED:
            desk.telemetry.alarm(Alarm.NONCE_RESERVED, said, **facts)
            await desk.write(desk.ledger.pause, f"nodes reserve the account for others: {said}")
        case Sending.GAP:
            desk.seen.refusals[attempt.attempt_id] += 1
            if desk.seen.refusals[attempt.attempt_id] >= PATIENCE_WITH_GAPS:
                desk.telemetry.alarm(Alarm.NONCE_GAP, said, **facts)
        case Sending.NONCE_USED | Sending.TAKEN:
            pass  # the next look at the chain says by which transaction
        case _:
            desk.telemetry.alarm(ALARMS[sending], said, **facts)


async def _underpriced(
    desk: SenderContext, intent: IntentRecord, attempt: SlotAttempt, said: str
) -> None:
    """Make room for bytes that pay more, where the limits admit such; else these stay."""
    if attempt.state is AttemptState.BROADCAST:
        return
    before = [each.signed.fees for each in slot_of(intent).attempts]
    limits = desk.policy.limits_of(attempt.signed.kind)
    if next_fees(before, await desk.market(), limits) is not None:
        await desk.write(desk.ledger.refuse, attempt.attempt_id, f"underpriced: {said}")
    else:
        text = f"nodes want more than the limit: {said}"
        desk.telemetry.alarm(Alarm.FEE_CAP, text, **_facts(intent, attempt))


async def _give_up(
    desk: SenderContext, intent: IntentRecord, attempt: SlotAttempt, reason: str
) -> None:
    """The bytes may never leave again, and a cancellation takes their nonce.

    A cancellation stays: dearer ones would be refused as well, until the limit leaves none.
    """
    if attempt.state is AttemptState.BROADCAST or attempt.signed.kind is AttemptKind.CANCEL:
        return
    await desk.write(desk.ledger.want, intent.intent_id, RequestedAction.CANCEL, reason)
    await desk.write(desk.ledger.refuse, attempt.attempt_id, reason)


def _facts(intent: IntentRecord, attempt: SlotAttempt) -> dict[str, object]:
    nonce = slot_of(intent).nonce
    return {"intent": intent.intent_id, "nonce": nonce, "attempt": attempt.attempt_id}


def _is_public(desk: SenderContext, view: ChainView, attempt: SlotAttempt) -> bool:
    """Whether bytes go to public nodes: at once, or after a private relay has had its time."""
    if not desk.policy.private:
        return True
    patience = desk.policy.public_after_blocks
    if patience is None or attempt.broadcast_block is None:
        return False
    return view.head.number - attempt.broadcast_block >= patience


async def _is_known(desk: SenderContext, transaction_hash: str) -> bool:
    """Whether a node has the bytes; one that does not say is taken to have nothing."""
    try:
        return await desk.nodes.knows(transaction_hash)
    except ChainError:
        return False
