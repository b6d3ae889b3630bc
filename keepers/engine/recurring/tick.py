"""One tick: what is due is executed where it pays, what is stuck is booked again."""

from __future__ import annotations

from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

from keepers.domain.errors_chain import FeeAboveCapError
from keepers.domain.recurring import StuckJob
from keepers.domain.run import RunRecord
from keepers.engine.recurring.choosing import batches, worthwhile
from keepers.engine.recurring.ports import RecurringWorld
from keepers.engine.recurring.recovery import recover
from keepers.engine.recurring.run import Batch, execution_of, fixes_of, is_told, run_batches
from keepers.engine.recurring.telling import tell_of_stuck


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a tick looks for.

    Attributes:
        due: Whether bookings that are due are executed.
        failed: Whether events tell what is to be fixed.
        sweep: Whether all records are looked at for what is stuck; then people hear of the rest.
        by_hand: Whether a person asks, who is told again what the last dry run has told.
    """

    due: bool = True
    failed: bool = True
    sweep: bool = False
    by_hand: bool = False


async def recurring_tick(world: RecurringWorld, wanted: Wanted, *, armed: bool) -> RunRecord | None:
    """Resolve what was interrupted, then do what is wanted and worthwhile, if armed.

    Several keepers may do this at once: what another one did first is left out when a batch is
    made, and the batch leaves out what is gone when it is included.

    Returns:
        The run as the journal holds it; None where there is nothing to do, or gas is too dear.

    Raises:
        ChainError: Scheduler or lens cannot be read.
        NotSettled: How a transaction ended is not known; the run stays open, and the next tick
            finds out.
    """
    with bound_contextvars(vault=world.vault):
        await recover(world, armed=armed)
        price = await _price(world)
        if price is None:
            return None
        made: list[Batch] = []
        if wanted.due:
            made += await _executions(world, price)
        made += await _fixes(world, wanted, armed=armed)
        is_heard = armed or wanted.by_hand
        record: RunRecord | None = None
        if made and (is_heard or not is_told(world, made)):
            record = await run_batches(world, made, armed=armed)
        if armed:
            world.failures.dealt_with()
        return record


async def _price(world: RecurringWorld) -> int | None:
    """What a unit of gas costs now; None where that is above a limit."""
    try:
        fees = await world.transactions.fees()
    except FeeAboveCapError as error:
        world.say(f"{world.vault}: put off: {error}")
        return None
    price = await world.jobs.base_fee() + fees.priority
    if price > world.recurring.maximum_price:
        limit = world.recurring.maximum_price
        world.say(f"{world.vault}: put off: gas costs {price} wei, above the limit of {limit}")
        return None
    return price


async def _executions(world: RecurringWorld, price: int) -> list[Batch]:
    due = await world.jobs.due()
    measured = await world.jobs.measure(due, world.keeper, price) if due else []
    chosen = worthwhile(measured, world.recurring)
    if len(chosen) < len(due):
        world.say(f"{world.vault}: {len(due)} due, {len(chosen)} of them run and pay")
    return [execution_of(world, each) for each in batches(chosen, world.recurring)]


async def _fixes(world: RecurringWorld, wanted: Wanted, *, armed: bool) -> list[Batch]:
    stuck: list[StuckJob] = []
    if wanted.sweep:
        stuck += await world.jobs.stuck()
    if wanted.failed:
        known = {each.number for each in stuck}
        found = await world.jobs.stuck_of(await world.failures.look())
        stuck += [each for each in found if each.number not in known]
    fixable = (
        await world.jobs.fixable(stuck, world.keeper, world.recurring.fix_gas) if stuck else []
    )
    if wanted.sweep and armed:
        booked = {each.number for each in fixable}
        tell_of_stuck(world, [each for each in stuck if each.number not in booked])
    return fixes_of(world, fixable)
