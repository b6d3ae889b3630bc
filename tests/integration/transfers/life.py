"""Life of a transfer in processes that may be killed; bridges deliver between them."""

from __future__ import annotations

import pickle
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from keepers.transactions.crash_points import TRACE, VARIABLE
from tests.integration.transfers.carriers import Order
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.outcome import Outcome, outcome_of

FINAL_AFTER = 3
BETWEEN = timedelta(hours=1)
LEASE = timedelta(minutes=7)
"""Time until the lease of a killed process has expired, on a server."""
MOST_PHASES = 12


@dataclass(frozen=True)
class Kill:
    """Point at which a process of a phase is killed, the n-th time that it passes the point."""

    phase: int
    point: str
    time: int = 1

    @property
    def text(self) -> str:
        """Value for `BALLAST_CRASH_AT`."""
        return f"{self.point}:{self.time}"


@dataclass
class Life:
    """Life of a transfer, from its plan until everything is final.

    A phase runs processes until one ends by itself: the first phase plans the transfer, the others
    advance it as far as its bridge allows. Between phases bridges deliver, and an hour passes.

    Attributes:
        kills: Kills still to happen; a process dies at the first point of its phase that it passes.
        passed: Points of each phase, in order.
    """

    keeper: TreasuryKeeper
    order: Order
    invest: bool = False
    kills: list[Kill] = field(default_factory=list[Kill])
    killed: list[Kill] = field(default_factory=list[Kill])
    passed: list[list[str]] = field(default_factory=list[list[str]])

    def live(self) -> Outcome:
        """Run all phases; a point that its phase does not pass kills no process."""
        treasuries = self.keeper.treasuries
        before = outcome_of(self.keeper)
        file = self.keeper.folder / "batch"
        file.write_bytes(pickle.dumps(self.keeper.plan(self.order, invest=self.invest)))
        self._phase(("tests.integration.transfers.beginning", str(file)))
        while len(self.passed) < MOST_PHASES:
            self._phase(("keepers.cli", "run", "--once", "--arm", "--vault", "treasury"))
            if all(each.is_settled for each in self.keeper.transfers()):
                return outcome_of(self.keeper).since(before)
            treasuries.bridges.deliver()
            self.keeper.pass_time(BETWEEN)
            for chain in treasuries.chains.values():
                chain.mine(FINAL_AFTER)
        raise AssertionError([(each.position.text, each.wait) for each in self.keeper.transfers()])

    def _phase(self, module: Sequence[str]) -> None:
        trace = self.keeper.folder / f"phase-{len(self.passed)}"
        while (done := self.keeper.process(module, self._environment(trace))).status:
            assert done.status == -signal.SIGKILL, done.out + done.err
            died_at = trace.read_text().split()[-1]
            met = next(each for each in self.kills if self._is_due(each) and each.point == died_at)
            self.kills.remove(met)
            self.killed.append(met)
            if "postgres" in self.keeper.database:
                self.keeper.pass_time(LEASE)
        self.passed.append(trace.read_text().split())

    def _environment(self, trace: Path) -> Mapping[str, str]:
        due = ",".join(each.text for each in self.kills if self._is_due(each))
        return {TRACE: str(trace)} | ({VARIABLE: due} if due else {})

    def _is_due(self, kill: Kill) -> bool:
        return kill.phase == len(self.passed)
