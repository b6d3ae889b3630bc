"""Settings of unit tests: no network; fixed Hypothesis examples, except with `make deep`."""

import os

import pytest
import structlog
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket

settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("BALLAST_HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def no_network() -> None:
    """Refuse every socket except those of the event loop."""
    disable_socket(allow_unix_socket=True)


@pytest.fixture(autouse=True)
def own_logs() -> None:
    """Reset the log settings, which an earlier command may have changed."""
    structlog.reset_defaults()
