"""The pages that the service answers."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from prometheus_client import generate_latest

from keepers.runtime.service.state import ServiceState
from keepers.telemetry.metrics import Metrics
from keepers.web.pages import Pages
from keepers.web.server import HttpAnswer

METRICS_KIND = "text/plain; version=0.0.4; charset=utf-8"


def pages_of(state: ServiceState, metrics: Metrics) -> Pages:
    """`/metrics`, `/healthz` and `/readyz`; the last two are 503 where the answer is no."""

    def metrics_page() -> HttpAnswer:
        return HttpAnswer(HTTPStatus.OK, generate_latest(metrics.registry), METRICS_KIND)

    return {
        "/metrics": metrics_page,
        "/healthz": lambda: _answer(*state.health()),
        "/readyz": lambda: _answer(*state.readiness()),
    }


def _answer(good: bool, document: dict[str, Any]) -> HttpAnswer:  # noqa: FBT001 - as the state says it
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    body = json.dumps(document, ensure_ascii=False, indent=2).encode()
    return HttpAnswer(status, body + b"\n")
