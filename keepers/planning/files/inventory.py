"""Planning of a file for the inventory: from its bytes to the result in JSON."""

from fractions import Fraction

from keepers.model.errors import EXIT_NOT_COVERED
from keepers.model.inventory import (
    BalanceTrigger,
    InventoryPlan,
    InventoryRequest,
    PlannedTransfer,
    Uncovered,
)
from keepers.model.json_document import Json, plan_id
from keepers.model.money import format_exact, format_units
from keepers.planning.files.answer import PLANNED, PlannerAnswer
from keepers.planning.files.inventory_input import (
    decode_inventory_request,
    encode_inventory_request,
)
from keepers.planning.inventory.plan import plan_inventory


def answer_with(plan: InventoryPlan, *, plan_id: str) -> PlannerAnswer:
    """Spell a plan; the exit status says whether everything is covered."""
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
    """Plan what a file asks.

    Raises:
        InputError: Something in it cannot be used; the field is named.
    """
    return answer_inventory_request(decode_inventory_request(data))


def answer_inventory_request(request: InventoryRequest) -> PlannerAnswer:
    """Plan a request, wherever it comes from: the same request has the same id and answer."""
    return answer_inventory_plan(request, plan_inventory(request))


def answer_inventory_plan(request: InventoryRequest, plan: InventoryPlan) -> PlannerAnswer:
    """The answer that a plan for a request is."""
    return answer_with(plan, plan_id=plan_id(COMMAND, encode_inventory_request(request)))
