"""Contracts with the same address on every chain: Safe and Multicall3."""

import subprocess
import sys

from eth_typing import ChecksumAddress
from web3 import Web3

from scripts.network.addresses import SafeSuite
from scripts.network.build.builder import Builder
from scripts.network.errors import NetworkError

MULTICALL3 = Web3.to_checksum_address("0xcA11bde05977b3631167028862bE2a173976CA11")


def deploy_safe(builder: Builder) -> SafeSuite:
    """Deploy Safe 1.4.1."""
    return SafeSuite(
        singleton=builder.deploy("Safe"),
        singleton_l2=builder.deploy("SafeL2"),
        proxy_factory=builder.deploy("SafeProxyFactory"),
        fallback_handler=builder.deploy("CompatibilityFallbackHandler"),
        multi_send_call_only=builder.deploy("MultiSendCallOnly"),
    )


def place_multicall(builder: Builder, code: str) -> ChecksumAddress:
    """Put Multicall3 at its usual address."""
    builder.rpc("anvil_setCode", MULTICALL3, code)
    return MULTICALL3


def multicall_code() -> str:
    """Return Multicall3's code from ape, read in another process, because ape imports slowly."""
    script = (
        "from ape_ethereum.multicall import constants as c; print(c.MULTICALL3_CODE.to_0x_hex())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise NetworkError(f"ape does not return Multicall3's code:\n{answer.stderr}")
    return answer.stdout.strip().splitlines()[-1]
