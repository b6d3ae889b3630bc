"""Tests of `ballast plan` as scripts use it: standard output, standard error, exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from keepers.planning.files.document import PlannerAnswer
from tests.unit.vectors import VECTORS

EXAMPLE = VECTORS / "tiers" / "example.json"
UNMET = VECTORS / "tiers" / "redemptions_unmet.json"
CONCENTRATION = VECTORS / "tiers" / "concentration.json"


def asked(vector: Path) -> bytes:
    return json.dumps(json.loads(vector.read_text())["input"]).encode()


def run(*arguments: str, standard_input: bytes = b"") -> tuple[int, str, str]:
    result = CliRunner(mix_stderr=False).invoke(cli, ["plan", *arguments], input=standard_input)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_plan_tiers__file__prints_one_json_object(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(asked(EXAMPLE))

    status, out, err = run("tiers", "--input", str(tmp_path / "in.json"), "--json")

    assert (status, err) == (0, "")
    assert json.loads(out)["total_amount"] == "60000"


def test_plan_tiers__minus__reads_standard_input() -> None:
    status, out, _ = run("tiers", "--input", "-", "--json", standard_input=asked(EXAMPLE))

    assert status == 0
    assert list(json.loads(out)) == [
        "plan_id", "triggers", "before", "actions", "after", "total_amount", "required_approvals",
        "review_afterwards", "approval_deadline_hours", "portfolios_due", "unmet",
    ]  # fmt: skip


def test_plan_tiers__something_uncovered__is_complete_with_status_3() -> None:
    status, out, err = run("tiers", "--input", "-", "--json", standard_input=asked(UNMET))

    assert (status, err) == (3, "")
    assert json.loads(out)["unmet"] == [{"need": "redemptions", "amount": "100000"}]


@pytest.mark.parametrize("form", [["--json"], []])
@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 5000, b'{"tiers":{"L1":1,"L1":2}}'])
def test_plan_tiers__unusable_input__is_one_line_and_status_2(data: bytes, form: list[str]) -> None:
    status, out, err = run("tiers", "--input", "-", *form, standard_input=data)

    assert status == 2
    assert (json.loads(out)["error"]["exit_status"] if "--json" in form else out) in (2, "")
    assert err.count("\n") == 1
    assert err.endswith("\n")


@pytest.mark.parametrize("name", ["missing.json", ".", "a\0b"])
def test_plan_tiers__file_that_cannot_be_read__is_one_line_and_status_2(
    tmp_path: Path, name: str
) -> None:
    status, out, err = run("tiers", "--input", f"{tmp_path}/{name}", "--json")

    assert status == 2
    assert json.loads(out)["error"]["exit_status"] == 2
    assert err.startswith("input: cannot read ")
    assert err.count("\n") == 1


def test_plan_tiers__file_beyond_all_reason__is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keepers.cli.files.LARGEST_FILE", 10)
    (tmp_path / "in.json").write_bytes(b" " * 11)

    status, _, err = run("tiers", "--input", str(tmp_path / "in.json"))

    assert (status, err) == (2, "input: is larger than 10 bytes\n")


@pytest.mark.parametrize(
    ("vector", "status", "texts"),
    [
        (EXAMPLE, 0, ["LIQUIDITY: L1 at 6.5 %, below 8 %", "35000", "1 approval(s) within 2 h"]),
        (UNMET, 3, ["Not covered: redemptions, 100000 missing."]),
        (CONCENTRATION, 0, ["Nothing to do.", "Weights due in L2, L3.", "no approval."]),
        (VECTORS / "tiers" / "small_leg_at_minimum.json", 0, ["reviewed afterwards"]),
    ],
)
def test_plan_tiers__without_json__is_readable(vector: Path, status: int, texts: list[str]) -> None:
    code, out, _ = run("tiers", "--input", "-", standard_input=asked(vector))

    assert code == status
    assert all(text in out for text in texts)


def test_plan_tiers__names_that_look_like_markup__are_printed_as_they_are() -> None:
    document = json.loads(asked(EXAMPLE)) | {"trigger": "EVENT"}
    document["events"] = [{"kind": "window_open", "asset": "[bold]x[/nothing]"}]

    _, out, _ = run("tiers", "--input", "-", standard_input=json.dumps(document).encode())

    assert "window of [bold]x[/nothing] is open" in out


def test_plan_tiers__without_input__asks_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[tuple[str, Path | None, str | None]] = []

    def plan_from_chain(command: str, config: Path | None, vault: str | None) -> PlannerAnswer:
        asked_for.append((command, config, vault))
        return PlannerAnswer({"plan_id": "0x00"}, 3)

    module = type(sys)("keepers.runtime.vault.chain_plan")
    vars(module)["plan_from_chain"] = plan_from_chain
    monkeypatch.setitem(sys.modules, "keepers.runtime.vault.chain_plan", module)

    status, out, _ = run("tiers", "--json", "--config", "b.toml", "--vault", "main")

    assert (status, json.loads(out)) == (3, {"plan_id": "0x00"})
    assert asked_for == [("tiers", Path("b.toml"), "main")]


def test_plan_tiers__ascii_terminal__still_prints_utf_8() -> None:
    document = json.loads(asked(EXAMPLE))
    document["settlement"]["symbol"] = "\u20ac"

    done = subprocess.run(
        [sys.executable, "-m", "keepers.cli", "plan", "tiers", "--input", "-", "--json"],
        input=json.dumps(document).encode(),
        env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"},
        capture_output=True,
        check=True,
    )

    assert "\u20ac" in done.stdout.decode()


def test_cli__help__imports_no_command() -> None:
    code = (
        "import sys; from keepers.cli.main import cli; "
        "heavy = {'rich.table', 'web3', 'sqlalchemy', 'keepers.cli.plan', 'eth_hash'}; "
        "sys.exit(bool(heavy & set(sys.modules)))"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_cli__help__lists_commands() -> None:
    result = CliRunner().invoke(cli, ["--help"])

    assert result.exit_code == 0
    assert "plan" in result.output


def test_cli__unknown_command__is_a_usage_error() -> None:
    assert CliRunner().invoke(cli, ["plna"]).exit_code == 2


def test_plan_tiers__explain__says_what_fires_and_why_each_move() -> None:
    """O30: before, only the inventory's plan had `--explain`."""
    status, out, _ = run("tiers", "--input", "-", "--explain", standard_input=asked(EXAMPLE))

    assert status == 0
    assert "Fires: " in out
    assert "Moves " in out
