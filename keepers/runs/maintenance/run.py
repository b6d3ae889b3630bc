"""One run of upkeep: what is due now, each thing once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from structlog.contextvars import bound_contextvars

from keepers.model.errors.chain import FeeAboveCapError
from keepers.model.maintenance import Chore
from keepers.model.run import NewStep, RunRecord
from keepers.model.vault import VaultSnapshot
from keepers.runs.calls import begin_run, end_dry, end_run, intent_of, is_told_dry, step_of
from keepers.runs.maintenance.dependencies import UpkeepWorld
from keepers.runs.maintenance.recovery import recover
from keepers.runs.tiers.action import StepResult
from keepers.runs.tiers.submission import settle

TRIGGER = "upkeep"


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
        The run as the journal holds it; None where nothing is due, or where nothing is sent and
        the last run has told the same: then nothing is opened.

    Raises:
        NotSettledError: How a transaction ended is not known; the run stays open, and the next one
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
    planned = [_step(index, each) for index, each in enumerate(chores)]
    if not armed and is_told_dry(world, planned):
        return None
    run_id = str(uuid4())
    with bound_contextvars(run=run_id, vault=world.vault):
        detail = {"chores": [_detail(each) for each in chores]}
        steps = begin_run(world, run_id, TRIGGER, detail, planned, armed=armed)
        for each in chores:
            world.say(f"upkeep: {each.reason}")
        if not armed:
            return end_dry(world, run_id, steps)
        results = [
            await _one(world, run_id, step_id, chore, snapshot)
            for step_id, chore in zip(steps, chores, strict=True)
        ]
        return end_run(world, run_id, dict(enumerate(results)))


async def _is_affordable(world: UpkeepWorld) -> bool:
    """Nothing is opened that the fee limit would keep waiting; the next check finds it again."""
    try:
        await world.transactions.fees()
    except FeeAboveCapError as error:
        world.say(f"upkeep: put off: {error}")
        return False
    return True


async def _one(
    world: UpkeepWorld, run_id: str, step_id: int, chore: Chore, snapshot: VaultSnapshot
) -> StepResult:
    """Ask for the call once, and wait until it counts; what waits for a person is called off."""
    intent_id = await world.transactions.submit(
        intent_of(
            world,
            chore.call,
            step_id=step_id,
            key=f"{run_id}:{chore.key}",
            gas_cap=world.policy.gas_limit,
            expires_at=snapshot.at + timedelta(seconds=world.policy.plan_expiry_seconds),
        )
    )
    result = await settle(world, intent_id)
    world.say(f"upkeep: {chore.kind.lower()} of {chore.symbol}: {result.status.lower()}")
    return result


def _step(index: int, chore: Chore) -> NewStep:
    return step_of(
        index,
        chore.call,
        kind=chore.kind,
        asset=chore.subject,
        symbol=chore.symbol,
        amount=chore.assets,
        amount_in=chore.shares,
        quoted_out=chore.assets,
        reason=chore.reason,
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
