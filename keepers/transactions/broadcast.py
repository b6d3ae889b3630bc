"""Broadcast of validated bytes to every node. A node's error does not rule out success."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from keepers.model.alarms import Alarm
from keepers.model.chain import NodeErrorKind
from keepers.model.chain_view import ChainView, SendAnswer, next_fees
from keepers.model.errors.chain import ChainError
from keepers.model.transaction_records import (
    EVERYTHING,
    IntentRecord,
    Pause,
    SlotAttempt,
    sender_scope,
)
from keepers.model.transaction_states import AttemptKind, AttemptState, RequestedAction
from keepers.transactions.crash_points import crash_point
from keepers.transactions.sender_context import SenderContext
from keepers.transactions.terms import slot_of


async def is_paused(context: SenderContext) -> bool:
    """Return whether the sender is paused by an operator or the engine; raise an alarm if so."""
    pause = await pause_of(context)
    if pause is not None:
        text = f"{pause.scope} is paused by {pause.paused_by}: {pause.reason}"
        context.telemetry.alarm(Alarm.PAUSED, text)
    return pause is not None


async def pause_of(context: SenderContext) -> Pause | None:
    """Return the pause of the sender, if there is one."""
    mine = {EVERYTHING, sender_scope(context.store.chain_id, context.store.sender)}
    pauses = await context.read(context.store.pauses)
    return next((pause for pause in pauses if pause.scope in mine), None)


class Sending(StrEnum):
    """Result of a submission, as reported by nodes."""

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
"""Results for which one node's response suffices, by precedence.

None of them makes the engine use another nonce, so a wrong response costs a bump or a delay.
"""

HOPELESS = frozenset(
    {NodeErrorKind.GAS_LIMIT, NodeErrorKind.INVALID, NodeErrorKind.EXECUTION_REVERTED}
)


def sending_of(answers: Sequence[SendAnswer]) -> Sending:
    """Return the result of a submission; one acceptance suffices, HOPELESS requires all nodes."""
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
    """Return the nodes' error messages, for operators."""
    return "; ".join(f"{each.node}: {each.message}" for each in answers if each.problem)


PATIENCE_WITH_GAPS = 3
"""Number of "nonce too high" responses before an alarm; the gap is filled regardless."""

ALARMS = {
    Sending.FUNDS: Alarm.FUNDS,
    Sending.RESERVED: Alarm.NONCE_RESERVED,
    Sending.FEE_CAP: Alarm.SEND_REFUSED,
    Sending.UNKNOWN: Alarm.SEND_UNKNOWN,
}


async def broadcast(
    context: SenderContext, view: ChainView, intent: IntentRecord, attempt: SlotAttempt
) -> bool:
    """Send stored bytes to the nodes once; return whether any node has them."""
    raw, hashed = attempt.signed.raw, attempt.signed.transaction_hash
    assert raw is not None  # noqa: S101 - guaranteed by the database
    assert hashed is not None  # noqa: S101
    if await is_paused(context):
        return False
    crash_point("before_send")
    answers = await context.nodes.send(raw, public=_is_public(context, view, attempt))
    crash_point("after_send")
    sending = sending_of(answers)
    facts = _facts(intent, attempt)
    for each in answers:
        result = "taken" if each.problem is None else str(each.problem)
        context.telemetry.event("answered", node=each.node, result=result, **facts)
    if sending is not Sending.TAKEN and await _is_known(context, hashed):
        sending = Sending.TAKEN
    if sending is Sending.TAKEN:
        if attempt.state is not AttemptState.BROADCAST:
            await context.write(context.store.sent, attempt.attempt_id, view.head.number)
        context.telemetry.event("sent", kind=attempt.signed.kind, transaction=hashed, **facts)
        return True
    context.telemetry.event("not_sent", sending=sending, said=words_of(answers), **facts)
    await _react(context, intent, attempt, sending, words_of(answers))
    return False


async def _react(
    context: SenderContext, intent: IntentRecord, attempt: SlotAttempt, sending: Sending, said: str
) -> None:
    facts = _facts(intent, attempt)
    match sending:
        case Sending.UNDERPRICED:
            await _underpriced(context, intent, attempt, said)
        case Sending.HOPELESS:
            context.telemetry.alarm(Alarm.SEND_REFUSED, f"no node accepts it: {said}", **facts)
            await _give_up(context, intent, attempt, f"no node accepts it: {said}")
        case Sending.RESERVED:
            context.telemetry.alarm(Alarm.NONCE_RESERVED, said, **facts)
            await context.write(
                context.store.pause, f"nodes reserve the account for other transactions: {said}"
            )
        case Sending.GAP:
            context.seen.refusals[attempt.attempt_id] += 1
            if context.seen.refusals[attempt.attempt_id] >= PATIENCE_WITH_GAPS:
                context.telemetry.alarm(Alarm.NONCE_GAP, said, **facts)
        case Sending.NONCE_USED | Sending.TAKEN:
            pass  # the next pass finds the transaction that used the nonce
        case _:
            context.telemetry.alarm(ALARMS[sending], said, **facts)


async def _underpriced(
    context: SenderContext, intent: IntentRecord, attempt: SlotAttempt, said: str
) -> None:
    """Refuse bytes if the limits allow an attempt with higher fees; otherwise raise an alarm."""
    if attempt.state is AttemptState.BROADCAST:
        return
    before = [each.signed.fees for each in slot_of(intent).attempts]
    limits = context.policy.limits_of(attempt.signed.kind)
    if next_fees(before, await context.market(), limits) is not None:
        await context.write(context.store.refuse, attempt.attempt_id, f"underpriced: {said}")
    else:
        text = f"nodes require higher fees than the limit: {said}"
        context.telemetry.alarm(Alarm.FEE_CAP, text, **_facts(intent, attempt))


async def _give_up(
    context: SenderContext, intent: IntentRecord, attempt: SlotAttempt, reason: str
) -> None:
    """Refuse bytes permanently; a cancellation takes their nonce.

    A cancellation is kept: higher fees would be refused too, until the limit is exhausted.
    """
    if attempt.state is AttemptState.BROADCAST or attempt.signed.kind is AttemptKind.CANCEL:
        return
    await context.write(context.store.want, intent.intent_id, RequestedAction.CANCEL, reason)
    await context.write(context.store.refuse, attempt.attempt_id, reason)


def _facts(intent: IntentRecord, attempt: SlotAttempt) -> dict[str, object]:
    nonce = slot_of(intent).nonce
    return {"intent": intent.intent_id, "nonce": nonce, "attempt": attempt.attempt_id}


def _is_public(context: SenderContext, view: ChainView, attempt: SlotAttempt) -> bool:
    """Return whether to send to public nodes: immediately, or after the private relay period."""
    if not context.policy.private:
        return True
    patience = context.policy.public_after_blocks
    if patience is None or attempt.broadcast_block is None:
        return False
    return view.head.number - attempt.broadcast_block >= patience


async def _is_known(context: SenderContext, transaction_hash: str) -> bool:
    """Return whether a node has the bytes; a node without a response counts as not having them."""
    try:
        return await context.nodes.knows(transaction_hash)
    except ChainError:
        return False
