"""From a planning file for the inventory to its answer."""

from keepers.model.inventory import InventoryRequest
from keepers.model.inventory_plan import InventoryPlan
from keepers.planning.files.answer import Answer
from keepers.planning.files.canonical import plan_id
from keepers.planning.files.inventory_input import decode_inventory_request
from keepers.planning.files.inventory_output import answer_with
from keepers.planning.files.inventory_request import encode_inventory_request
from keepers.planning.inventory.plan import plan_inventory

COMMAND = "inventory"


def plan_inventory_file(data: bytes) -> Answer:
    """Plan what a file asks.

    Raises:
        InputError: Something in it cannot be used; the field is named.
    """
    return answer_inventory_request(decode_inventory_request(data))


def answer_inventory_request(request: InventoryRequest) -> Answer:
    """Plan a request, wherever it comes from: the same request has the same id and answer."""
    return answer_inventory_plan(request, plan_inventory(request))


def answer_inventory_plan(request: InventoryRequest, plan: InventoryPlan) -> Answer:
    """The answer that a plan for a request is."""
    return answer_with(plan, plan_id=plan_id(COMMAND, encode_inventory_request(request)))
