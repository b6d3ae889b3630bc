"""A transfer's life in processes, each of which may be killed; the bridges deliver in between."""

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
"""After a kill on a server: who takes over waits until the lease of the dead has ended."""
MOST_PHASES = 12


@dataclass(frozen=True)
class Kill:
    """A point at which a process of a phase dies, the n-th time that it passes there."""

    phase: int
    point: str
    time: int = 1

    @property
    def text(self) -> str:
        """As `BALLAST_CRASH_AT` has it."""
        return f"{self.point}:{self.time}"


@dataclass
class Life:
    """From the plan until all is final.

    A phase is what processes do until one ends by itself: first the transfer is planned, then
    it is brought on as far as its bridge lets it. Between phases bridges deliver, and an hour goes.

    Attributes:
        kills: What is still to be met. A process dies at whichever of its phase comes first.
        passed: The points of each phase, in their order.
    """

    keeper: TreasuryKeeper
    order: Order
    invest: bool = False
    kills: list[Kill] = field(default_factory=list[Kill])
    killed: list[Kill] = field(default_factory=list[Kill])
    passed: list[list[str]] = field(default_factory=list[list[str]])

    def live(self) -> Outcome:
        """Live it; a point that its phase does not pass kills nobody."""
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
