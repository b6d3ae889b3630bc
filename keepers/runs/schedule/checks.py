"""The schedules of a vault: which check is made when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from keepers.model.cron import Cron
from keepers.model.tick import Occasion, Tick, TickResult
from keepers.model.tier_plan import TriggerKind
from keepers.runs.schedule.ports import Schedule, VaultKeeper, Watch

NO_EVENTS = "no events"


@dataclass(frozen=True, slots=True)
class CheckTimes:
    """When each check is due.

    The first scheduled check at or after a time of `weekly` looks at weights too.
    """

    daily: Cron
    weekly: Cron
    threshold: Cron
    liquidity: Cron
    events: Cron


def vault_schedules(keeper: VaultKeeper, times: CheckTimes, watch: Watch) -> tuple[Schedule, ...]:
    """The checks of a vault in the order in which they are made when several are due."""
    return (
        Schedule("liquidity", times.liquidity, _plain(keeper, TriggerKind.LIQUIDITY)),
        Schedule("events", times.events, _events(keeper, watch)),
        Schedule("threshold", times.threshold, _plain(keeper, TriggerKind.THRESHOLD)),
        Schedule("daily", times.daily, _scheduled(keeper, times.weekly)),
    )


def _plain(keeper: VaultKeeper, trigger: TriggerKind) -> Callable[[Tick], Awaitable[TickResult]]:
    async def work(tick: Tick) -> TickResult:
        found = await keeper.check(trigger, weekly=False, occasion=Occasion(tick.tick_id))
        return TickResult(found.run_id, found.text)

    return work


def _scheduled(keeper: VaultKeeper, weekly: Cron) -> Callable[[Tick], Awaitable[TickResult]]:
    async def work(tick: Tick) -> TickResult:
        occasion = Occasion(tick.tick_id)
        is_weekly = weekly.fires(tick.since, tick.due)
        found = await keeper.check(TriggerKind.SCHEDULED, weekly=is_weekly, occasion=occasion)
        return TickResult(found.run_id, found.text)

    return work


def _events(keeper: VaultKeeper, watch: Watch) -> Callable[[Tick], Awaitable[TickResult]]:
    async def work(tick: Tick) -> TickResult:
        offer = await watch.look()
        if not offer.events:
            return TickResult(None, NO_EVENTS, offer.noted)
        occasion = Occasion(tick.tick_id, offer.events, offer.handled)
        found = await keeper.check(TriggerKind.EVENT, weekly=False, occasion=occasion)
        return TickResult(found.run_id, found.text, offer.noted)

    return work
