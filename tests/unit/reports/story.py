"""Invented first day of a vault: deposits, a subscription, a redemption, a failure, a dry run."""

from keepers.model.run import RunRecord, RunStatus, Stage, StepStatus, TierSample
from tests.unit.reports.records import (
    Values,
    plan_detail,
    run_record,
    sample,
    stage,
    step_record,
    verification_detail,
    whole,
)

EMPTY = whole(0, 0, 0)
CASH = whole(1_000_000, 0, 0)
BALANCED = whole(100_000, 299_991, 599_870)
LARGE = whole(500_000, 299_998, 600_420)
SPREAD = whole(140_050, 420_031, 840_095)
POOR = whole(21_000, 420_040, 840_200)
REFILLED = whole(128_100, 384_350, 768_700)
RALLIED = whole(128_100, 384_360, 1_012_400)
HALFWAY = whole(128_100, 384_360, 1_012_395)


def done(
    number: int, before: Values, after: Values, reason: str, *steps: tuple[str, int, int]
) -> RunRecord:
    """Return a successful run."""
    return run_record(
        number,
        RunStatus.DONE,
        (
            stage(Stage.PLAN, plan_detail(before, 100 * number, reason)),
            stage(Stage.RISK, {"warnings": [], "blocked": None}),
            stage(Stage.VERIFICATION, verification_detail(before, after, after)),
        ),
        tuple(step_record(i, *step) for i, step in enumerate(steps)),
    )


FIRST = done(
    1,
    CASH,
    BALANCED,
    "L1 at 100 %, above 15 %",
    ("AAVE-USDT", 1, 150_000),
    ("TBILL", 1, 150_000),
    ("WETH", 2, 240_000),
    ("HYD", 2, 180_000),
    ("CREDIT", 2, 180_000),
)
SECOND = done(
    2, LARGE, SPREAD, "L1 at 35.71 %, above 15 %", ("TBILL", 1, 120_000), ("HYD", 2, 240_000)
)
THIRD = done(
    3, POOR, REFILLED, "L1 at 1.64 %, below 8 %", ("AAVE-USDT", 1, -35_700), ("WETH", 2, -71_400)
)
FAILED = run_record(
    4,
    RunStatus.PARTIAL,
    (
        stage(Stage.PLAN, plan_detail(RALLIED, 400, "L3 at 66.39 %, more than 5 points off 60 %")),
        stage(
            Stage.RISK, {"warnings": ["WETH: estimated slippage 2.4 %, above 2 %"], "blocked": None}
        ),
        stage(
            Stage.VERIFICATION,
            verification_detail(RALLIED, REFILLED, HALFWAY)
            | {"alert": True, "deviation_bps": "612.5"},
        ),
    ),
    (
        step_record(0, "HYD", 2, -9_000, slippage="-0.4"),
        step_record(
            1,
            "WETH",
            2,
            -88_000,
            StepStatus.FAILED,
            "Portfolio_InsufficientOutput(WETH, 87012000000, 87120000000)",
        ),
        step_record(
            2, "TBILL", 1, 88_000, StepStatus.SKIPPED, "an action that it depends on failed"
        ),
    ),
    "action 2 failed: Portfolio_InsufficientOutput(WETH, 87012000000, 87120000000)",
)
DRY = run_record(
    5,
    RunStatus.DRY_RUN,
    (
        stage(Stage.PLAN, plan_detail(HALFWAY, 500, "L3 at 66.39 %, more than 5 points off 60 %")),
        stage(Stage.SIMULATION, {"post_tier_values": [str(value) for value in REFILLED]}),
    ),
    (step_record(0, "WETH", 2, -97_000, StepStatus.PENDING),),
    "dry run: nothing sent; use --arm",
)
RUNS = (DRY, FAILED, THIRD, SECOND, FIRST)

SAMPLES: tuple[TierSample, ...] = tuple(
    sample(number, block, values, label)
    for number, (block, values, label) in enumerate(
        [
            (100, CASH, "before"),
            (110, BALANCED, "after"),
            (200, LARGE, "before"),
            (210, SPREAD, "after"),
            (300, POOR, "before"),
            (310, REFILLED, "after"),
            (400, RALLIED, "before"),
            (410, HALFWAY, "after"),
            (500, HALFWAY, "before"),
        ],
        start=2,
    )
)
