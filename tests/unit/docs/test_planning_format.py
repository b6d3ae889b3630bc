"""Tests that the planner returns the answers of the planning format's examples."""

import json
import re
from pathlib import Path
from typing import Any

from keepers.model.tier_config import AMOUNT_FIELDS, RATIO_FIELDS, TierConfig
from keepers.planning.files.tiers import plan_tiers_file

TEXT = (Path(__file__).parents[3] / "docs" / "reference" / "planning-format.md").read_text()
TIERS = TEXT[TEXT.index("\n## Tiers\n") : TEXT.index("\n## `plan_id`\n")]
BLOCKS: list[Any] = [
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", TIERS, re.DOTALL)
]


def is_question(block: Any) -> bool:
    return "settlement" in block


def test_planning_format__every_question__is_followed_by_its_answer() -> None:
    questions = [index for index, block in enumerate(BLOCKS) if is_question(block)]

    assert len(questions) == 2
    for index in questions:
        assert plan_tiers_file(json.dumps(BLOCKS[index]).encode()).document == BLOCKS[index + 1]


def test_planning_format__events__are_accepted() -> None:
    events: Any = next(
        block for block in BLOCKS if not is_question(block) and "plan_id" not in block
    )
    question = next(block for block in BLOCKS if is_question(block)) | {"events": events}

    answer = plan_tiers_file(json.dumps(question).encode())

    kinds = [row["kind"] for row in dict[str, Any](answer.document)["triggers"]]
    assert kinds.count("EVENT") == len(events) == 4


def test_planning_format__table_of_variables__has_each_with_its_default() -> None:
    rows = re.findall(r"^\| (`[A-Z0-9_`, ]+`) \| ([0-9, ]+) \|", TIERS, re.MULTILINE)
    documented = {
        name.strip("` "): int(default)
        for names, defaults in rows
        for name, default in zip(names.split(","), defaults.split(","), strict=True)
    }
    config = TierConfig.for_token(0)

    assert documented == {
        name.upper(): getattr(config, name) for name in (*AMOUNT_FIELDS, *RATIO_FIELDS)
    }
