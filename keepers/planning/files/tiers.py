"""From a planning file for tiers to its answer."""

from keepers.planning.files.answer import Answer
from keepers.planning.files.canonical import plan_id
from keepers.planning.files.tiers_input import decode_tiers_request
from keepers.planning.files.tiers_output import answer_with
from keepers.planning.files.tiers_request import TiersRequest, encode_tiers_request
from keepers.planning.tiers.plan import plan_tiers

COMMAND = "tiers"


def plan_tiers_file(data: bytes) -> Answer:
    """Plan what a file asks.

    Raises:
        InputError: Something in it cannot be used; the field is named.
    """
    return answer_tiers_request(decode_tiers_request(data))


def answer_tiers_request(request: TiersRequest) -> Answer:
    """Plan a request, wherever it comes from: the same request has the same id and answer."""
    request = request.canonical()
    plan = plan_tiers(request.state, request.config, request.trigger, weekly=request.weekly)
    return answer_with(
        plan,
        plan_id=plan_id(COMMAND, encode_tiers_request(request)),
        decimals=request.state.settlement.decimals,
    )
