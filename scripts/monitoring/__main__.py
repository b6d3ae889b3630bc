"""Write the alert rules, their tests, the dashboard and the table of alerts in the docs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from scripts.monitoring.dashboard import dashboard
from scripts.monitoring.files import DASHBOARD, PAGE, RULES, RULES_TEST, with_table
from scripts.monitoring.rebalance_alerts import GAS_THRESHOLDS
from scripts.monitoring.rules import rules
from scripts.monitoring.rules_test import rules_test


def gas_threshold(text: str) -> tuple[int, Decimal]:
    """Parse a chain and the limit on the gas cost of a run, such as `8453=0.02`."""
    chain, _, most = text.partition("=")
    try:
        return int(chain), Decimal(most)
    except (ValueError, InvalidOperation) as error:
        raise argparse.ArgumentTypeError("write CHAIN=AMOUNT, as in 8453=0.02") from error


def changed(gas: list[tuple[int, Decimal]]) -> Mapping[int, tuple[str, Decimal]]:
    """Return the thresholds with some of them changed or added."""
    known = dict(GAS_THRESHOLDS)
    for chain, most in gas:
        coin, _ = known.get(chain, ("of native token", most))
        known[chain] = (coin, most)
    return known


def main() -> None:
    """Write the repository's files, or rules with other thresholds to another file."""
    parser = argparse.ArgumentParser(prog="python -m scripts.monitoring", description=__doc__)
    parser.add_argument("--gas", action="append", default=[], type=gas_threshold, metavar="C=MAX")
    parser.add_argument("--rules", type=Path, help="write only the rules, to this file")
    chosen = parser.parse_args()
    if chosen.gas and chosen.rules is None:
        parser.error("--gas requires --rules FILE: the rules in the repository have the defaults")
    if chosen.rules is not None:
        chosen.rules.write_text(rules(changed(chosen.gas)), encoding="utf-8")
        return
    RULES.write_text(rules(), encoding="utf-8")
    RULES_TEST.write_text(rules_test(), encoding="utf-8")
    DASHBOARD.write_text(dashboard(), encoding="utf-8")
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
