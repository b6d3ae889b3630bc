"""Inventory plan for all assets: triggers, transfers and uncovered deficits."""

from dataclasses import dataclass
from fractions import Fraction

from keepers.model.inventory import (
    BalanceTrigger,
    InventoryPlan,
    InventoryRequest,
    PlannedTransfer,
    Route,
    Solver,
    Surplus,
    Uncovered,
    UncoveredError,
)
from keepers.planning.inventory.cover import best_cover
from keepers.planning.inventory.greedy import greedy_solution
from keepers.planning.inventory.market import AssetMarket, simple_bound
from keepers.planning.inventory.needs import (
    surpluses_of,
    tokens,
    total_deficit,
    total_surplus,
    triggers_of,
)
from keepers.planning.inventory.solution import OutOfTimeError, PlanningDeadline, transfers_of


@dataclass(frozen=True, slots=True)
class AssetPlan:
    """The plan for one asset; `covered` holds positions of triggers."""

    covered: tuple[int, ...]
    transfers: tuple[PlannedTransfer, ...]
    lower_bound: int
    optimal: bool
    greedy: tuple[PlannedTransfer, ...] | None


def plan_inventory(
    request: InventoryRequest, deadline: PlanningDeadline | None = None
) -> InventoryPlan:
    """Plan transfers that restore triggered chains to their bases (rulebook, sections 2 to 5).

    Assets are planned separately, one after another, and share the time limit.

    Args:
        request: Balances, routes and transfers in progress.
        deadline: Defaults to the request's time limit from now.
    """
    deadline = deadline or PlanningDeadline.after(request.time_limit)
    triggers, surpluses = triggers_of(request), surpluses_of(request)
    plans: list[AssetPlan] = []
    uncovered: list[Uncovered] = []
    for asset in sorted({each.asset for each in triggers}):
        market = AssetMarket(
            [each for each in triggers if each.asset == asset],
            [each for each in surpluses if each.asset == asset],
            _routes_of(request, asset),
            [each for each in request.limits if each.asset == asset],
        )
        plan = _plan_asset(market, request.solver, deadline)
        plans.append(plan)
        uncovered.extend(_uncovered(market, plan.covered))
    return _together(triggers, surpluses, plans, uncovered)


def _routes_of(request: InventoryRequest, asset: str) -> list[Route] | None:
    if request.routes is None:
        return None
    return [route for route in request.routes if route.asset == asset]


def _together(
    triggers: list[BalanceTrigger],
    surpluses: list[Surplus],
    plans: list[AssetPlan],
    uncovered: list[Uncovered],
) -> InventoryPlan:
    greedy: list[PlannedTransfer] | None = []
    for plan in plans:
        greedy = None if greedy is None or plan.greedy is None else [*greedy, *plan.greedy]
    return InventoryPlan(
        triggers=tuple(triggers),
        surpluses=tuple(surpluses),
        transfers=tuple(transfer for plan in plans for transfer in plan.transfers),
        uncovered=tuple(uncovered),
        lower_bound=sum(plan.lower_bound for plan in plans),
        optimal=all(plan.optimal for plan in plans),
        greedy=None if greedy is None else tuple(greedy),
    )


def _plan_asset(market: AssetMarket, solver: Solver, deadline: PlanningDeadline) -> AssetPlan:
    if solver is Solver.EXACT:
        try:
            found = best_cover(market, deadline)
        except OutOfTimeError:
            return _greedy_plan(market, optimal=False)
        solution = found.fewest.solution
        return AssetPlan(
            found.triggers,
            tuple(transfers_of(found.market, solution)),
            found.fewest.lower_bound,
            found.fewest.optimal,
            _greedy_for(found.market),
        )
    return _greedy_plan(market, optimal=True)


def _greedy_plan(market: AssetMarket, *, optimal: bool) -> AssetPlan:
    """Return the greedy rule's plan; `optimal` allows it to count as optimal at the lower bound."""
    solution, covered = greedy_solution(market)
    transfers = tuple(transfers_of(market, solution))
    bound = simple_bound(market, covered)
    return AssetPlan(
        tuple(covered), transfers, bound, optimal and len(transfers) == bound, transfers
    )


def _greedy_for(market: AssetMarket) -> tuple[PlannedTransfer, ...] | None:
    """Return the greedy rule's transfers, or None if it cannot cover all triggers."""
    solution, covered = greedy_solution(market)
    if len(covered) < len(market.triggers):
        return None
    return tuple(transfers_of(market, solution))


def _uncovered(market: AssetMarket, covered: tuple[int, ...]) -> list[Uncovered]:
    used = total_deficit(market.triggers[index] for index in covered)
    available = total_surplus(market.surpluses) - used
    return [
        Uncovered(
            asset=trigger.asset,
            chain=trigger.chain,
            decimals=trigger.decimals,
            deficit=trigger.deficit,
            available=available,
            error=_reason(available, tokens(trigger.deficit, trigger.decimals)),
        )
        for index, trigger in enumerate(market.triggers)
        if index not in covered
    ]


def _reason(available: Fraction, deficit: Fraction) -> UncoveredError:
    if available < deficit:
        return UncoveredError.INSUFFICIENT_SURPLUS
    return UncoveredError.ROUTE_UNAVAILABLE
