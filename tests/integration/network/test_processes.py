"""No anvil outlives the process that started it, and none ends before it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scripts.network import anvil as anvil_module
from scripts.network import start_network
from scripts.network.anvil import Anvil
from scripts.network.errors import AnvilDiedError, AnvilStartError, ToolMissingError
from scripts.network.node import Node
from scripts.network.paths import ROOT
from scripts.network.specs import CHAINS

PATIENCE = 20.0
HOLDER = """
import signal
from scripts.network import start_network
with start_network() as network:
    print(*(chain.pid for chain in network.chains.values()), flush=True)
    signal.pause()
"""


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def _gone(pid: int) -> bool:
    # An orphan that has not been waited for yet is dead as well: state Z.
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rsplit(")", 1)[1].split()[0] == "Z"


def _holder() -> tuple[subprocess.Popen[str], list[int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, [int(pid) for pid in process.stdout.readline().split()]


def _finish(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_parent_killed__leaves_no_anvil() -> None:
    process, pids = _holder()
    try:
        assert len(pids) == len(CHAINS)
        assert not any(_gone(pid) for pid in pids)
        process.send_signal(signal.SIGKILL)
        _until(lambda: all(_gone(pid) for pid in pids))
    finally:
        _finish(process)


def test_context_left__leaves_no_anvil() -> None:
    with start_network() as network:
        pids = [chain.pid for chain in network.chains.values()]
        assert not any(_gone(pid) for pid in pids)
    assert all(_gone(pid) for pid in pids)


def test_starting_thread_ended__anvil_goes_on() -> None:
    started: list[Anvil] = []
    thread = threading.Thread(target=lambda: started.append(Anvil.start(CHAINS[0])))
    thread.start()
    thread.join()
    # The death signal would come when the thread's end is complete, which join does not await.
    _until(lambda: not Path(f"/proc/self/task/{thread.native_id}").exists())
    anvil = started[0]
    try:
        # It still answers after the signal's time; it is not merely waiting to be reaped.
        assert Node(anvil.url, ROOT).web3.eth.chain_id == CHAINS[0].chain_id
        assert anvil.alive
    finally:
        anvil.stop()
    assert _gone(anvil.process.pid)


def test_guard__parent_already_dead__starts_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    guard = ROOT / "scripts" / "network" / "guard.py"
    not_our_pid = str(os.getppid())
    command = [sys.executable, "-I", "-S", str(guard), not_our_pid, "/usr/bin/touch", str(mark)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the parent is gone" in done.stderr
    assert not mark.exists()


def test_two_networks_at_once__share_nothing() -> None:
    barrier = threading.Barrier(2)

    def mine(blocks: int) -> tuple[set[str], int]:
        with start_network(["ethereum-local"]) as network:
            chain = network.chains["ethereum-local"]
            before = chain.web3.eth.block_number
            barrier.wait(PATIENCE)
            chain.mine(blocks)
            barrier.wait(PATIENCE)
            return {chain.url}, chain.web3.eth.block_number - before

    with ThreadPoolExecutor() as pool:
        (urls, mined), (other_urls, other_mined) = pool.map(mine, (3, 5))
    assert urls.isdisjoint(other_urls)
    assert (mined, other_mined) == (3, 5)


def test_anvil__not_installed__says_make_setup(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(anvil_module, "ANVIL", tmp_path / "anvil")
    with pytest.raises(ToolMissingError, match="make setup"):
        Anvil.start(CHAINS[0])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--no-such-option"], "unexpected argument '--no-such-option'"),
        (["--load-state", "/nonexistent"], "ended during its start"),
    ],
)
def test_anvil__ends_at_its_start__shows_its_output(options: Sequence[str], told: str) -> None:
    with pytest.raises(AnvilStartError, match=told):
        Anvil.start(CHAINS[0], options=options)


def test_anvil__port_taken__shows_its_output() -> None:
    first = Anvil.start(CHAINS[0])
    try:
        with pytest.raises(AnvilStartError, match="Address already in use"):
            Anvil.start(CHAINS[1], port=first.port)
    finally:
        first.stop()


def test_network__a_chain_dies__check_tells_which() -> None:
    with start_network(["optimism-local"]) as network:
        network.check()
        os.kill(network.chains["optimism-local"].pid, signal.SIGKILL)
        _until(lambda: not network.anvils["optimism-local"].alive)
        with pytest.raises(AnvilDiedError, match="optimism-local"):
            network.check()
