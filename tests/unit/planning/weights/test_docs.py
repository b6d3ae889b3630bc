"""Test that the weights examples in the planning format's documentation are correct."""

import json
import re
from pathlib import Path
from typing import Any

from keepers.planning.files.weights import OPTIONAL, REQUIRED, plan_weights_file

TEXT = (Path(__file__).parents[4] / "docs" / "reference" / "planning-format.md").read_text()
WEIGHTS = re.split(r"^## ", TEXT[TEXT.index("\n## Weights\n") + 4 :], flags=re.MULTILINE)[0]
QUESTION, ANSWER, REJECTED = (
    dict[str, Any](json.loads(block))
    for block in re.findall(r"```json\n(.*?)```", WEIGHTS, re.DOTALL)
)


def test_planning_format__question_for_weights__has_the_answer_that_follows() -> None:
    assert plan_weights_file(json.dumps(QUESTION).encode()).document == ANSWER


def test_planning_format__rejected_question_for_weights__is_rejected() -> None:
    answer = plan_weights_file(json.dumps(REJECTED).encode())

    assert answer.document["rejected_because"] == "MaxTotalValueLoss"
    assert answer.exit_status == 0


def test_planning_format__table_of_fields__has_every_one() -> None:
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", WEIGHTS, re.MULTILINE))

    assert documented == {*REQUIRED, *OPTIONAL}
