"""`python -m scripts.network`, run as a process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.deployment.treasury.config import TreasuryConfig
from scripts.network.accounts import ATTESTERS
from scripts.network.paths import ROOT
from scripts.network.ports import preferred_ports
from scripts.network.session import direct_session
from scripts.network.specs import CHAINS

COMMAND = [sys.executable, "-m", "scripts.network"]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_up__until_a_signal__describes_itself_and_cleans_up(
    tmp_path: Path, ending: signal.Signals
) -> None:
    running = tmp_path / "running.json"
    arguments = ["up", "--chains", "arbitrum-local", "--json", "--running", str(running)]
    arguments += ["--deployments", str(tmp_path)]
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert any("Ctrl-C" in line for line in process.stderr)
        kept = json.loads(running.read_text())
        chain = kept["chains"]["arbitrum-local"]
        assert chain["chain_id"] == 1_042_161
        assert chain["network"] == f"ethereum:arbitrum-local:{chain['url']}"
        assert Path(f"/proc/{chain['pid']}").exists()
        keys = direct_session().get(f"{kept['bridges']['attestation']}/v2/publicKeys", timeout=5)
        assert len(keys.json()["publicKeys"]) == len(ATTESTERS)
        offered = TreasuryConfig.load(tmp_path / "arbitrum-local.treasury.toml")
        assert offered.chain_id == chain["chain_id"]
        process.send_signal(ending)
        printed, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert json.loads(printed) == kept
    assert not running.exists()
    assert not Path(f"/proc/{chain['pid']}").exists()


def test_up__a_chain_hangs_and_then_dies__the_others_go_on(tmp_path: Path) -> None:
    """T12: an outage tried on one chain leaves the others running, and is reported."""
    running = tmp_path / "running.json"
    arguments = ["up", "--chains", "arbitrum-local,optimism-local", "--running", str(running)]
    arguments += ["--deployments", str(tmp_path)]
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = process.stderr
        assert said is not None
        assert any("Ctrl-C" in line for line in said)
        chains = json.loads(running.read_text())["chains"]
        hanging = chains["arbitrum-local"]["pid"]
        os.kill(hanging, signal.SIGSTOP)
        assert (
            next(said) == "arbitrum-local: its anvil does not respond; the other chains continue\n"
        )
        assert _answers(chains["optimism-local"]["url"])
        os.kill(hanging, signal.SIGCONT)
        assert next(said) == "arbitrum-local: responds again\n"
        os.kill(hanging, signal.SIGKILL)
        assert next(said) == "arbitrum-local: its anvil has ended; the other chains continue\n"
        assert _answers(chains["optimism-local"]["url"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


def _answers(url: str) -> bool:
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"}
    return "result" in direct_session().post(url, json=request, timeout=30).json()


def test_up__unknown_chain__is_one_line_and_status_1() -> None:
    done = subprocess.run(
        [*COMMAND, "up", "--chains", "mainnet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: no local chain is called 'mainnet'")
    assert len(done.stderr.splitlines()) == 1


def test_build__prepared_already__answers_the_folder() -> None:
    done = subprocess.run([*COMMAND, "build"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(done.stdout.removeprefix("ready: ").strip()).is_dir()


def test_preferred_ports__taken__any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_others_free(port: int) -> bool:
        return port != 18_601

    monkeypatch.setattr("scripts.network.ports._free", only_others_free)
    names = [spec.name for spec in CHAINS]
    assert list(preferred_ports(names).values()) == [0, 18_602, 18_603]


def test_up__while_one_runs__refuses_and_leaves_its_records(tmp_path: Path) -> None:
    running, record = tmp_path / "running.json", tmp_path / "arbitrum-local.json"
    running.write_text(json.dumps({"pid": os.getpid(), "chains": {}}))
    record.write_text("{}")
    files = ["--running", str(running), "--deployments", str(tmp_path)]
    done = subprocess.run(
        [*COMMAND, "up", "--chains", "arbitrum-local", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: a local network already runs (process {os.getpid()}")
    assert record.read_text() == "{}"
    assert json.loads(running.read_text())["pid"] == os.getpid()
