"""Tier runs by an operator or a check: recovery, then one plan from snapshot to record."""

from __future__ import annotations

from keepers.model.errors.run import NothingToUndoError, UnknownRunError
from keepers.model.run import ACTION, OPENING, PLAN, NewRun, RunRecord, RunStatus
from keepers.model.tick import ALONE, Occasion
from keepers.model.tier_plan import TriggerChoice, TriggerKind
from keepers.model.transaction_records import IntentRecord
from keepers.model.vault import VaultSnapshot
from keepers.planning.rollback.plan import executed_of, plan_rollback
from keepers.runs.recovery import interrupt_intent, interrupted_run
from keepers.runs.tiers.approved import resume_approved
from keepers.runs.tiers.build_actions import positions_of
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.offers import has_replacement, is_refused_sale
from keepers.runs.tiers.strategy import INTERRUPTED, Source, driver_of
from keepers.runs.tiers.tier_plan import Proposal, propose, request_of, rest_of

REST = "the rest follows"
REPLACEMENTS = 4
"""Maximum immediate replans without sales that the chain would refuse."""


async def run_once(
    ports: TierRunDependencies,
    trigger: TriggerChoice,
    *,
    armed: bool,
    weekly: bool | None = None,
    occasion: Occasion = ALONE,
) -> RunRecord:
    """Resolve interrupted and waiting runs, then plan and, if armed, rebalance once.

    Args:
        ports: The ports.
        trigger: The trigger to evaluate.
        armed: Whether anything may be sent.
        weekly: Whether a scheduled check is the weekly one; derived from the weekday if None.
        occasion: The tick and the events since the last plan.

    Returns:
        The stored run, including a refused or failed one. A run that waits for approval is still
        open.

    Raises:
        BallastError: The outcome of a transaction is unknown; the run stays open and the next one
            resolves it.
    """

    async def source(snapshot: VaultSnapshot) -> Proposal:
        return propose(ports, snapshot, trigger, weekly=weekly, events=occasion.events)

    return await run_proposal(ports, str(trigger), source, armed=armed, occasion=occasion)


async def run_proposal(
    ports: TierRunDependencies,
    trigger: str,
    source: Source,
    *,
    armed: bool,
    occasion: Occasion = ALONE,
) -> RunRecord:
    """Run the proposal of a source, as `run_once`; `trigger` is its stored name."""
    left = await resume(ports, armed=armed)
    if isinstance(left, NewRun):
        if armed:
            return await _conduct_rest(ports, left)
        return ports.store.run(left.run_id)
    if left is not None:
        return left
    if armed:
        await settle_earlier(ports)
    for _ in range(REPLACEMENTS):
        record = await _conduct(ports, trigger, source, armed=armed, occasion=occasion)
        if not armed or not _lacks_cash(record) or not await has_replacement(ports, record):
            return record
        ports.progress(f"run {record.run.run_id}: sales were refused; replanned without them")
    return await _conduct(ports, trigger, source, armed=armed, occasion=occasion)


async def resume(ports: TierRunDependencies, *, armed: bool) -> RunRecord | NewRun | None:
    """Resume the vault's open run, if any.

    Returns:
        The run if it waits for approval or finished as approved; the follow-up run to conduct next,
        if any; None if a new trigger may be planned.

    Raises:
        OtherChainError: The run cannot be resolved on this chain.
        ArmRequiredError: A transaction must be resent, and this run is not armed.
        NotSettledError: The outcome of a transaction is still unknown.
        AwaitingFundsError: An approved plan waits for funds.
    """
    record = interrupted_run(ports)
    if record is None:
        return None
    ticket = ports.tickets.ticket(record.run.run_id)
    if ticket is not None:
        left = await resume_approved(ports, record, ticket, armed=armed)
        return None if left.status is RunStatus.REFUSED else left
    if record.run.follows is not None and not record.stages:
        return record.run
    await driver_of(ports).recover(armed=armed)
    follower = interrupted_run(ports)
    return None if follower is None else follower.run


async def settle_earlier(ports: TierRunDependencies) -> None:
    """Resolve transactions that a reorganisation removed from closed runs.

    They may still be included, and a plan that ignores them would repeat their actions.

    Raises:
        NotSettledError: The outcome of a transaction is still unknown.
    """
    if not await _earlier(ports):
        return
    await ports.transactions.run_pass()
    for run_id, intent in await _earlier(ports):
        if not intent.is_included:
            ports.progress(
                f"transaction {intent.intent_id} of run {run_id} is no longer in a block"
            )
            await interrupt_intent(ports, run_id, intent, INTERRUPTED, armed=True)


async def _earlier(ports: TierRunDependencies) -> list[tuple[str, IntentRecord]]:
    """Return the unfinalized transactions of the vault's runs with their run ids."""
    found: list[tuple[str, IntentRecord]] = []
    for intent in await ports.transactions.live():
        step = await ports.transactions.step(intent.intent.step_id)
        is_of_tiers = step.kind in {ACTION, OPENING, PLAN}
        if is_of_tiers and ports.store.run(step.run_id).run.vault == ports.vault:
            found.append((step.run_id, intent))
    return found


async def _conduct(
    ports: TierRunDependencies, trigger: str, source: Source, *, armed: bool, occasion: Occasion
) -> RunRecord:
    """Conduct a run and its follow-up run."""
    driver = driver_of(ports)
    run = driver.open(trigger, armed=armed, occasion=occasion)
    record = await driver.conduct(run, source)
    follower = None if record.status is RunStatus.OPEN else interrupted_run(ports)
    if follower is None:
        return record
    rest = f"{REST} in run {follower.run.run_id}"
    ports.progress(f"run {run.run_id}: {record.status.lower()}; {rest}")
    return await _conduct_rest(ports, follower.run)


async def _conduct_rest(ports: TierRunDependencies, run: NewRun) -> RunRecord:
    assert run.follows is not None  # noqa: S101 - it follows up another run
    origin = ports.store.run(run.follows)

    async def source(snapshot: VaultSnapshot) -> Proposal:
        return rest_of(origin, snapshot)

    return await driver_of(ports).conduct(run, source)


def _lacks_cash(record: RunRecord) -> bool:
    """Return whether refused sales were left out, which other sales may replace."""
    is_open = record.status is RunStatus.OPEN
    return not is_open and any(is_refused_sale(each) for each in record.steps)


async def roll_back(ports: TierRunDependencies, run_id: str, *, armed: bool) -> RunRecord:
    """Plan the reversal of a run on the current vault, and request approval.

    Raises:
        UnknownRunError: The vault has no such run.
        NothingToUndoError: The run is still open or changed nothing.
    """
    record = ports.store.run(run_id)
    if record.run.vault != ports.vault:
        raise UnknownRunError(run_id)
    if record.status is RunStatus.OPEN or not executed_of(record):
        raise NothingToUndoError(run_id, record.status)

    async def source(snapshot: VaultSnapshot) -> Proposal:
        return await _rollback_proposal(ports, record, snapshot)

    return await run_proposal(ports, str(TriggerKind.MANUAL), source, armed=armed)


async def _rollback_proposal(
    ports: TierRunDependencies, record: RunRecord, snapshot: VaultSnapshot
) -> Proposal:
    positions = await positions_of(ports, snapshot)
    config = ports.policy.tiers
    state = request_of(snapshot, config, TriggerKind.MANUAL, weekly=False).state
    run_id = record.run.run_id
    undone = plan_rollback(executed_of(record), positions, state, config, run_id=run_id)
    return Proposal(identity=f"rollback-{run_id}", plan=undone.plan, orders=undone.orders)
