"""One action through the transaction engine, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime

from keepers.model.approval import ApprovablePlan
from keepers.model.chain import ContractCall
from keepers.model.errors.run import AwaitingFundsError
from keepers.model.run import StepStatus
from keepers.model.transactions.records import IntentRecord, NewIntent, StepView
from keepers.model.transactions.states import Hold, StepState
from keepers.runs.caller import Caller
from keepers.runs.tiers.action import Action, StepResult
from keepers.runs.tiers.dependencies import World
from keepers.runs.tiers.gas import gas_limit_of

OPENING_FACTOR = 2
"""Opening a plan values every holding and checks signatures: so many times an action's gas."""


async def submit(
    world: World, run_id: str, step_id: int, action: Action, call: ContractCall
) -> int:
    """Ask for an action's call, once, until its deadline; answers the intent."""
    new = NewIntent(
        step_id=step_id,
        idempotency_key=f"{run_id}:{action.step.index}",
        chain_id=world.chain_id,
        sender=world.keeper,
        target=call.target,
        calldata=call.calldata,
        value=0,
        gas_cap=gas_limit_of(world.policy, action.position.kind),
        expires_at=action.deadline,
    )
    return await world.transactions.submit(new)


async def submit_opening(
    world: World, run_id: str, plan: ApprovablePlan, call: ContractCall
) -> int:
    """Ask for the call that opens an approved plan, once, until its deadline."""
    detail = {"plan_hash": world.plans.hash_of(plan), "target": call.target}
    step_id = world.journal.open_step(run_id, detail)
    new = NewIntent(
        step_id=step_id,
        idempotency_key=f"{run_id}:opening",
        chain_id=world.chain_id,
        sender=world.keeper,
        target=call.target,
        calldata=call.calldata,
        value=0,
        gas_cap=world.policy.gas_limit * OPENING_FACTOR,
        expires_at=datetime.fromtimestamp(plan.deadline, UTC),
    )
    return await world.transactions.submit(new)


async def settle(world: Caller, intent_id: int, *, waits: bool = False) -> StepResult:
    """Wait until it counts; what waits for coins or for a person is called off.

    Args:
        world: The ports.
        intent_id: The intent.
        waits: Whether it stays asked for while coins are missing, as what people have approved.

    Raises:
        NotSettledError: It takes too long; the run stays open, and the next one goes on.
        AwaitingFundsError: It waits for coins; so does the run.
    """
    seconds = world.policy.confirmation_timeout_seconds
    record = await world.transactions.settle(intent_id, seconds, world.say)
    if waits and record.hold is Hold.FUNDS:
        raise AwaitingFundsError(world.keeper, record.reason or "its coins do not suffice")
    if record.hold is not None:
        reason = f"called off: {record.reason}"
        await world.transactions.withdraw(intent_id, reason)
        record = await world.transactions.intent(intent_id)
    return result_of(record, await world.transactions.step(record.intent.step_id))


def result_of(record: IntentRecord, step: StepView) -> StepResult:
    """What a step has come to."""
    included = record.inclusion
    done = step.state is StepState.DONE
    outcome = step.outcome or {}
    if included is None:
        return StepResult(StepStatus.FAILED, error=step.reason)
    return StepResult(
        StepStatus.DONE if done else StepStatus.FAILED,
        received=int(outcome.get("received", 0)) if done else 0,
        block=included.block_number,
        gas_used=included.gas_used,
        fee=included.gas_used * included.effective_gas_price,
        error=step.reason,
    )
