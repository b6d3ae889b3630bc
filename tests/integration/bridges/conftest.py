"""Simulated chains and a simulated clock for tests of bridges with their local services."""

from __future__ import annotations

import pytest

from tests.support.bridging import PaperChain, PaperClock


@pytest.fixture
def clock() -> PaperClock:
    return PaperClock()


@pytest.fixture
def source() -> PaperChain:
    return PaperChain()


@pytest.fixture
def destination() -> PaperChain:
    return PaperChain()
