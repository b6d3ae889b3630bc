"""File codec of the inventory planner: bytes in, JSON result out."""

from collections.abc import Mapping
from fractions import Fraction

from keepers.model.errors import EXIT_NOT_COVERED
from keepers.model.inventory import (
    LONGEST_TIME_LIMIT,
    Balance,
    BalanceTrigger,
    InFlight,
    InventoryPlan,
    InventoryRequest,
    PlannedTransfer,
    Route,
    SharedLimit,
    Solver,
    Uncovered,
)
from keepers.model.json_document import Json, plan_id, sorted_canonically
from keepers.model.money import format_exact, format_units
from keepers.planning.files.document import (
    PLANNED,
    DocumentNode,
    PlannerAnswer,
    exact_or,
    unless_null,
)
from keepers.planning.inventory.plan import plan_inventory

REQUIRED = ("trigger_percentage", "assets")
OPTIONAL = ("solver", "time_limit_seconds", "in_flight", "routes", "limits")
BALANCE = ("base", "balance", "decimals")
ENDS = ("asset", "source", "destination")
IN_FLIGHT = (*ENDS, "amount", "arriving", "debited", "credited")
ROUTE = (*ENDS, "route")
LIMIT = ("asset", "source", "maximum")
ROUTE_OPTIONS = ("fee", "fee_bps", "minimum", "maximum", "seconds", "fallback")

SOLVERS = {solver.value: solver for solver in Solver}

Assets = Mapping[str, Mapping[str, Balance]]


def decode_inventory_request(data: bytes) -> InventoryRequest:
    """Decode an inventory planning file.

    Args:
        data: The file, UTF-8.

    Raises:
        InputError: A field is invalid; the first one is named.
    """
    root = DocumentNode.of(data).members(REQUIRED, OPTIONAL)
    percentage = root["trigger_percentage"].exact()
    assets = {
        asset: {chain: _balance(each) for chain, each in node.entries().items()}
        for asset, node in root["assets"].entries().items()
    }
    flights = root["in_flight"].items() if "in_flight" in root else []
    return InventoryRequest(
        trigger_percentage=percentage,
        assets=assets,
        in_flight=tuple(_in_flight(node, assets) for node in flights),
        routes=unless_null(root.get("routes"), lambda node: _routes(node, assets)),
        solver=root["solver"].choice(SOLVERS) if "solver" in root else Solver.EXACT,
        time_limit=exact_or(root.get("time_limit_seconds"), LONGEST_TIME_LIMIT),
        limits=tuple(_limit(node, assets) for node in root["limits"].items())
        if "limits" in root
        else (),
    )


def _balance(node: DocumentNode) -> Balance:
    members = node.members(BALANCE)
    decimals = members["decimals"].decimals()
    return Balance(
        base=members["base"].units(decimals),
        balance=members["balance"].units(decimals),
        decimals=decimals,
    )


def _in_flight(node: DocumentNode, assets: Assets) -> InFlight:
    members = node.members(IN_FLIGHT)
    asset, source, destination = _ends(members, assets)
    return InFlight(
        asset=asset,
        source=source,
        destination=destination,
        amount=members["amount"].units(assets[asset][source].decimals),
        arriving=members["arriving"].units(assets[asset][destination].decimals),
        debited=members["debited"].flag(),
        credited=members["credited"].flag(),
    )


def _routes(node: DocumentNode, assets: Assets) -> tuple[Route, ...]:
    return tuple(_route(each, assets) for each in node.items())


def _route(node: DocumentNode, assets: Assets) -> Route:
    members = node.members(ROUTE, ROUTE_OPTIONS)
    asset, source, destination = _ends(members, assets)
    decimals = assets[asset][source].decimals
    return Route(
        asset=asset,
        source=source,
        destination=destination,
        route=members["route"].text(),
        fee=members["fee"].units(decimals) if "fee" in members else 0,
        fee_bps=exact_or(members.get("fee_bps"), Fraction(0)),
        minimum=unless_null(members.get("minimum"), lambda each: each.units(decimals)),
        maximum=unless_null(members.get("maximum"), lambda each: each.units(decimals)),
        seconds=exact_or(members.get("seconds"), Fraction(0)),
        fallback=members["fallback"].flag() if "fallback" in members else False,
    )


def _limit(node: DocumentNode, assets: Assets) -> SharedLimit:
    members = node.members(LIMIT, ("route",))
    asset, source = _ends(members, assets, ("source",))
    return SharedLimit(
        asset=asset,
        source=source,
        route=unless_null(members.get("route"), DocumentNode.text),
        maximum=members["maximum"].units(assets[asset][source].decimals),
    )


def _ends(
    members: Mapping[str, DocumentNode],
    assets: Assets,
    ends: tuple[str, ...] = ("source", "destination"),
) -> list[str]:
    """Return the asset and its chains at both ends; all must be known."""
    asset = members["asset"].text()
    if asset not in assets:
        raise members["asset"].error(f"{asset} is not one of the assets")
    found = [asset]
    for end in ends:
        chain = members[end].text()
        if chain not in assets[asset]:
            raise members[end].error(f"{chain} is not one of the chains of {asset}")
        found.append(chain)
    return found


