"""What a killed run left behind is resolved before anything new is planned."""

from __future__ import annotations

from keepers.domain.errors import BallastError
from keepers.domain.errors_run import RunWaitsForArm
from keepers.domain.run import ACTION, RunRecord, RunStatus
from keepers.domain.transaction.records import IntentRecord
from keepers.domain.transaction.states import IntentState, Wanted
from keepers.engine.rebalance.record import close
from keepers.engine.rebalance.world import World


class OtherChainError(BallastError):
    """The vault's interrupted run was on another chain than the settings name now."""

    def __init__(self, run_id: str, then: int, now: int) -> None:
        super().__init__(
            f"run {run_id} was interrupted on chain {then}, but the settings say {now}; "
            "put the settings back and run again, so that it can be resolved"
        )
        self.run_id = run_id


INTERRUPTED = "interrupted; planned anew"


async def recover(world: World, *, armed: bool) -> RunRecord | None:
    """Resolve the vault's open run, if there is one, and close it as interrupted.

    What is signed goes its way: it is found in a block, or sent again byte for byte, or loses its
    nonce to another. What is not signed is called off, and steps that were not begun are skipped:
    the state they were planned on is gone.

    Args:
        world: The ports.
        armed: Whether stored bytes may be sent; without it receipts are looked for, and no more.

    Raises:
        OtherChainError: It cannot be resolved on this chain.
        RunWaitsForArm: Bytes would have to be sent, and this run is not armed.
        NotSettled: A transaction still has no known end.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return None
    run_id = record.run.run_id
    if record.run.chain_id != world.chain_id:
        raise OtherChainError(run_id, record.run.chain_id, world.chain_id)
    world.say(f"run {run_id} was interrupted; finding out how its actions ended")
    for intent in await world.transactions.of_run(run_id):
        await _resolve(world, run_id, intent, armed=armed)
    return close(world, run_id, RunStatus.INTERRUPTED, INTERRUPTED)


async def settle_earlier(world: World) -> None:
    """Resolve what a reorganisation has taken out of runs that are over.

    It goes its way, and a plan that does not know of it would do the same once more.

    Raises:
        NotSettled: A transaction still has no known end.
    """
    if not await _earlier(world):
        return
    await world.transactions.run_pass()
    for run_id, intent in await _earlier(world):
        if not intent.is_included:
            world.say(f"transaction {intent.intent_id} of run {run_id} is in no block any more")
            await _resolve(world, run_id, intent, armed=True)


async def _earlier(world: World) -> list[tuple[str, IntentRecord]]:
    """What the vault's runs have sent and is not final."""
    found: list[tuple[str, IntentRecord]] = []
    for intent in await world.transactions.live():
        step = await world.transactions.step(intent.intent.step_id)
        if step.kind == ACTION and world.journal.run(step.run_id).run.vault == world.vault:
            found.append((step.run_id, intent))
    return found


async def _resolve(world: World, run_id: str, intent: IntentRecord, *, armed: bool) -> None:
    if intent.has_ended:
        return
    if not intent.is_signed and intent.state is not IntentState.DISPLACED:
        await world.transactions.withdraw(intent.intent_id, INTERRUPTED)
        return
    if not armed:
        await world.transactions.run_pass()
        intent = await world.transactions.intent(intent.intent_id)
        if not intent.is_included:
            raise RunWaitsForArm(run_id, intent.intent_id)
        return
    await world.transactions.want(intent.intent_id, Wanted.STOP, INTERRUPTED)
    ended = await world.transactions.settle(
        intent.intent_id, world.policy.confirmation_timeout_seconds
    )
    world.say(f"transaction {ended.intent_id}: {ended.state.lower()}")
