import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from keepers.cli.main import cli
from keepers.model.run import RunStatus, Stage
from keepers.store.database import open_database
from keepers.store.runs import WeightsRunRepository, open_runs
from tests.support.sqlite import new_database
from tests.unit.reports.story import FIRST, SAMPLES

CONFIG = """\
[chains.local]
chain_id = 1000001
rpc_urls = ["http://127.0.0.1:1"]
[vaults.main]
chain = "local"
signer = "k"
[vaults.other]
chain = "local"
signer = "k"
[signers.k]
kind = "private_key_env"
variable = "K"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BALLAST_CONFIG", "BALLAST_VAULT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ballast.toml").write_text(CONFIG)
    journal = open_runs(new_database(tmp_path / "ballast.sqlite"))
    journal.open_run(FIRST.run)
    journal.record_stage(FIRST.run.run_id, Stage.PLAN, FIRST.stages[0].detail)
    journal.close_run(FIRST.run.run_id, RunStatus.FAILED, "the node went away")
    for each in SAMPLES:
        journal.record_sample(each)
    journal.close()
    return tmp_path


def report(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["report", *arguments])


@pytest.mark.usefixtures("folder")
def test_report__each_format__tells_of_the_run() -> None:
    for arguments in ([], ["--format", "html"], ["--format", "json"], ["--json"]):
        result = report("--vault", "main", *arguments)
        assert result.exit_code == 0
        assert "the node went away" in result.output


@pytest.mark.usefixtures("folder")
def test_report__one_run__needs_no_vault() -> None:
    found = json.loads(report("--run", FIRST.run.run_id, "--json").output)
    assert (found["vault"], len(found["runs"])) == ("main", 1)


def test_report__output__is_written_to_the_file(folder: Path) -> None:
    result = report("--vault", "main", "--format", "html", "--output", "r.html")
    assert (result.exit_code, result.output) == (0, "")
    assert (folder / "r.html").read_text().startswith("<!doctype html>")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 2, "--vault: must be one of main, other"),
        (["--vault", "none"], 2, "--vault: must be one of main, other"),
        (["--run", "r9"], 1, "there is no run r9"),
        (["--vault", "main", "--output", "no/such/file"], 2, "--output: cannot write no/such/file"),
    ],
)
def test_report__unusable__is_one_line(arguments: list[str], status: int, said: str) -> None:
    result = report(*arguments)
    assert (result.exit_code, said in result.output) == (status, True)
    assert len(result.output.splitlines()) == 1


def test_rebalance__weights_and_a_rollback_at_once__is_refused(folder: Path) -> None:
    arguments = ["rebalance", "--weights", "L3", "--rollback", "r1"]
    done = CliRunner().invoke(cli, arguments)
    assert folder
    assert (done.exit_code, "exclude each other" in done.output) == (2, True)


def test_report__of_a_run_of_weights__finds_it(folder: Path) -> None:
    ledger = open_database(f"sqlite:///{folder / 'ballast.sqlite'}")
    run = replace(FIRST.run, run_id="weights-1", trigger="WEIGHTS_L3")
    WeightsRunRepository(ledger).open_run(run)
    ledger.close()
    done = CliRunner().invoke(cli, ["report", "--run", "weights-1", "--json"])
    assert json.loads(done.output)["runs"][0]["trigger"] == "WEIGHTS_L3"
    listed = CliRunner().invoke(cli, ["report", "--vault", "main", "--json"])
    assert len(json.loads(listed.output)["runs"]) == 2
