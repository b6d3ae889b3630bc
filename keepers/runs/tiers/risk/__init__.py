"""Stage 2: may this plan run, and all of it?

`check` goes through the questions: `permission` (pause, the keeper's limits, its gas), `losses`
(slippage and price impact), `volatility` (what is not urgent waits while prices move), `gain` (a
move to a higher yield has to be worth its gas; `yields` says what funds earn). `urgency` says what
waits for nothing, `detail` what the journal keeps, `..readings` what is read besides the plan.
"""

from keepers.runs.tiers.dependencies import RiskReadings
from keepers.runs.tiers.risk.check import (
    Verdict,
    assess_risk,
    judge_risk,
    leave_waiting,
    nothing_tradable,
    shortfalls_of,
)

__all__ = [
    "RiskReadings",
    "Verdict",
    "assess_risk",
    "judge_risk",
    "leave_waiting",
    "nothing_tradable",
    "shortfalls_of",
]
