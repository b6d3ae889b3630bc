"""Chain for tests of signers."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.integration.support.bare import BareChain, bare_chain


@pytest.fixture(scope="module")
def anvil() -> Generator[BareChain]:
    """Chain of one test file."""
    with bare_chain() as running:
        yield running
