"""Accounts of these tests."""

import pytest
from eth_typing import ChecksumAddress

from scripts.network import test_account


@pytest.fixture
def alice() -> ChecksumAddress:
    """A test account that deploys and owns nothing."""
    return test_account(1).address


@pytest.fixture
def bob() -> ChecksumAddress:
    """Another such account."""
    return test_account(2).address
