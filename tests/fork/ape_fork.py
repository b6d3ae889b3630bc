"""Forks by ape-foundry of the chain at a URL."""

# pyright: reportUnknownMemberType=false, reportAttributeAccessIssue=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

from ape.utils.basemodel import ManagerAccessMixin
from web3 import Web3


@contextmanager
def fork(network: str, url: str) -> Generator[Web3]:
    """Fork the chain at `url`, which ape knows as `network`; end the fork with the context."""
    settings = {"upstream_provider": url, "evm_version": "cancun"}
    choice = ManagerAccessMixin.network_manager.parse_network_choice(
        f"ethereum:{network}-fork:foundry",
        provider_settings={"fork": {"ethereum": {network: settings}}},
    )
    with choice as provider:
        yield cast("Web3", provider.web3)
