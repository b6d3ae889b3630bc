"""Planning of a file for weights: from its bytes to the result in JSON."""

from collections.abc import Mapping
from fractions import Fraction

from keepers.model.json_document import Json, plan_id
from keepers.model.money import format_exact, format_rounded
from keepers.model.weights import PortfolioWeights, Purchase, Sale, WeightsPlan, WeightsRequest
from keepers.planning.files.answer import PlannerAnswer
from keepers.planning.files.weights_input import decode_weights_request, encode_weights_request
from keepers.planning.weights.plan import plan_weights

PLACES = 18
"""Decimals of a number that does not end."""

LOSS_PLACES = 4

MOST_PLACES = 3000
"""Beyond so many decimals a number is taken as one that does not end."""

_ENDING = 10**MOST_PLACES


def answer_with(plan: WeightsPlan, *, plan_id: str, decimals: Mapping[str, int]) -> PlannerAnswer:
    """Spell a plan; one that the contract would reject is an answer like any other.

    Args:
        plan: The plan.
        plan_id: The id of what it answers.
        decimals: Decimals of the assets, by symbol.
    """
    phases: dict[str, Json] = {
        "sell": [_sale(sale, decimals[sale.symbol]) for sale in plan.sales],
        "weights": _numbers(plan.weights),
        "gaps": _numbers(plan.gaps),
        "budget": spell(plan.budget),
        "allocate": _numbers(plan.allocations),
        "buy": [_purchase(each, decimals[each.symbol]) for each in plan.purchases],
    }
    rejection = plan.rejection
    return PlannerAnswer(
        {
            "plan_id": plan_id,
            "phases": phases,
            "before": _weighing(plan.before),
            "after": _weighing(plan.after),
            "value_loss_bps": format_rounded(plan.value_loss, LOSS_PLACES),
            "improved": plan.improved,
            "accepted": plan.accepted,
            "rejected_because": None if rejection is None else str(rejection),
        }
    )


def spell(number: Fraction) -> str:
    """A number exactly if its decimals end, else rounded half to even at 18 places."""
    if _ENDING % number.denominator == 0:
        return format_exact(number)
    return format_rounded(number, PLACES)


def _sale(sale: Sale, decimals: int) -> dict[str, Json]:
    quantity = spell(Fraction(sale.quantity) / 10**decimals)
    return {"symbol": sale.symbol, "quantity": quantity, "proceeds": spell(sale.proceeds)}


def _purchase(purchase: Purchase, decimals: int) -> dict[str, Json]:
    quantity = spell(Fraction(purchase.quantity) / 10**decimals)
    return {"symbol": purchase.symbol, "spent": spell(purchase.spent), "quantity": quantity}


def _weighing(weighing: PortfolioWeights) -> dict[str, Json]:
    return {
        "total_value": spell(weighing.total_value),
        "weights": _numbers(weighing.weights),
        "settlement_weight": spell(weighing.settlement_weight),
        "deviation": spell(weighing.deviation),
    }


def _numbers(numbers: Mapping[str, Fraction]) -> dict[str, Json]:
    return {symbol: spell(number) for symbol, number in numbers.items()}


COMMAND = "weights"


def plan_weights_file(data: bytes) -> PlannerAnswer:
    """Plan what a file asks.

    Raises:
        InputError: Something in it cannot be used; the field is named.
    """
    return answer_weights_request(decode_weights_request(data))


def answer_weights_request(request: WeightsRequest) -> PlannerAnswer:
    """Plan a request, wherever it comes from: the same request has the same id and answer."""
    return answer_with(
        plan_weights(request),
        plan_id=plan_id(COMMAND, encode_weights_request(request)),
        decimals={each.symbol: each.decimals for each in request.portfolio.assets},
    )
