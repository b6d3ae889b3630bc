"""From a planning file for weights to its answer."""

from keepers.model.weights import WeightsRequest
from keepers.planning.files.answer import Answer
from keepers.planning.files.canonical import plan_id
from keepers.planning.files.weights_input import decode_weights_request
from keepers.planning.files.weights_output import answer_with
from keepers.planning.files.weights_request import encode_weights_request
from keepers.planning.weights.plan import plan_weights

COMMAND = "weights"


def plan_weights_file(data: bytes) -> Answer:
    """Plan what a file asks.

    Raises:
        InputError: Something in it cannot be used; the field is named.
    """
    return answer_weights_request(decode_weights_request(data))


def answer_weights_request(request: WeightsRequest) -> Answer:
    """Plan a request, wherever it comes from: the same request has the same id and answer."""
    return answer_with(
        plan_weights(request),
        plan_id=plan_id(COMMAND, encode_weights_request(request)),
        decimals={each.symbol: each.decimals for each in request.portfolio.assets},
    )
