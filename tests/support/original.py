"""Process that has imported everything, and forks itself into programs on demand.

Starting Python and importing the keeper takes seconds, and these tests start hundreds of processes.
A copy is a process like any other: it has its own id, session, environment and streams, signals
reach it, and it runs its program from the beginning. The original has no threads, chains or
databases. It communicates with `copies.py` over its standard input.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
from importlib import import_module
from typing import Any, NamedTuple

LONGEST_ORDER = 1 << 20
STREAMS = 3
DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG`."""

KEEPERS = (
    *("keepers.cli.main", "keepers.cli.run", "keepers.cli.approve", "keepers.cli.txs"),
    *("keepers.cli.status", "keepers.cli.report", "keepers.cli.services", "keepers.cli.check"),
    *("keepers.cli.config", "keepers.cli.pause", "keepers.cli.transfers"),
    *("keepers.runtime.service.service", "keepers.runtime.process.notifications"),
    *("keepers.runtime.treasury.single_pass", "keepers.runtime.treasury.owner"),
    *("apprise", "alembic.command", "ccxt.async_support"),
)
APE = (
    *("ape._cli", "ape_run._cli", "ape.cli.commands", "ape_accounts", "ape_test", "ape_ethereum"),
    *("ape_node", "ape_foundry", "ape_solidity", "scripts.deployment.commands"),
    *("scripts.deployment.vault.deployment", "scripts.deployment.treasury.deployment"),
)
IMPORTS = {"keepers": KEEPERS, "ape": APE}


class Order(NamedTuple):
    """Program that a copy becomes, and its streams."""

    facts: dict[str, Any]
    streams: list[int]


def serve(channel: socket.socket) -> Order | None:
    """Make copies and report their ends until the channel closes.

    Returns:
        None in the original at its end, and its order in each copy.
    """
    woken, waker = socket.socketpair()
    for each in (woken, waker):
        each.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _noted)
    with selectors.DefaultSelector() as waiting:
        waiting.register(channel, selectors.EVENT_READ)
        waiting.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is woken:
                    woken.recv(4096)
                    _report_changes(channel)
                    continue
                order = _next_order(channel)
                if order is None:
                    return None
                if _copied(channel, order):
                    for each in (channel, woken, waker):
                        each.close()
                    return order


def _noted(number: int, frame: object) -> None:
    """Ignore the signal; the wakeup socket has it."""
    del number, frame


def _next_order(channel: socket.socket) -> Order | None:
    data, streams, _, _ = socket.recv_fds(channel, LONGEST_ORDER, STREAMS)
    return Order(json.loads(data), streams) if data else None


def _copied(channel: socket.socket, order: Order) -> bool:
    """Fork; return whether this is the copy. The original reports the copy's id."""
    original = os.getpid()
    pid = os.fork()
    if pid == 0:
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != original:
            os._exit(1)
        return True
    for each in order.streams:
        os.close(each)
    channel.send(json.dumps({"started": pid}).encode())
    return False


def _report_changes(channel: socket.socket) -> None:
    """Report copies that have ended or were stopped."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if os.WIFSTOPPED(status):
            channel.send(json.dumps({"stopped": pid}).encode())
        else:
            code = os.waitstatus_to_exitcode(status)
            channel.send(json.dumps({"ended": pid, "code": code}).encode())


def become(order: Order) -> None:
    """Run the program of the order until this process ends."""
    facts = order.facts
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(order.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(facts["environment"])
    if facts["folder"] is not None:
        os.chdir(facts["folder"])
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - streams of a process
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    module, *arguments = facts["command"]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main() -> None:
    """Import everything, then copy."""
    channel = socket.socket(fileno=os.dup(0))
    for name in IMPORTS[sys.argv[1]]:
        import_module(name)
    assert threading.active_count() == 1, "a copy would lack the threads"
    gc.freeze()
    order = serve(channel)
    if order is not None:
        become(order)


if __name__ == "__main__":
    main()
