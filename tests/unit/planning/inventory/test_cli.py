"""Tests of `ballast plan inventory`: JSON and text output, and exit status."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from keepers.planning.files.inventory import plan_inventory_file
from tests.unit.planning.inventory.test_rules import EXAMPLE, FLIGHT, ROUTE

ASKED = json.dumps(EXAMPLE)
NO_ROUTE = json.dumps(EXAMPLE | {"in_flight": [FLIGHT], "routes": [ROUTE]})
NOTHING = json.dumps(EXAMPLE | {"in_flight": [FLIGHT | {"arriving": "5789.5"}]})


def run(*arguments: str, standard_input: str = "") -> tuple[int, str, str]:
    arguments = ("plan", "inventory", *arguments)
    result = CliRunner(mix_stderr=False).invoke(cli, arguments, input=standard_input)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_plan_inventory__file__prints_one_json_object(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(ASKED)

    status, out, err = run("--input", str(tmp_path / "in.json"), "--json")

    assert (status, err) == (0, "")
    assert json.loads(out) == plan_inventory_file(ASKED.encode()).document


@pytest.mark.parametrize(("asked", "status"), [(ASKED, 0), (NOTHING, 0), (NO_ROUTE, 3)])
def test_plan_inventory__standard_input__is_planned_with_its_status(
    asked: str, status: int
) -> None:
    code, out, err = run("--input", "-", "--json", standard_input=asked)

    assert (code, err) == (status, "")
    assert json.loads(out) == plan_inventory_file(asked.encode()).document


@pytest.mark.parametrize("form", [[], ["--explain"]])
@pytest.mark.parametrize(
    ("asked", "status", "texts"),
    [
        (ASKED, 0, ["EVM-1", "EVM-10", "941.96", "798.91", "4048.63", "0x"]),
        (NO_ROUTE, 3, ["EVM-1", "5690", "RouteUnavailable"]),
        (NOTHING, 0, ["0x"]),
        (ASKED.replace("EVM-10", "[bold]x[/y]"), 0, ["[bold]x[/y]", "941.96"]),
    ],
)
def test_plan_inventory__without_json__is_readable(
    asked: str, status: int, texts: list[str], form: list[str]
) -> None:
    code, out, err = run("--input", "-", *form, standard_input=asked)

    assert (code, err) == (status, "")
    assert [text for text in texts if text not in out] == []


def test_plan_inventory__explained__shows_threshold_and_deficit() -> None:
    _, out, _ = run("--input", "-", "--explain", standard_input=ASKED)

    assert [text for text in ("5000", "4210.5", "5789.5") if text not in out] == []


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_plan_inventory__file_that_cannot_be_read__is_one_line_and_status_2(
    tmp_path: Path, name: str
) -> None:
    status, out, err = run("--input", f"{tmp_path}/{name}", "--json")

    assert status == 2
    assert json.loads(out)["error"]["exit_status"] == 2
    assert err.startswith("input: cannot read ")
    assert err.count("\n") == 1


def test_plan_inventory__process__has_json_alone_on_standard_output() -> None:
    command = [sys.executable, "-m", "keepers.cli", "plan", "inventory", "--input", "-", "--json"]

    done = subprocess.run(command, input=NO_ROUTE.encode(), capture_output=True, check=False)

    document: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, document["transfers"]) == (3, [])


def test_plan__help__lists_inventory() -> None:
    assert "inventory" in CliRunner().invoke(cli, ["plan", "--help"]).output
