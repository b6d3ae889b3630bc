"""Contract that the tests call: it does nothing, or reverts while its switch is on."""

from __future__ import annotations

from eth_utils.crypto import keccak

from keepers.audit.policy import Policy, Rule
from keepers.audit.signature import Function
from tests.integration.support.bare import CHAIN_ID

FUNCTION = "take(uint256 amount)"
REFUSAL = "ReentrancyGuardReentrantCall"
ON, OFF = "0x01", "0x00"
"""One byte of calldata sets the switch; any other calldata is refused while it is on."""

_SELECTOR = keccak(text=f"{REFUSAL}()")[:4].hex()
CODE = (
    "0x36600114600e57"  # CALLDATASIZE == 1: go to 0x0e
    "600054601957"  # SLOAD(0): go to 0x19
    "00"
    "5b60003560f81c60005500"  # 0x0e: SSTORE(0, the first byte)
    f"5b63{_SELECTOR}60e01b60005260046000fd"  # 0x19: REVERT(the error)
)


def take(amount: int) -> str:
    """Return the calldata of a call."""
    return f"0x{Function.read(FUNCTION).selector.hex()}{amount:064x}"


def policy_of(sender: str, target: str) -> Policy:
    """Return a policy that allows calls of the function, at any price that the engine allows."""
    return Policy(
        name="faults",
        chain_ids=frozenset({CHAIN_ID}),
        senders=frozenset({sender.lower()}),
        rules=(Rule(name="take", target=target.lower(), function=Function.read(FUNCTION)),),
        maximum_gas_limit=200_000,
        maximum_fee_per_gas=10**12,
        maximum_total_cost=10**18,
    )
