"""Every failure ends as one line and an exit status, and never stops a run half-way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
import structlog
from click.testing import CliRunner, Result

from keepers.cli import check as checking
from keepers.cli.lazy import BallastGroup
from keepers.cli.options import progress, verbose_option
from keepers.runtime.process.checks import Check
from keepers.runtime.process.logs import configure_logs
from tests.unit.vectors import VECTORS

BALLAST = [sys.executable, "-m", "keepers.cli"]
CONFIGURATION = """\
database = "{database}"

[chains.local]
chain_id = 1
rpc_urls = ["http://127.0.0.1:1"]
deployments = "deployments.json"

[vaults.main]
chain = "local"
signer = "keeper"

[signers.keeper]
kind = "private_key_env"
variable = "KEEPER_KEY"
"""


def invoke(error: Exception, *arguments: str) -> Result:
    """Run a command that raises an error, in a group like ours."""

    @click.group(cls=BallastGroup)
    def group() -> None:
        """Group of the command."""

    @group.command()
    @verbose_option
    def fail() -> None:
        raise error

    return CliRunner(mix_stderr=False).invoke(group, ["fail", *arguments])


def test_group__defect__is_one_line_that_names_it() -> None:
    result = invoke(KeyError("gasUsed\n\x1b[31m"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("defect: KeyError: 'gasUsed")
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr


def test_group__defect_and_verbose__shows_where() -> None:
    stderr = invoke(KeyError("gasUsed"), "--verbose").stderr
    configure_logs(verbose=False)
    assert "Traceback" in stderr
    assert "in fail" in stderr


def test_group__full_disk__says_so() -> None:
    result = invoke(OSError(28, "No space left on device"))
    assert (result.exit_code, result.stderr) == (1, "cannot continue: No space left on device\n")


@pytest.mark.parametrize("error", [click.UsageError("x"), click.exceptions.Exit(2)])
def test_group__clicks_own_ends__stay_as_they_are(error: Exception) -> None:
    assert invoke(error).exit_code == 2


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    python = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "/usr/bin:/bin"}
    env: Mapping[str, str] = {**python, **environment}
    ballast = " ".join(BALLAST)
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("ballast", ballast, 1)],
        cwd=folder, env=env, text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def test_plan__closed_standard_input__is_unusable_input(tmp_path: Path) -> None:
    done = shell("ballast plan tiers --input - <&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_plan__full_device__ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"no": "plan"}')
    example = VECTORS / "tiers" / "example.json"
    script = f"import json; print(json.dumps(json.load(open('{example}'))['input']))"
    planned = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    (tmp_path / "in.json").write_bytes(planned.stdout)
    done = shell("ballast plan tiers --input in.json --json >/dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (1, "cannot continue: No space left on device\n")


@pytest.mark.parametrize("name", ["missing/x.sqlite", "x" * 300, "a\\u0000b"])
@pytest.mark.parametrize("command", ["run --once", "report"])
def test_database__cannot_be_there__ends_in_one_line(
    tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / "ballast.toml").write_text(CONFIGURATION.format(database=f"sqlite:///{name}"))
    (tmp_path / "deployments.json").write_text("[" * 100_000)
    done = shell(f"ballast {command}", tmp_path, KEEPER_KEY="0x" + "11" * 32)
    assert done.returncode in {1, 2}
    assert done.stderr.count("\n") == 1, done.stderr


def test_say__nobody_listens__goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(click, "echo", broken)
    progress("sent 0x11")


def test_log__nobody_listens__goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def write(self, _: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Broken())
    configure_logs(verbose=True)
    structlog.get_logger().debug("request")
    configure_logs(verbose=False)


def test_check__detail_with_control_characters__is_one_line() -> None:
    line = checking._line(Check("node", passed=False, detail="a\nOK  all\x1b[32m"))  # pyright: ignore[reportPrivateUsage]
    assert line == "FAIL  node: a OK  all [32m"
