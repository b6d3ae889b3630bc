"""Test that the inventory examples in the planning format's documentation are correct."""

import json
import re
from pathlib import Path
from typing import Any

from keepers.planning.files.inventory import (
    ENDS,
    OPTIONAL,
    REQUIRED,
    ROUTE_OPTIONS,
    decode_inventory_request,
    plan_inventory_file,
)
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.plan import plan_inventory

TEXT = (Path(__file__).parents[4] / "docs" / "reference" / "planning-format.md").read_text()
INVENTORY = re.split(r"^## ", TEXT[TEXT.index("\n## Inventory\n") + 4 :], flags=re.MULTILINE)[0]
QUESTION, ANSWER, WITH_ROUTES = (
    dict[str, Any](json.loads(block))
    for block in re.findall(r"```json\n(.*?)```", INVENTORY, re.DOTALL)
)
(EXPLANATION,) = re.findall(r"```text\n(.*?)```", INVENTORY, re.DOTALL)


def test_planning_format__question_for_inventory__has_the_answer_that_follows() -> None:
    assert plan_inventory_file(json.dumps(QUESTION).encode()).document == ANSWER


def test_planning_format__question_with_routes__is_explained_as_printed() -> None:
    request = decode_inventory_request(json.dumps(WITH_ROUTES).encode())

    assert explain(request, plan_inventory(request)) == EXPLANATION.rstrip("\n")


def test_planning_format__tables_of_fields__have_every_one() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", INVENTORY, re.MULTILINE)
    documented = {name.strip("` ") for names in rows for name in names.split(",")}

    assert documented == {*REQUIRED, *OPTIONAL, *ROUTE_OPTIONS}
    assert set(ENDS) == {"asset", "source", "destination"}
