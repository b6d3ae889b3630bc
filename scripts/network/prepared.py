"""Prepared network in the cache, built once by one process for all."""

import fcntl
import os
import shutil
import time
from collections.abc import Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scripts.network.build.chain import BuiltChain, build_chain, keep_chain
from scripts.network.build.common import multicall_code
from scripts.network.build.compile import compile_contracts
from scripts.network.files import prepared_key
from scripts.network.paths import CACHE
from scripts.network.progress import Progress, Report, to_stderr
from scripts.network.specs import CHAINS

_LOCK = "lock"
_PARTIAL = "partial."
# A chain is built with its clock behind: automining advances it by a second per block, and limits
# of contracts deployed later fill within a day, so that they can be full today.
_HEAD_START = 2 * 24 * 3_600


@contextmanager
def prepared(report: Report = to_stderr, cache: Path = CACHE) -> Generator[Path]:
    """Yield the folder of the prepared network, built if necessary and locked meanwhile."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / _LOCK).open("a") as lock:
        folder = cache / prepared_key()
        fcntl.flock(lock, fcntl.LOCK_SH)
        if not folder.is_dir():
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Between the two locks another process may have built it.
            if not folder.is_dir():
                _build(folder, Progress(report))
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield folder


def _build(folder: Path, progress: Progress) -> None:
    _remove_others(folder)
    partial = folder.with_name(f"{_PARTIAL}{os.getpid()}")
    partial.mkdir()
    with ThreadPoolExecutor(len(CHAINS) + 1) as pool:
        code = pool.submit(multicall_code)
        compile_contracts(partial)
        progress("contracts", "compiled")
        begin, multicall = int(time.time()) - _HEAD_START, code.result()
        building = [
            pool.submit(
                build_chain, spec, partial, begin=begin, multicall=multicall, progress=progress
            )
            for spec in CHAINS
        ]
        _link(building, pool, partial, progress)
    partial.rename(folder)


def _link(
    building: list[Future[BuiltChain]], pool: Executor, folder: Path, progress: Progress
) -> None:
    """Link every chain to the others once all are built; always stop their nodes."""
    with ExitStack() as nodes:
        wait(building)
        for each in building:
            if each.exception() is None:
                nodes.callback(each.result().anvil.stop)
        chains = [each.result() for each in building]
        links = [
            pool.submit(
                keep_chain,
                chain,
                [other.addresses for other in chains if other is not chain],
                folder,
                progress,
            )
            for chain in chains
        ]
        for link in links:
            link.result()


def _remove_others(folder: Path) -> None:
    for other in folder.parent.iterdir():
        if other.is_dir():
            shutil.rmtree(other)
