"""Runs of calls that need no plan: each is one step, one intent, one transaction that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from keepers.model.chain import ContractCall
from keepers.model.ports import Clock, Journal
from keepers.model.run import (
    JsonObject,
    NewRun,
    NewStep,
    RunRecord,
    RunStatus,
    Stage,
    StepStatus,
)
from keepers.model.transactions.records import NewIntent
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import StepResult
from keepers.runs.tiers.details import results_detail

DRY = "nothing sent; use --arm"


class Caller(Protocol):
    """Of a world, what calls and their runs need."""

    @property
    def vault(self) -> str:
        """In whose name runs are kept."""
        ...

    @property
    def chain_id(self) -> int:
        """The chain."""
        ...

    @property
    def keeper(self) -> str:
        """Who sends."""
        ...

    @property
    def journal(self) -> Journal:
        """Where runs are kept."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def policy(self) -> RunPolicy:
        """What is allowed."""
        ...


def intent_of(
    world: Caller, call: ContractCall, *, step_id: int, key: str, gas_cap: int, expires_at: datetime
) -> NewIntent:
    """A step's one call, which the same key asks for once."""
    return NewIntent(
        step_id=step_id,
        idempotency_key=key,
        chain_id=world.chain_id,
        sender=world.keeper,
        target=call.target,
        calldata=call.calldata,
        value=0,
        gas_cap=gas_cap,
        expires_at=expires_at,
    )


def begin_run(
    world: Caller,
    run_id: str,
    trigger: str,
    detail: JsonObject,
    steps: Sequence[NewStep],
    *,
    armed: bool,
) -> tuple[int, ...]:
    """Open a run, keep what it is about, and add its steps; answers their ids."""
    run = NewRun(
        run_id=run_id,
        vault=world.vault,
        chain_id=world.chain_id,
        trigger=trigger,
        armed=armed,
        started_at=world.clock.now(),
    )
    world.journal.open_run(run)
    world.journal.record_stage(run_id, Stage.PLAN, detail)
    return world.journal.add_steps(run_id, steps)


def end_dry(world: Caller, run_id: str, step_ids: Sequence[int]) -> RunRecord:
    """End a run of which nothing is sent."""
    for step_id in step_ids:
        world.journal.skip_step(step_id, DRY)
    world.journal.close_run(run_id, RunStatus.DRY_RUN, DRY)
    return world.journal.run(run_id)


def is_told_dry(world: Caller, steps: Sequence[NewStep]) -> bool:
    """Whether the newest run was a dry one of the same calls, not long ago."""
    last = world.journal.last_run_of(world.vault)
    if last is None or last.status is not RunStatus.DRY_RUN or last.finished_at is None:
        return False
    told = [(each.step.target, each.step.calldata) for each in last.steps]
    since = world.clock.now() - last.finished_at
    is_recent = since < timedelta(seconds=world.policy.repeat_seconds)
    return is_recent and told == [(each.target, each.calldata) for each in steps]


def end_run(
    world: Caller, run_id: str, results: Mapping[int, StepResult], shortfall: str | None = None
) -> RunRecord:
    """End a run by how its steps have: done, in part, or failed for the first reason.

    Args:
        world: The ports.
        run_id: The run.
        results: How its steps ended.
        shortfall: What of them did less than it should, though its transaction went well.
    """
    world.journal.record_stage(run_id, Stage.EXECUTION, results_detail(results))
    done = [each.status is StepStatus.DONE for each in results.values()]
    status = RunStatus.PARTIAL if any(done) else RunStatus.FAILED
    if all(done) and shortfall is None:
        status = RunStatus.DONE
    reason = next((each.error for each in results.values() if each.error is not None), shortfall)
    world.journal.close_run(run_id, status, reason)
    return world.journal.run(run_id)


def step_of(
    index: int,
    call: ContractCall,
    *,
    kind: str,
    asset: str,
    symbol: str,
    amount: int,
    amount_in: int,
    quoted_out: int,
    reason: str,
) -> NewStep:
    """A call as the journal has steps: nothing is bought, and nothing is promised."""
    return NewStep(
        index=index,
        kind=kind,
        tier=0,
        asset=asset,
        symbol=symbol,
        amount=amount,
        amount_in=amount_in,
        quoted_out=quoted_out,
        minimum_out=0,
        priority=0,
        depends_on=(),
        reason=reason,
        target=call.target,
        calldata=call.calldata,
        estimated_slippage_bps="0",
    )
