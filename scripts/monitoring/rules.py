"""Alert rules of Prometheus as YAML, with JSON strings, which YAML accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from posixpath import normpath

from scripts.monitoring.alert import Alert
from scripts.monitoring.keeper_alerts import KEEPER_ALERTS, MESSAGE_ALERTS, NODE_ALERTS
from scripts.monitoring.rebalance_alerts import GAS_THRESHOLDS, rebalance_alerts
from scripts.monitoring.treasury_alerts import TREASURY_ALERTS

LINK = re.compile(r"\[\w+\]\(([\w./-]+\.md)\)")
HEAD = """\
# Alert rules for Prometheus. `python -m scripts.monitoring` writes this file. Limits on the gas
# cost of a run on other chains: `python -m scripts.monitoring --gas 8453=0.02 --rules FILE`.
groups:
"""


def groups(
    gas: Mapping[int, tuple[str, Decimal]] = GAS_THRESHOLDS,
) -> Mapping[str, Sequence[Alert]]:
    """Return all alerts by group."""
    return {
        "ballast-rebalances": rebalance_alerts(gas),
        "ballast-treasuries": TREASURY_ALERTS,
        "ballast-keepers": KEEPER_ALERTS,
        "ballast-nodes": NODE_ALERTS,
        "ballast-messages": MESSAGE_ALERTS,
    }


def rules(gas: Mapping[int, tuple[str, Decimal]] = GAS_THRESHOLDS) -> str:
    """Return the whole file."""
    return rules_of(groups(gas))


def rules_of(named: Mapping[str, Sequence[Alert]]) -> str:
    """Return a file with these alerts, by group."""
    return HEAD + "".join(_lines(named))


def _lines(named: Mapping[str, Sequence[Alert]]) -> Iterator[str]:
    for name, alerts in named.items():
        yield f"  - name: {name}\n    rules:\n"
        for alert in alerts:
            yield (
                f"      - alert: {alert.name}\n"
                f"        expr: {json.dumps(alert.expr)}\n"
                f"        for: {alert.lasting}\n"
                f"        labels:\n"
                f"          severity: {alert.level}\n"
                f"        annotations:\n"
                f"          summary: {json.dumps(alert.summary)}\n"
                f"          description: {json.dumps(_plain(alert.action))}\n"
            )


def _plain(text: str) -> str:
    """Replace links, which only pages support, by paths of files."""
    return LINK.sub(lambda found: normpath(f"docs/how-to/{found[1]}"), text)
