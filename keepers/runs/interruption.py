"""What a run has under way when it ends before its time: called off, or waited for."""

from __future__ import annotations

from keepers.model.errors.run import ArmRequiredError
from keepers.model.transactions.records import IntentRecord
from keepers.model.transactions.states import IntentState, Wanted
from keepers.runs.caller import Caller


async def interrupt_run(world: Caller, run_id: str, reason: str, *, armed: bool) -> None:
    """Call off what is not signed of a run, and wait for the rest.

    What is not signed comes first: waiting for the others would sign it. Raises as `interrupt`.
    """
    for intent in sorted(await world.transactions.of_run(run_id), key=_is_signed):
        await interrupt(world, run_id, intent, reason, armed=armed)


async def interrupt(
    world: Caller, run_id: str, intent: IntentRecord, reason: str, *, armed: bool
) -> None:
    """Call a transaction off, or wait for its end where it is signed; nothing more is signed.

    Args:
        world: The ports.
        run_id: Its run.
        intent: The transaction.
        reason: Why, for those who come later.
        armed: Whether stored bytes may be sent; without it receipts are looked for, and no more.

    Raises:
        ArmRequiredError: Bytes would have to be sent, and nothing may be.
        NotSettledError: It has no known end in time.
    """
    if intent.has_ended:
        return
    if not intent.is_signed and intent.state is not IntentState.DISPLACED:
        await world.transactions.withdraw(intent.intent_id, reason)
        return
    if not armed:
        await world.transactions.run_pass()
        if not (await world.transactions.intent(intent.intent_id)).is_included:
            raise ArmRequiredError(run_id, intent.intent_id)
        return
    await world.transactions.want(intent.intent_id, Wanted.STOP, reason)
    seconds = world.policy.confirmation_timeout_seconds
    ended = await world.transactions.settle(intent.intent_id, seconds)
    world.say(f"transaction {ended.intent_id}: {ended.state.lower()}")


def _is_signed(intent: IntentRecord) -> bool:
    return intent.is_signed
