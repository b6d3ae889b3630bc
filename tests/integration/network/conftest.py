"""Short names for what these tests use all the time."""

import pytest
from eth_typing import ChecksumAddress

from scripts.network import test_account


@pytest.fixture
def alice() -> ChecksumAddress:
    """A test account that deploys and owns nothing."""
    return test_account(1).address


@pytest.fixture
def bob() -> ChecksumAddress:
    """Another."""
    return test_account(2).address
