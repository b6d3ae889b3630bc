"""Regression tests of monitoring defects."""

from scripts.monitoring.rebalance_alerts import rebalance_alerts
from scripts.monitoring.rebalance_cases import rebalance_cases

CRITICAL = "RebalanceDeviationCritical"


def test_defect_40_empty_l1__is_a_case_of_the_critical_alert() -> None:
    # promtool runs the case: a deviation of exactly ten points, with the tier outside its band.
    (case,) = [each for each in rebalance_cases() if each.about == "L1 is empty"]
    (alert,) = [each for each in rebalance_alerts() if each.name == CRITICAL]

    assert case.alert == CRITICAL
    assert case.labels is not None
    assert any("-0.1+0x" in values for values in case.series.values())
    assert "ballast_tier_within_bounds" in alert.expr
