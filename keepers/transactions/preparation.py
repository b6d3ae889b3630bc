"""Build and Audit: estimate, simulation, funds and policy of a call. No response is a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from keepers.model.alarms import Alarm
from keepers.model.chain import Fees, Unsigned
from keepers.model.chain_view import ChainView, Estimate, first_fees
from keepers.model.errors.chain import CallRevertedError, ChainError, GasAboveLimitError
from keepers.model.errors.signing import AuditRefusedError
from keepers.model.transaction_records import IntentRecord
from keepers.model.transaction_states import Hold, IntentState, SlotState
from keepers.transactions.sender_context import SenderContext, about_intent, reject
from keepers.transactions.signing import audit
from keepers.transactions.simulation import simulate
from keepers.transactions.submission import dispatch
from keepers.transactions.terms import WAITING

WAITS = frozenset({SlotState.RESERVED, SlotState.IN_USE})


async def free_below(
    context: SenderContext, view: ChainView, intents: Sequence[IntentRecord]
) -> int | None:
    """Return the lowest free nonce, if transactions with higher nonces wait for it."""
    slots = [each.live_slot for each in intents]
    nonces = {slot.nonce for slot in slots if slot and slot.state in WAITS}
    free = await context.read(context.store.next_nonce, view.nonce)
    return free if any(nonce > free for nonce in nonces) else None


async def fill_gap(
    context: SenderContext, view: ChainView, intents: Sequence[IntentRecord]
) -> bool:
    """Fill a nonce gap seen at two heads with a zero-value transfer; return whether submitted.

    The next call would fill the gap too; this is for when there is none. A filler that is blocked
    is not submitted again.
    """
    free = await free_below(context, view, intents)
    if free is None:
        context.seen.gap = None
        return False
    if context.seen.gap is None or context.seen.gap[0] != free:
        context.seen.gap = (free, view.head.number)
        return False
    if context.seen.gap[1] == view.head.number:
        return False
    text = f"nonce {free} of {context.sender} is unused below pending nonces"
    first = next(filter(_comes_first, intents), None)
    if first is not None:
        context.telemetry.alarm(Alarm.NONCE_GAP, f"{text}; {_next_use(first)}", nonce=free)
        return False
    context.seen.gap = None
    context.telemetry.alarm(Alarm.NONCE_GAP, f"{text}; the keeper fills it", nonce=free)
    await context.write(context.store.repair)
    return True


def _comes_first(intent: IntentRecord) -> bool:
    """Return whether an intent will take the nonce, or is a blocked filler."""
    new = intent.intent
    is_filler = (new.target.lower(), new.calldata) == (new.sender.lower(), "0x")
    is_held = intent.hold is Hold.FUNDS or (intent.hold is Hold.DENIED and is_filler)
    return intent.state in WAITING or is_held


def _next_use(intent: IntentRecord) -> str:
    """Return when an intent will take a free nonce, for the operator."""
    name = f"transaction {intent.intent_id}"
    if intent.hold is Hold.DENIED:
        return (
            f"{name}, which fills it, was denied: correct the signer's policy, then run "
            f"`ballast txs retry {intent.intent_id}`"
        )
    if intent.hold is Hold.FUNDS:
        return f"{name} uses it once the sender has native token"
    return f"{name} will use it"


LANDED = frozenset({IntentState.INCLUDED, IntentState.SAFE})


async def prepare_waiting(
    context: SenderContext, view: ChainView, intents: Sequence[IntentRecord]
) -> int:
    """Assign nonces to waiting intents in order, and send them; return their number.

    The first intent that cannot advance for a shared reason stops the rest. A gap filler does not
    count towards the maximum in flight, since numbered transactions wait for it.
    """
    waiting = [each for each in intents if each.state in WAITING]
    under_way = [each for each in intents if each.live_slot and each.state not in LANDED]
    is_short = any(each.hold is Hold.FUNDS for each in intents)
    if not waiting or is_short or not _is_alone(context, view, intents):
        return 0
    committed = sum(map(cost_of, under_way))
    prepared = 0
    for intent in waiting:
        is_full = len(under_way) + prepared >= context.policy.maximum_in_flight
        if is_full and await free_below(context, view, intents) is None:
            left = len(waiting) - prepared
            text = f"{len(under_way) + prepared} transactions are in progress, and {left} more wait"
            context.telemetry.alarm(Alarm.QUEUE_FULL, text)
            break
        with about_intent(intent):
            going = await _prepare(context, view, intent, committed)
        if going is None:
            break
        if going:
            prepared += 1
            numbered = await context.read(context.store.intent, intent.intent_id)
            committed += cost_of(numbered)
            with about_intent(numbered):
                if not await dispatch(context, view, intent.intent_id):
                    break
    return prepared


def cost_of(intent: IntentRecord) -> int:
    """Return the maximum cost of an intent with a nonce for its sender, in wei."""
    slot = intent.live_slot
    if slot is None or not slot.attempts:
        return intent.intent.value
    return intent.intent.value + max(
        each.signed.gas_limit * each.signed.max_fee_per_gas for each in slot.attempts
    )


async def may_suffice(context: SenderContext, view: ChainView) -> bool:
    """Return whether the balance has changed, or gas is cheaper, since funds were too low."""
    if context.seen.short is None:
        return True
    balance, fee = context.seen.short
    if view.balance != balance:
        return True
    fees = first_fees(await context.market(), context.policy.fees)
    return fees is not None and fees.maximum < fee


def _is_alone(context: SenderContext, view: ChainView, intents: Sequence[IntentRecord]) -> bool:
    """Return whether only own transactions are pending; costs of external ones are unknown."""
    slots = [each.live_slot for each in intents]
    ours = [each.nonce + 1 for each in slots if each and each.state is SlotState.IN_USE]
    expected = max([view.nonce, *ours])
    if view.pending_nonce <= expected:
        return True
    text = (
        f"{context.sender} has {view.pending_nonce - expected} pending transaction(s) that are "
        "not in the database; nothing new is sent until they are included. Give the keeper a key "
        "of its own"
    )
    context.telemetry.alarm(Alarm.FOREIGN_PENDING, text)
    return False


async def _prepare(
    context: SenderContext, view: ChainView, intent: IntentRecord, committed: int
) -> bool | None:
    """Build, audit and number one intent.

    Returns:
        True if it has a nonce now; False if it cannot get one; None if no intent can now.
    """
    new = intent.intent
    try:
        estimate = await context.nodes.estimate(context.sender, new.call, new.value)
        built = Estimate(_gas(context, view, intent, estimate.gas), estimate.access_list)
        await simulate(context, intent, built.gas)
        market = await context.market()
    except (CallRevertedError, GasAboveLimitError) as error:
        await reject(context, intent.intent_id, str(error))
        return False
    except ChainError as error:
        context.telemetry.alarm(Alarm.SIMULATION_UNAVAILABLE, str(error), intent=intent.intent_id)
        return None
    fees = first_fees(market, context.policy.fees)
    if fees is None:
        text = f"gas costs {market.base_fee} wei, above the limit of {context.policy.fees.maximum}"
        context.telemetry.alarm(Alarm.FEE_CAP, text, intent=intent.intent_id)
        context.priced_out.add(intent.intent_id)
        return None
    if not await _is_funded(context, view, intent, built.gas * fees.maximum, committed):
        context.seen.short = (view.balance, fees.maximum)
        return None
    return await _number(context, view, intent, built, fees)


async def _number(
    context: SenderContext, view: ChainView, intent: IntentRecord, built: Estimate, fees: Fees
) -> bool | None:
    new = intent.intent
    terms = Unsigned(
        chain_id=new.chain_id,
        nonce=await context.read(context.store.next_nonce, view.nonce),
        call=new.call,
        gas_limit=built.gas,
        fees=fees,
        value=new.value,
        access_list=built.access_list,
    )
    try:
        if not await audit(context, terms):
            return None
    except AuditRefusedError as error:
        context.telemetry.alarm(Alarm.AUDIT_REFUSED, str(error), intent=intent.intent_id)
        await reject(context, intent.intent_id, str(error))
        return False
    nonce = await context.write(context.store.prepare, intent.intent_id, built, view.nonce)
    context.telemetry.event("numbered", intent=intent.intent_id, nonce=nonce, gas=built.gas)
    return True


def _gas(context: SenderContext, view: ChainView, intent: IntentRecord, estimate: int) -> int:
    """Return the estimate with headroom, up to the gas limit.

    Raises:
        GasAboveLimitError: The estimate itself is above that, or above the block's gas limit.
    """
    cap = min(intent.intent.gas_cap or view.gas_limit, view.gas_limit)
    if estimate > cap:
        raise GasAboveLimitError(estimate, cap)
    return min(ceil(estimate * context.policy.gas_headroom), cap)


async def _is_funded(
    context: SenderContext, view: ChainView, intent: IntentRecord, gas_cost: int, committed: int
) -> bool:
    needed = intent.intent.value + gas_cost + committed + context.policy.minimum_balance
    if view.balance >= needed:
        return True
    text = (
        f"{context.sender} has {view.balance} wei and needs {needed}; send it native token for gas"
    )
    context.telemetry.alarm(Alarm.FUNDS, text, intent=intent.intent_id)
    await context.write(context.store.block, intent.intent_id, Hold.FUNDS, text)
    return False
