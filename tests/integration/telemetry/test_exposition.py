"""Metrics over HTTP at a configured address."""

from __future__ import annotations

from urllib.request import urlopen

from keepers.runtime.service.state import ServiceState, pages_of
from keepers.telemetry import registry
from keepers.telemetry.metrics import Metrics
from keepers.web.pages import serving_pages


def read(url: str) -> str:
    with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
        return answer.read().decode()


def test_serving__answers_with_the_values_of_now() -> None:
    metrics = Metrics()
    pages = pages_of(ServiceState([], {}, heartbeat_seconds=60), metrics)
    with serving_pages("127.0.0.1", 0, pages) as root:
        assert root.startswith("http://127.0.0.1:")
        url = f"{root}/metrics"
        assert "ballast_gas_used_total{" not in read(url)
        metrics.count(registry.GAS_USED, 1, "0xaa", by=5)
        assert 'ballast_gas_used_total{chain="1",sender="0xaa"} 5.0' in read(url)
