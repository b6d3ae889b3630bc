"""What a killed run left behind is resolved before anything new is planned."""

from __future__ import annotations

from uuid import uuid4

from keepers.model.errors import BallastError
from keepers.model.run import ACTION, OPENING, NewRun, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tick import ALONE, Occasion
from keepers.model.transactions.records import IntentRecord
from keepers.runs.interruption import interrupt, interrupt_run
from keepers.runs.tiers.dependencies import World
from keepers.runs.tiers.record import close
from keepers.runs.tiers.resume_approved import go_on
from keepers.runs.tiers.stored_actions import detail_of


class OtherChainError(BallastError):
    """The vault's interrupted run was on another chain than the settings name now."""

    def __init__(self, run_id: str, then: int, now: int) -> None:
        super().__init__(
            f"run {run_id} was interrupted on chain {then}, but the settings say {now}; "
            "put the settings back and run again, so that it can be resolved"
        )
        self.run_id = run_id


INTERRUPTED = "interrupted; planned anew"


async def resume(world: World, *, armed: bool) -> RunRecord | NewRun | None:
    """Go on with the vault's open run, if there is one.

    Returns:
        The run if it waits for approval, or has ended by what was approved; the run to conduct
        next, if one was to do the rest of an earlier one; None where a trigger may be planned for.

    Raises:
        OtherChainError: It cannot be resolved on this chain.
        ArmRequiredError: Bytes would have to be sent, and this run is not armed.
        NotSettledError: A transaction still has no known end.
        AwaitingFundsError: What is approved waits for coins.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return None
    run_id = record.run.run_id
    if record.run.chain_id != world.chain_id:
        raise OtherChainError(run_id, record.run.chain_id, world.chain_id)
    ticket = world.tickets.ticket(run_id)
    if ticket is not None:
        left = await go_on(world, record, ticket, armed=armed)
        return None if left.status is RunStatus.REFUSED else left
    if record.run.follows is not None and not record.stages:
        return record.run
    return await _recover(world, record, armed=armed)


async def _recover(world: World, record: RunRecord, *, armed: bool) -> NewRun | None:
    """Resolve a run that was interrupted, and close it.

    What is signed goes its way: it is found in a block, or sent again byte for byte, or loses its
    nonce to another. What is not signed is called off, and steps that were not begun are skipped:
    the state they were planned on is gone. Where nothing but its rest is left, that is next.
    """
    run_id = record.run.run_id
    world.say(f"run {run_id} was interrupted; finding out how its actions ended")
    await interrupt_run(world, run_id, INTERRUPTED, armed=armed)
    follower = None
    if record.run.follows is not None or _is_done(world.journal.run(run_id)):
        follower = follower_of(world, record)
    close(world, run_id, RunStatus.INTERRUPTED, INTERRUPTED, then=follower)
    return follower


def follower_of(world: World, record: RunRecord) -> NewRun | None:
    """The run that asks for the approval of what a run has left; None if it has left nothing."""
    origin = record.run.follows
    if origin is None:
        plan = detail_of(record, Stage.PLAN)
        origin = record.run.run_id if plan is not None and "rest" in plan else None
    if origin is None:
        return None
    return new_run(world, record.run.trigger, armed=True, follows=origin)


def new_run(
    world: World,
    trigger: str,
    *,
    armed: bool,
    follows: str | None = None,
    occasion: Occasion = ALONE,
) -> NewRun:
    """A run that begins now."""
    return NewRun(
        run_id=str(uuid4()),
        vault=world.vault,
        chain_id=world.chain_id,
        trigger=trigger,
        armed=armed,
        started_at=world.clock.now(),
        follows=follows,
        tick_id=occasion.tick_id,
        handles=occasion.handles,
    )


def _is_done(record: RunRecord) -> bool:
    return bool(record.steps) and all(each.status is StepStatus.DONE for each in record.steps)


async def settle_earlier(world: World) -> None:
    """Resolve what a reorganisation has taken out of runs that are over.

    It goes its way, and a plan that does not know of it would do the same once more.

    Raises:
        NotSettledError: A transaction still has no known end.
    """
    if not await _earlier(world):
        return
    await world.transactions.run_pass()
    for run_id, intent in await _earlier(world):
        if not intent.is_included:
            world.say(f"transaction {intent.intent_id} of run {run_id} is in no block any more")
            await interrupt(world, run_id, intent, INTERRUPTED, armed=True)


async def _earlier(world: World) -> list[tuple[str, IntentRecord]]:
    """What the vault's runs have sent and is not final."""
    found: list[tuple[str, IntentRecord]] = []
    for intent in await world.transactions.live():
        step = await world.transactions.step(intent.intent.step_id)
        if (
            step.kind in {ACTION, OPENING}
            and world.journal.run(step.run_id).run.vault == world.vault
        ):
            found.append((step.run_id, intent))
    return found
