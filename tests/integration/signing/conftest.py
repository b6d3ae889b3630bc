"""A chain to send to, and the module that holds keys, where there is one."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.integration.support.bare import BareChain, bare_chain


@pytest.fixture(scope="module")
def anvil() -> Generator[BareChain]:
    """Started once for a file."""
    with bare_chain() as running:
        yield running
