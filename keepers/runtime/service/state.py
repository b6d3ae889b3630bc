"""State of the service and its pages; the loop writes it, the server's threads read it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from prometheus_client import generate_latest

from keepers.model.chain import NodeHealth, NodeRole, NodeState
from keepers.model.transaction_records import Pause
from keepers.telemetry.metrics import Metrics
from keepers.web.pages import Pages
from keepers.web.server import HttpReply

METRICS_KIND = "text/plain; version=0.0.4; charset=utf-8"


class VaultMode(StrEnum):
    """Mode in which this keeper holds a vault."""

    STARTING = "starting"
    ACTIVE = "active"
    STANDBY = "standby"
    FAILING = "failing"


GOOD = frozenset({VaultMode.ACTIVE, VaultMode.STANDBY})


@dataclass(frozen=True, slots=True)
class VaultStanding:
    """Mode of a vault, its reason, and the keeper that it waits for."""

    mode: VaultMode
    reason: str
    since: datetime
    waits_for: str | None = None


@dataclass(frozen=True, slots=True)
class ChainStanding:
    """Health of a chain's nodes, and the number required."""

    needed: int
    nodes: tuple[NodeHealth, ...] = ()

    @property
    def problem(self) -> str:
        """Why the chain cannot be used; empty if it can. Send-only nodes do not count."""
        readers = [node for node in self.nodes if node.role is NodeRole.READER]
        healthy = sum(node.state is NodeState.HEALTHY for node in readers)
        if not self.nodes:
            return "its nodes were not queried yet"
        reasons = "; ".join(node.reason for node in readers if node.reason)
        return "" if healthy >= self.needed else f"{healthy} of {self.needed} nodes: {reasons}"


@dataclass(frozen=True, slots=True)
class _Facts:
    beat: float
    vaults: dict[str, VaultStanding]
    chains: dict[str, ChainStanding]
    database: str | None
    pauses: tuple[Pause, ...]


class ServiceState:
    """Newest facts of the service, each replaced as a whole.

    Args:
        vaults: The vaults' names.
        chains: Number of nodes that each chain requires.
        heartbeat_seconds: Age above which a heartbeat does not count.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        vaults: Sequence[str],
        chains: dict[str, int],
        *,
        heartbeat_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._heartbeat_seconds = heartbeat_seconds
        starting = VaultStanding(VaultMode.STARTING, "it has not started yet", datetime.now(UTC))
        self._facts = _Facts(
            beat=clock(),
            vaults=dict.fromkeys(vaults, starting),
            chains={name: ChainStanding(needed) for name, needed in chains.items()},
            database="it was not queried yet",
            pauses=(),
        )

    def beat(self) -> None:
        """Record a heartbeat of the loop."""
        self._change(beat=self._clock())

    def vault(
        self, name: str, mode: VaultMode, reason: str = "", waits_for: str | None = None
    ) -> bool:
        """Record the mode of a vault; return whether it is new."""
        before = self._facts.vaults[name]
        if (before.mode, before.reason) == (mode, reason):
            return False
        standing = VaultStanding(mode, reason, datetime.now(UTC), waits_for)
        self._change(vaults=self._facts.vaults | {name: standing})
        return True

    def chain(self, name: str, nodes: tuple[NodeHealth, ...]) -> None:
        """Record the health of a chain's nodes."""
        standing = replace(self._facts.chains[name], nodes=nodes)
        self._change(chains=self._facts.chains | {name: standing})

    def database(self, problem: str | None, pauses: tuple[Pause, ...]) -> None:
        """Record the problem of the database, if any, and the pauses."""
        self._change(database=problem, pauses=pauses)

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Return whether the loop is alive, as a flag and as a document."""
        age = self._clock() - self._read().beat
        alive = age <= self._heartbeat_seconds
        return alive, {"alive": alive, "heartbeat_age_seconds": round(age, 3)}

    def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Return whether the service is ready, with a document of the reasons if not."""
        facts, (alive, _) = self._read(), self.health()
        reasons = [] if alive else ["the loop has stalled"]
        reasons += [f"database: {facts.database}"] if facts.database is not None else []
        reasons += [
            f"chain {name}: {each.problem}" for name, each in facts.chains.items() if each.problem
        ]
        reasons += [
            f"vault {name}: {each.mode}: {each.reason}"
            for name, each in facts.vaults.items()
            if each.mode not in GOOD
        ]
        reasons += [f"{each.scope} is paused: {each.reason}" for each in facts.pauses]
        return not reasons, {"ready": not reasons, "reasons": reasons, **_document(facts)}

    def _read(self) -> _Facts:
        with self._lock:
            return self._facts

    def _change(self, **changed: Any) -> None:  # noqa: ANN401 - any fact
        with self._lock:
            self._facts = replace(self._facts, **changed)


def _document(facts: _Facts) -> dict[str, Any]:
    return {
        "vaults": {
            name: {
                "mode": each.mode,
                "reason": each.reason,
                "since": each.since.isoformat(),
                "waits_for": each.waits_for,
            }
            for name, each in facts.vaults.items()
        },
        "chains": {
            name: [
                {"node": node.node, "state": node.state, "reason": node.reason, "head": node.head}
                for node in each.nodes
            ]
            for name, each in facts.chains.items()
        },
        "pauses": [{"scope": each.scope, "reason": each.reason} for each in facts.pauses],
    }


def pages_of(state: ServiceState, metrics: Metrics) -> Pages:
    """Return `/metrics`, `/healthz` and `/readyz`; the last two return 503 if the result is no."""

    def metrics_page() -> HttpReply:
        return HttpReply(HTTPStatus.OK, generate_latest(metrics.registry), METRICS_KIND)

    return {
        "/metrics": metrics_page,
        "/healthz": lambda: _answer(*state.health()),
        "/readyz": lambda: _answer(*state.readiness()),
    }


def _answer(good: bool, document: dict[str, Any]) -> HttpReply:  # noqa: FBT001 - the state's form
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    body = json.dumps(document, ensure_ascii=False, indent=2).encode()
    return HttpReply(status, body + b"\n")
