"""Rules and queries, checked by Prometheus' own tool."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from scripts.monitoring.files import DASHBOARD, RULES
from scripts.monitoring.rules import groups, rules, rules_of
from scripts.monitoring.rules_test import cases, rules_test
from scripts.setup.promtool import find


def promtool(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(find()), *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_rules__are_read_and_have_no_faults() -> None:
    done = promtool("check", "rules", "--lint-fatal", RULES.name, folder=RULES.parent)
    assert done.returncode == 0, done.stderr


def test_rules__each_alert__fires_above_its_threshold_and_ends(tmp_path: Path) -> None:
    """Test each alert by itself, all in one call: unrelated rules would only take time."""
    files: list[str] = []
    for group, alerts in groups().items():
        for alert in alerts:
            name = f"{alert.name}.yml"
            (tmp_path / name).write_text(rules_of({group: [alert]}))
            chosen = [case for case in cases() if case.alert == alert.name]
            text = rules_test(chosen).replace(RULES.name, name)
            (tmp_path / f"{alert.name}_test.yml").write_text(text)
            files.append(f"{alert.name}_test.yml")
    done = promtool("test", "rules", *files, folder=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("alert", "old", "new"),
    [
        ("RebalanceDeviation", "> 0.07", "> 0.0702"),
        ("RebalanceDeviation", "> 0.07", ">= 0.07"),
        ("RebalanceDeviationCritical", "or min by (chain, vault, tier)", "unless min by (chain)"),
        ("RebalanceDeviation", "on (chain, vault, job, instance)", "on (chain, vault)"),
        ("RebalanceSlow", "< 86400", "< 86401"),
        ("RebalancePending", "max by (chain, vault)", ""),
        ("KeeperSilent", "> 900", ">= 900"),
        ("AlarmCritical", "finality_broken|", ""),
        ("TransferStuck", "transfers_stuck and", "transfers_stuck or"),
        ("BridgeUnreadable", "asked_timestamp_seconds < 900", "asked_timestamp_seconds < 901"),
        ("BatchApprovalDue", "< 3600", "< 7300"),
        ("TreasuryCoinsLow", "treasury_needed_coins", "treasury_keeper_coins"),
    ],
)
def test_rules__changed__are_found_out(tmp_path: Path, alert: str, old: str, new: str) -> None:
    text = rules()
    assert old in text
    (tmp_path / "rules.yml").write_text(text.replace(old, new))
    chosen = [case for case in cases() if case.alert == alert]
    (tmp_path / "rules_test.yml").write_text(rules_test(chosen))
    done = promtool("test", "rules", "rules_test.yml", folder=tmp_path)
    assert done.returncode == 1
    assert alert in done.stderr


def test_dashboard__queries__are_promql(tmp_path: Path) -> None:
    content = json.loads(DASHBOARD.read_text())
    queries = [each["expr"] for panel in content["panels"] for each in panel.get("targets", [])]
    lines = ["groups:", "  - name: queries", "    rules:"]
    for number, query in enumerate(queries):
        expr = json.dumps(query.replace("$__rate_interval", "5m"))
        lines += [f"      - record: query:{number}", f"        expr: {expr}"]
    (tmp_path / "queries.yml").write_text("\n".join(lines) + "\n")
    done = promtool("check", "rules", "queries.yml", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{len(queries)} rules found" in done.stdout


def test_promtool__named_and_not_there__says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALLAST_PROMTOOL", "/no/such/promtool")
    with pytest.raises(Exception, match=r"apt-get install prometheus.*run `make setup`"):
        find()
