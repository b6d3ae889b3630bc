"""Tests of `ballast instruct` and `ballast instructions` that need no chain."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from keepers.cli.main import cli
from tests.unit.runtime.treasury.world import IDS, settings_in

HERE, THERE, _ = (f"EVM-{number}" for number in IDS.values())
BODY: dict[str, Any] = {
    "version": 1,
    "transfer": {"asset": "USDC", "source": HERE, "destination": THERE, "amount": "30"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings_in(tmp_path)
    file = tmp_path / "ballast.toml"
    file.write_text(f'database = "sqlite:///{tmp_path}/db.sqlite"\n{file.read_text()}')
    return tmp_path


def ballast(folder: Path, *arguments: str, text: str | None = None) -> Result:
    command, *rest = arguments
    return CliRunner().invoke(
        cli, [command, *rest, "--config", str(folder / "ballast.toml")], input=text
    )


def test_instruct__armed__is_kept_by_the_users_name_and_the_same_again_is_not(
    folder: Path,
) -> None:
    first = ballast(folder, "instruct", "-", "--arm", text=json.dumps(BODY))
    again = ballast(folder, "instruct", "-", "--arm", text=json.dumps(BODY, indent=2))
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "stored; an armed keeper executes it" in first.output
    assert "was submitted before; it is received" in again.output
    listed = ballast(folder, "instructions", "list", "--json")
    (one,) = json.loads(listed.output)["instructions"]
    assert one["key"].startswith("0x")
    assert one["submitted_by"] == getpass.getuser()
    assert one["state"] == "RECEIVED"


def test_instruct__another_under_the_key__is_refused(folder: Path) -> None:
    given = ("instruct", "-", "--arm", "--key", "order-7")
    assert ballast(folder, *given, text=json.dumps(BODY)).exit_code == 0
    other = {"version": 1, "transfer": {**BODY["transfer"], "amount": "31"}}
    said = ballast(folder, *given, text=json.dumps(other))
    assert said.exit_code == 2
    assert "'order-7' was already used for a different instruction" in said.output


def test_instruct__that_cannot_be_read__names_the_field_and_keeps_nothing(folder: Path) -> None:
    wrong = {"version": 1, "transfer": {**BODY["transfer"], "amount": 30}}
    said = ballast(folder, "instruct", "-", "--arm", text=json.dumps(wrong))
    assert said.exit_code == 2
    assert "transfer.amount: must be a number in a string" in said.output
    assert "There are no instructions." in ballast(folder, "instructions", "list").output


def test_instruct__key_or_wait_without_arm__is_a_usage_error(folder: Path) -> None:
    for option in (("--key", "a"), ("--wait",)):
        said = ballast(folder, "instruct", "-", *option, text="{}")
        assert said.exit_code == 2
        assert "go with --arm" in said.output


def test_show__of_one_that_waits__has_its_progress(folder: Path) -> None:
    ballast(folder, "instruct", "-", "--arm", "--key", "order-7", text=json.dumps(BODY))
    said = ballast(folder, "instructions", "show", "order-7")
    assert said.exit_code == 0
    assert "Instruction order-7: received" in said.output
    document = json.loads(ballast(folder, "instructions", "show", "order-7", "--json").output)
    assert document["progress"]["movements"] == 0
    assert json.loads(document["body"]) == BODY


def test_show__of_no_such_key__says_what_to_do(folder: Path) -> None:
    said = ballast(folder, "instructions", "show", "order-8")
    assert said.exit_code == 2
    assert "there is no instruction 'order-8'; `ballast instructions` lists them" in said.output