def encode_inventory_request(request: InventoryRequest) -> dict[str, Json]:
    """Encode the request as a planning file: complete, normalised, with sorted lists."""
    flights = (_encode_in_flight(request, each) for each in request.in_flight)
    document: dict[str, Json] = {
        "trigger_percentage": format_exact(request.trigger_percentage),
        "solver": str(request.solver),
        "time_limit_seconds": format_exact(request.time_limit),
        "assets": {
            asset: {chain: _encode_balance(each) for chain, each in chains.items()}
            for asset, chains in request.assets.items()
        },
        "in_flight": sorted_canonically(flights),
        "routes": _encode_routes(request),
    }
    if request.limits:
        document["limits"] = sorted_canonically(_encode_total(request, e) for e in request.limits)
    return document


def _encode_balance(balance: Balance) -> dict[str, Json]:
    return {
        "base": format_units(balance.base, balance.decimals),
        "balance": format_units(balance.balance, balance.decimals),
        "decimals": balance.decimals,
    }


def _encode_in_flight(request: InventoryRequest, flight: InFlight) -> dict[str, Json]:
    chains = request.assets[flight.asset]
    return {
        "asset": flight.asset,
        "source": flight.source,
        "destination": flight.destination,
        "amount": format_units(flight.amount, chains[flight.source].decimals),
        "arriving": format_units(flight.arriving, chains[flight.destination].decimals),
        "debited": flight.debited,
        "credited": flight.credited,
    }


def _encode_routes(request: InventoryRequest) -> list[Json] | None:
    if request.routes is None:
        return None
    return sorted_canonically(_encode_route(request, route) for route in request.routes)


def _encode_route(request: InventoryRequest, route: Route) -> dict[str, Json]:
    decimals = request.assets[route.asset][route.source].decimals
    return {
        "asset": route.asset,
        "source": route.source,
        "destination": route.destination,
        "route": route.route,
        "fee": format_units(route.fee, decimals),
        "fee_bps": format_exact(route.fee_bps),
        "minimum": _encode_limit(route.minimum, decimals),
        "maximum": _encode_limit(route.maximum, decimals),
        "seconds": format_exact(route.seconds),
        "fallback": route.fallback,
    }


def _encode_total(request: InventoryRequest, limit: SharedLimit) -> dict[str, Json]:
    return {
        "asset": limit.asset,
        "source": limit.source,
        "route": limit.route,
        "maximum": format_units(limit.maximum, request.assets[limit.asset][limit.source].decimals),
    }


def _encode_limit(units: int | None, decimals: int) -> str | None:
    return None if units is None else format_units(units, decimals)


def answer_with(plan: InventoryPlan, *, plan_id: str) -> PlannerAnswer:
    """Encode a plan; the exit status reports whether every trigger is covered."""
    return PlannerAnswer(
        {
            "plan_id": plan_id,
            "triggers": [_trigger(each) for each in plan.triggers],
            "transfers": [_transfer(each) for each in plan.transfers],
            "uncovered": [_uncovered(each) for each in plan.uncovered],
            "transfer_count": len(plan.transfers),
            "lower_bound": plan.lower_bound,
            "optimal": plan.optimal,
            "greedy_count": None if plan.greedy is None else len(plan.greedy),
        },
        EXIT_NOT_COVERED if plan.uncovered else PLANNED,
    )


def _trigger(trigger: BalanceTrigger) -> dict[str, Json]:
    return {
        "asset": trigger.asset,
        "chain": trigger.chain,
        "balance": format_units(trigger.balance, trigger.decimals),
        "threshold": format_exact(Fraction(trigger.threshold, 10**trigger.decimals)),
        "deficit": format_units(trigger.deficit, trigger.decimals),
    }


def _transfer(transfer: PlannedTransfer) -> dict[str, Json]:
    return {
        "asset": transfer.asset,
        "source": transfer.source,
        "destination": transfer.destination,
        "route": transfer.route,
        "amount": format_units(transfer.amount, transfer.source_decimals),
        "arrives": format_units(transfer.arrives, transfer.destination_decimals),
    }


def _uncovered(uncovered: Uncovered) -> dict[str, Json]:
    return {
        "asset": uncovered.asset,
        "chain": uncovered.chain,
        "deficit": format_units(uncovered.deficit, uncovered.decimals),
        "available": format_exact(uncovered.available),
        "error": str(uncovered.error),
    }


COMMAND = "inventory"


def plan_inventory_file(data: bytes) -> PlannerAnswer:
    """Plan the request of a file.

    Raises:
        InputError: A field is invalid; it is named.
    """
    return answer_inventory_request(decode_inventory_request(data))


def answer_inventory_request(request: InventoryRequest) -> PlannerAnswer:
    """Plan a request; equal requests have equal ids and results."""
    return answer_inventory_plan(request, plan_inventory(request))


def answer_inventory_plan(request: InventoryRequest, plan: InventoryPlan) -> PlannerAnswer:
    """Encode a plan for a request."""
    return answer_with(plan, plan_id=plan_id(COMMAND, encode_inventory_request(request)))
