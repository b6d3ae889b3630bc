"""A real Safe 1.4.1 with three owners on a local chain."""

from __future__ import annotations

from eth_typing import ChecksumAddress
from web3 import Web3

from scripts.network.accounts import test_account
from scripts.network.chain import LocalChain

NOBODY = Web3.to_checksum_address("0x" + "0" * 40)
OWNERS = (3, 4, 5)
"""Indices of the network's accounts that own it."""


def make_safe(chain: LocalChain, *, threshold: int = 2, salt: int = 7) -> ChecksumAddress:
    """Deploy a Safe of which `threshold` owners have to sign."""
    suite, owners = chain.addresses.safe, [test_account(index).address for index in OWNERS]
    singleton = chain.contract("SafeL2", suite.singleton_l2)
    terms = (owners, threshold, NOBODY, b"", suite.fallback_handler, NOBODY, 0, NOBODY)
    setup = singleton.encode_abi("setup", terms)
    factory = chain.contract("SafeProxyFactory", suite.proxy_factory)
    receipt = chain.send(factory.functions.createProxyWithNonce(singleton.address, setup, salt))
    made = factory.events.ProxyCreation().process_log(receipt["logs"][-1])
    return made["args"]["proxy"]
