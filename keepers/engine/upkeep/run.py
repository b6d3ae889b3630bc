"""One run of upkeep: what is due now, each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from structlog.contextvars import bound_contextvars

from keepers.domain.errors_chain import FeeAboveCapError
from keepers.domain.run import NewRun, NewStep, RunRecord, RunStatus, Stage, StepStatus
from keepers.domain.transaction.records import NewIntent
from keepers.domain.upkeep import Chore
from keepers.domain.vault import VaultSnapshot
from keepers.engine.rebalance.action import StepResult
from keepers.engine.rebalance.details import results_detail
from keepers.engine.rebalance.sending import settle
from keepers.engine.upkeep.recovery import recover
from keepers.engine.upkeep.world import UpkeepWorld

TRIGGER = "upkeep"
DRY = "nothing sent; use --arm"


async def upkeep(
    world: UpkeepWorld, snapshot: VaultSnapshot | None = None, *, armed: bool
) -> RunRecord | None:
    """Resolve what was interrupted, then do what is due, if armed.

    Args:
        world: The ports.
        snapshot: The vault as a tick has just read it, so that a tick without chores costs no
            request; read anew where something was interrupted, or without one.
        armed: Whether to send.

    Returns:
        The run as the journal holds it; None where nothing is due, and then nothing is opened.

    Raises:
        NotSettled: How a transaction ended is not known; the run stays open, and the next one
            finds out.
    """
    interrupted = await recover(world, armed=armed)
    if interrupted or snapshot is None:
        snapshot = await world.chain.snapshot()
    chores = await world.chores.due(snapshot)
    if not chores:
        return None
    if armed and not await _is_affordable(world):
        return None
    run_id = str(uuid4())
    with bound_contextvars(run=run_id, vault=world.vault):
        steps = _open(world, run_id, chores, armed=armed)
        if armed:
            results = [
                await _one(world, run_id, step_id, chore, snapshot)
                for step_id, chore in zip(steps, chores, strict=True)
            ]
            return _close(world, run_id, results)
        for step_id in steps:
            world.journal.skip_step(step_id, DRY)
        world.journal.close_run(run_id, RunStatus.DRY_RUN, DRY)
    return world.journal.run(run_id)


async def _is_affordable(world: UpkeepWorld) -> bool:
    """Nothing is opened that the fee limit would keep waiting; the next check finds it again."""
    try:
        await world.transactions.fees()
    except FeeAboveCapError as error:
        world.say(f"upkeep: put off: {error}")
        return False
    return True


def _open(
    world: UpkeepWorld, run_id: str, chores: Sequence[Chore], *, armed: bool
) -> tuple[int, ...]:
    """The run, why it is there, and its steps."""
    run = NewRun(
        run_id=run_id,
        vault=world.vault,
        chain_id=world.chain_id,
        trigger=TRIGGER,
        armed=armed,
        started_at=world.clock.now(),
    )
    world.journal.open_run(run)
    world.journal.record_stage(run_id, Stage.PLAN, {"chores": [_detail(each) for each in chores]})
    for each in chores:
        world.say(f"upkeep: {each.reason}")
    steps = [_step(index, each) for index, each in enumerate(chores)]
    return world.journal.add_steps(run_id, steps)


async def _one(
    world: UpkeepWorld, run_id: str, step_id: int, chore: Chore, snapshot: VaultSnapshot
) -> StepResult:
    """Ask for the call once, and wait until it counts; what waits for a person is called off."""
    intent_id = await world.transactions.submit(
        NewIntent(
            step_id=step_id,
            idempotency_key=f"{run_id}:{chore.key}",
            chain_id=world.chain_id,
            sender=world.keeper,
            target=chore.call.target,
            calldata=chore.call.calldata,
            value=0,
            gas_cap=world.policy.gas_limit,
            expires_at=snapshot.at + timedelta(seconds=world.policy.plan_expiry_seconds),
        )
    )
    result = await settle(world, intent_id)
    world.say(f"upkeep: {chore.kind.lower()} of {chore.symbol}: {result.status.lower()}")
    return result


def _close(world: UpkeepWorld, run_id: str, results: Sequence[StepResult]) -> RunRecord:
    world.journal.record_stage(run_id, Stage.EXECUTION, results_detail(dict(enumerate(results))))
    done = [each.status is StepStatus.DONE for each in results]
    status = RunStatus.PARTIAL if any(done) else RunStatus.FAILED
    if all(done):
        status = RunStatus.DONE
    reason = next((each.error for each in results if each.error is not None), None)
    world.journal.close_run(run_id, status, reason)
    return world.journal.run(run_id)


def _step(index: int, chore: Chore) -> NewStep:
    """A chore as the journal has steps: nothing is bought, and nothing is promised."""
    return NewStep(
        index=index,
        kind=chore.kind,
        tier=0,
        asset=chore.subject,
        symbol=chore.symbol,
        amount=chore.assets,
        amount_in=chore.shares,
        quoted_out=chore.assets,
        minimum_out=0,
        priority=0,
        depends_on=(),
        reason=chore.reason,
        target=chore.call.target,
        calldata=chore.call.calldata,
        estimated_slippage_bps="0",
    )


def _detail(chore: Chore) -> dict[str, Any]:
    return {
        "kind": chore.kind,
        "key": chore.key,
        "symbol": chore.symbol,
        "shares": str(chore.shares),
        "assets": str(chore.assets),
        "reason": chore.reason,
    }
