"""Tests of the planner against a naive implementation of the rule, over random vaults."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keepers.model.tier_config import Tier, TierValues, per_tier
from keepers.planning.files.tiers import plan_tiers_file
from keepers.planning.tiers.goals import Levels, goals_for
from tests.unit.planning.tiers.oracle import NAMES, Oracle, unit_by_unit
from tests.unit.planning.tiers.strategies import documents

SMALL: st.SearchStrategy[TierValues] = st.tuples(*[st.integers(0, 30)] * 3).map(
    lambda numbers: per_tier(iter(numbers))
)


def by_name(values: TierValues) -> dict[str, int]:
    return {name: values[index] for index, name in enumerate(NAMES)}


@given(documents())
def test_plan_tiers_file__any_small_vault__agrees_with_the_oracle(document: dict[str, Any]) -> None:
    answer = plan_tiers_file(json.dumps(document).encode())
    oracle, plan = Oracle(document), dict[str, Any](answer.document)

    rows = [(row["kind"], row["tier"], row.get("asset")) for row in plan["triggers"]]
    actions = [
        (
            action["priority"],
            action["from_tier"],
            action["to_tier"],
            action["type"],
            oracle.units(action["amount"]),
        )
        for action in plan["actions"]
    ]
    approval = (
        plan["required_approvals"],
        plan["approval_deadline_hours"],
        plan["review_afterwards"],
    )
    assert rows == oracle.rows
    assert actions == oracle.actions()
    assert approval == oracle.approvals()
    assert plan["portfolios_due"] == sorted(oracle.portfolios)
    assert bool(plan["unmet"]) == (oracle.due > oracle.total)
    assert answer.exit_status == (3 if oracle.due > oracle.total else 0)


@given(SMALL, SMALL, SMALL, SMALL, st.sets(st.sampled_from(Tier), min_size=1, max_size=2))
def test_goals_for__levels_that_need_not_fit__agrees_with_moving_single_units(
    values: TierValues,
    minimum: TierValues,
    target: TierValues,
    maximum: TierValues,
    named: set[Tier],
) -> None:
    goals = goals_for(values, frozenset(named), Levels(minimum, target, maximum))

    tiers = [by_name(each) for each in (values, minimum, maximum, target)]
    naive = unit_by_unit(tiers[0], {tier.name for tier in named}, *tiers[1:])
    assert by_name(goals) == naive
    assert sum(goals) == sum(values)
