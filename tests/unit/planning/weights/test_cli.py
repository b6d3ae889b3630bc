"""Tests of `ballast plan weights`: JSON and text output, and exit status."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from tests.unit.vectors import VECTORS

CASES = {case["name"]: case for case in json.loads((VECTORS / "weights.json").read_text())}
ASKED = json.dumps(CASES["scenario 2, settlement surplus spent"]["input"])
REJECTED = json.dumps(CASES["scenario 4"]["input"])
NOTHING = json.dumps(CASES["scenario 1a"]["input"] | {"sell": {}})


def run(*arguments: str, standard_input: str = "") -> tuple[int, str, str]:
    arguments = ("plan", "weights", *arguments)
    result = CliRunner(mix_stderr=False).invoke(cli, arguments, input=standard_input)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_plan_weights__file__prints_one_json_object(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(ASKED)

    status, out, err = run("--input", str(tmp_path / "in.json"), "--json")

    assert (status, err) == (0, "")
    assert list(json.loads(out)) == [
        "plan_id", "phases", "before", "after", "value_loss_bps", "improved", "accepted",
        "rejected_because",
    ]  # fmt: skip


def test_plan_weights__rejected__is_an_answer_with_status_0() -> None:
    status, out, err = run("--input", "-", "--json", standard_input=REJECTED)

    assert (status, err) == (0, "")
    assert json.loads(out)["rejected_because"] == "MaxTotalValueLoss"


@pytest.mark.parametrize("form", [["--json"], []])
def test_plan_weights__unusable_input__is_one_line_and_status_2(form: list[str]) -> None:
    asked = ASKED.replace('"50000"', '"0"')

    status, out, err = run("--input", "-", *form, standard_input=asked)

    assert (status, err) == (2, "assets[0].price: must be above 0\n")
    said = json.loads(out)["error"]["message"] if "--json" in form else f"{out}{err.strip()}"
    assert said == "assets[0].price: must be above 0"


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        (ASKED, ["sell", "BNB", "11760", "94.8497 basis points lost", "Accepted.", "Plan 0x"]),
        (REJECTED, ["Rejected: MaxTotalValueLoss."]),
        (NOTHING, ["Nothing to trade."]),
        (ASKED.replace('"ETH"', '"[bold]x[/y]"'), ["[bold]x[/y]"]),
    ],
)
def test_plan_weights__without_json__is_readable(asked: str, texts: list[str]) -> None:
    status, out, _ = run("--input", "-", standard_input=asked)

    assert status == 0
    assert all(text in out for text in texts)


def test_plan__help__lists_weights() -> None:
    assert "weights" in CliRunner().invoke(cli, ["plan", "--help"]).output
