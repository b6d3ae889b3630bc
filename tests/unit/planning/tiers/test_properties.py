"""Property tests of plans, for any vault."""

import json
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.json_document import Json, canonical_json
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TierPlan
from keepers.planning.files.tiers import (
    TiersRequest,
    decode_tiers_request,
    encode_tiers_request,
    plan_tiers_file,
)
from keepers.planning.tiers import plan_tiers
from keepers.planning.tiers.goals import levels_of
from keepers.planning.tiers.triggers import liquid_need, redemptions_press
from tests.unit.planning.tiers.strategies import documents

pytestmark = pytest.mark.long

ANY_VAULT = st.one_of(documents(), documents(largest=10**30, decimals=18))
WITHOUT_REDEMPTIONS = ANY_VAULT.map(lambda document: document | {"redemptions_due": "0"})


def read(document: dict[str, Any]) -> TiersRequest:
    return decode_tiers_request(json.dumps(document).encode())


def planned(request: TiersRequest) -> TierPlan:
    return plan_tiers(request.state, request.config, request.trigger, weekly=request.weekly)


def shuffled(value: Json, order: random.Random) -> Json:
    """Return the document with object members and list items in another order."""
    match value:
        case dict():
            members = [(key, shuffled(each, order)) for key, each in value.items()]
            order.shuffle(members)
            return dict(members)
        case list():
            items = [shuffled(each, order) for each in value]
            order.shuffle(items)
            return items
        case _:
            return value


@given(ANY_VAULT)
def test_plan_tiers__any_vault__conserves_value_and_leaves_no_tier_negative(
    document: dict[str, Any],
) -> None:
    plan = planned(read(document))

    assert sum(plan.after) == sum(plan.before)
    assert min(plan.after) >= 0


@given(ANY_VAULT)
def test_plan_tiers__any_vault__lets_no_tier_both_give_and_take(document: dict[str, Any]) -> None:
    plan = planned(read(document))

    givers = {action.from_tier for action in plan.actions}
    takers = {action.to_tier for action in plan.actions}
    assert not givers & takers
    assert len(plan.actions) <= 2
    assert all(action.amount > 0 and action.depends_on == () for action in plan.actions)


@given(WITHOUT_REDEMPTIONS)
def test_plan_tiers__no_redemptions__moves_no_tier_past_its_target(
    document: dict[str, Any],
) -> None:
    request = read(document)
    plan = planned(request)

    target = levels_of(request.state.total, request.config).target
    for tier in Tier:
        low, high = sorted((plan.before[tier], target[tier]))
        assert low <= plan.after[tier] <= high


@given(WITHOUT_REDEMPTIONS)
def test_plan_tiers__no_redemptions__pushes_no_tier_out_of_its_band(
    document: dict[str, Any],
) -> None:
    request = read(document)
    plan = planned(request)

    levels = levels_of(request.state.total, request.config)
    for tier in Tier:
        if plan.after[tier] < plan.before[tier]:
            assert plan.after[tier] >= min(levels.minimum[tier], levels.target[tier])
        if plan.after[tier] > plan.before[tier]:
            assert plan.after[tier] <= max(levels.maximum[tier], levels.target[tier])


@given(ANY_VAULT, st.integers(1, 10**9))
def test_plan_tiers__redemptions_that_trigger__are_covered_as_far_as_the_vault_has_it(
    document: dict[str, Any], above: int
) -> None:
    request = read(document)
    config = replace(request.config, rebalance_min_amount=0)
    liquid = request.state.values[Tier.L1] + request.state.values[Tier.L2]
    due = int(Fraction(config.redemption_coverage) * liquid / 10_000) + above
    state = replace(request.state, redemptions_due=due)
    assert redemptions_press(state, config)

    plan = plan_tiers(state, config)

    need = liquid_need(state.redemptions_due, config)
    assert plan.after[Tier.L1] + plan.after[Tier.L2] >= min(need, state.total)


@given(ANY_VAULT)
def test_plan_tiers__state_after_a_plan__needs_nothing_but_dropped_legs(
    document: dict[str, Any],
) -> None:
    request = read(document)
    state = replace(request.state, events=())
    config = replace(request.config, rebalance_min_amount=0)
    plan = plan_tiers(state, config, request.trigger)

    again = plan_tiers(replace(state, values=plan.after), config, request.trigger)

    assert again.actions == ()


@given(ANY_VAULT)
def test_plan_tiers__state_after_a_plan_with_dropped_legs__is_left_alone(
    document: dict[str, Any],
) -> None:
    request = read(document)
    state = replace(request.state, events=())
    plan = plan_tiers(state, request.config, request.trigger)

    again = plan_tiers(replace(state, values=plan.after), request.config, request.trigger)

    assert again.actions == ()


@given(ANY_VAULT, st.integers(0, 1000))
def test_plan_tiers_file__members_and_items_in_another_order__same_answer_and_id(
    document: dict[str, Any], seed: int
) -> None:
    other = shuffled(document, random.Random(seed))

    first = plan_tiers_file(json.dumps(document).encode())
    second = plan_tiers_file(json.dumps(other, indent=1, ensure_ascii=False).encode())

    assert first == second


@given(ANY_VAULT)
def test_encode_tiers_request__read_again__is_the_same_request(document: dict[str, Any]) -> None:
    encoded = encode_tiers_request(read(document))

    again = read(dict[str, Any](encoded))

    assert canonical_json(encode_tiers_request(again)) == canonical_json(encoded)
    assert again.config == read(document).config
    assert again.state.values == read(document).state.values
