"""`ballast run --once --vault treasury --metrics-file` with real treasuries."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from keepers.cli.main import cli
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.treasuries import ARBITRUM, Treasuries

SIX = 10**6
ARBITRUM_USDC = (("asset", "USDC"), ("chain", "1042161"))
MOST_ROUNDS = 12

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(file: Path) -> Samples:
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(file.read_text())
        for each in family.samples
    }


def test_metrics_file__rebalance__goes_on_from_run_to_run(
    treasuries: Treasuries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    keeper = TreasuryKeeper(treasuries, tmp_path, f"sqlite:///{tmp_path / 'ballast.sqlite'}")
    config, file = keeper.configure(base="20000"), tmp_path / "ballast.prom"
    treasuries.funds(ARBITRUM, "USDC", 8_000 * SIX)
    run = ["run", "--once", "--arm", "--vault", "treasury", "--config", str(config)]
    found: Samples = {}
    for rounds in range(1, MOST_ROUNDS):
        result = CliRunner(mix_stderr=False).invoke(cli, [*run, "--metrics-file", str(file)])
        assert result.exit_code == 0, result.stderr
        found = samples(file)
        assert found["ballast_treasury_effective_tokens", ARBITRUM_USDC] == 20_000
        assert found["ballast_treasury_triggered", ARBITRUM_USDC] == 0
        assert found["ballast_inventory_checks_total", ()] == rounds
        assert ("ballast_notifications_waiting", ()) in found
        treasuries.bridges.deliver()
        if not any(name == "ballast_transfers_under_way" for name, _ in found):
            break
    assert found["ballast_treasury_idle_tokens", ARBITRUM_USDC] == 20_000
    (moved,) = keeper.transfers()
    ended = (("asset", "USDC"), ("outcome", "done"), ("route", moved.terms.route))
    assert found["ballast_transfers_ended_total", ended] == 1
    assert found["ballast_transfer_seconds_count", (("route", moved.terms.route),)] == 1
    done = (("origin", "rulebook"), ("state", "done"))
    assert found["ballast_batches_total", done] == 1
    assert found["ballast_bridge_readable", (("route", moved.terms.route),)] == 1
