"""Rig of tier runs that also runs weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keepers.model.run import RunRecord
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerChoice, TriggerKind
from keepers.model.tier_state import Event
from keepers.model.weights_run import WEIGHTS
from keepers.runs.outcomes import WeightsInterpreter
from keepers.runs.weights import WeightRunDependencies, check_weights, rebalance_weights
from keepers.runs.weights.scheduled_check import WeightsTrigger
from keepers.store.runs import WeightsRunRepository
from tests.unit.runs.market import Asset
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig
from tests.unit.runs.weights.paper import PaperPortfolios, WeighedMemory

HOUR, DAY = 3_600, 86_400


@dataclass
class WeightsRunRig:
    """Rig of tier runs, with runs of weights as new processes make them."""

    rig: TierRunRig
    memory: WeighedMemory
    journal: WeightsRunRepository

    def ports(self, *, armed: bool = True, **changed: Any) -> WeightRunDependencies:
        """Return the ports of a new process."""
        portfolios = PaperPortfolios(self.memory)
        tiers = self.rig.ports(armed=armed, **changed)
        return WeightRunDependencies.beside(tiers, self.journal, portfolios)

    async def check(
        self,
        trigger: TriggerChoice = TriggerKind.SCHEDULED,
        *,
        weekly: bool = True,
        events: Sequence[Event] = (),
        armed: bool = True,
        waits: bool = False,
        **changed: Any,
    ) -> tuple[RunRecord, ...]:
        """Make a check, by default the Monday check."""
        self.rig.clock.seconds += 1  # so that each run has a later time
        asked = WeightsTrigger(trigger, weekly, events)
        ports = self.ports(armed=armed, **changed)
        return await check_weights(ports, asked, armed=armed, waits=waits)

    async def by_hand(self, tier: Tier = Tier.L3, *, armed: bool = True) -> RunRecord:
        """Run the weights of a tier as an operator does."""
        return await rebalance_weights(self.ports(armed=armed), tier, armed=armed)

    def runs(self) -> tuple[RunRecord, ...]:
        """All runs of weights, newest first."""
        return self.journal.runs("main")

    @property
    def held(self) -> tuple[int, int]:
        """Balances of X and Y, in whole units."""
        held = self.memory.holdings()
        return held["X"] // UNIT, held["Y"] // UNIT

    @property
    def sent(self) -> int:
        """Number of transactions in blocks."""
        return len(list(self.memory.paper.included()))

    @property
    def told(self) -> list[str]:
        """Keys of the notices, without reports."""
        notices = self.rig.told()
        return [each.key for each in notices if not each.key.startswith("report:")]


def shop_at(url: str) -> WeightsRunRig:
    """Return a rig with a new vault."""
    assets = {"FUND": Asset(1, 300 * UNIT), "X": Asset(2, 400 * UNIT), "Y": Asset(2, 200 * UNIT)}
    targets = {"FUND": 10_000, "X": 5_000, "Y": 5_000}
    memory = WeighedMemory(100 * UNIT, assets, targets=targets)
    rig = TierRunRig(memory, url)
    rig.interpreters[WEIGHTS] = WeightsInterpreter(memory.event_of)
    return WeightsRunRig(rig, memory, WeightsRunRepository(rig.database))
