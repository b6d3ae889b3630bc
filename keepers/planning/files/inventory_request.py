"""What a planning file for the inventory asks, as the file spells it."""

from keepers.model.inventory import Balance, InFlight, InventoryRequest, Route, SharedLimit
from keepers.model.numerals import format_exact, format_units
from keepers.planning.files.canonical import Json, sorted_canonically


def encode_inventory_request(request: InventoryRequest) -> dict[str, Json]:
    """The request as a planning file: complete, normalised, with its lists sorted."""
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
