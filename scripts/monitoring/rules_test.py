"""Tests of the rules in the format of promtool."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from scripts.monitoring.case import Case
from scripts.monitoring.keeper_cases import keeper_cases
from scripts.monitoring.rebalance_cases import rebalance_cases
from scripts.monitoring.rules import groups
from scripts.monitoring.treasury_cases import treasury_cases

HEAD = """\
# `promtool test rules rules_test.yml`; `python -m scripts.monitoring` writes this file. At the end
# of the first and third part no alert may fire; at the end of the second part each must fire.
rule_files:
  - rules.yml
evaluation_interval: 1m
tests:
"""


def cases() -> tuple[Case, ...]:
    """Return every test."""
    return (*rebalance_cases(), *treasury_cases(), *keeper_cases())


def rules_test(chosen: Sequence[Case] | None = None) -> str:
    """Return the file with all tests, or with some of them."""
    levels = {alert.name: alert.level for alerts in groups().values() for alert in alerts}
    return HEAD + "".join(
        line for case in chosen or cases() for line in _lines(case, levels[case.alert])
    )


def _lines(case: Case, level: str) -> Iterator[str]:
    yield f"  - name: {json.dumps(f'{case.alert}: {case.about}')}\n"
    yield "    interval: 1m\n    input_series:\n"
    for name, values in case.series.items():
        yield f"      - series: {json.dumps(name)}\n        values: {json.dumps(values)}\n"
    yield "    promql_expr_test:\n"
    expr = f'ALERTS{{alertname="{case.alert}",alertstate="firing"}}'
    for part in (1, 2, 3):
        yield f"      - expr: {json.dumps(expr)}\n"
        yield f"        eval_time: {part * case.minutes - 1}m\n"
        yield from _expected(case, level, fires=part == 2 and case.labels is not None)  # noqa: PLR2004 - the second


def _expected(case: Case, level: str, *, fires: bool) -> Iterator[str]:
    if not fires:
        yield "        exp_samples: []\n"
        return
    own = {"alertname": case.alert, "alertstate": "firing", "severity": level}
    labels = ", ".join(
        f'{name}="{value}"' for name, value in {**own, **(case.labels or {})}.items()
    )
    yield f"        exp_samples:\n          - labels: {json.dumps(f'ALERTS{{{labels}}}')}\n"
    yield "            value: 1\n"
