"""Default policy of a sender, and the ABI types shared by plans of all owners."""

from __future__ import annotations

from collections.abc import Iterable

from keepers.audit.policy import Policy, Rule
from keepers.config import ChainSettings
from keepers.config.signers import SendingSettings

HEADER_TYPE = (
    "(address consumer, address keeper, uint256 nonce, uint40 deadline, uint32 epoch,"
    " bytes32 preState) header"
)
ACTION_TYPE = (
    "(uint8 verb, address asset, uint256 amount, uint256 minOut, bytes32 dataHash,"
    " uint64 dependsOn)"
)
SIGNATURES_TYPE = "(address signer, bytes data)[] signatures"

CANCEL_FACTOR = 2
"""Multiple of the fee limit that a cancellation may pay; the total cost bounds everything else."""


def default_policy(
    owner: str,
    chain: ChainSettings,
    limits: SendingSettings,
    account: str,
    rules: Iterable[Rule],
    *,
    gas_limit: int,
    value: int = 0,
) -> Policy:
    """Return the policy of a sender that names none.

    Any access list is allowed, since it moves nothing and the total cost bounds it.

    Args:
        owner: The owner of the sender, for messages.
        chain: The chain that it sends to.
        limits: Cost limits of the sender.
        account: Account of the sender.
        rules: The calls that the keeper makes.
        gas_limit: Largest gas of a call.
        value: Largest value of a call in wei.
    """
    fee = limits.maximum_fee_per_gas_wei
    return Policy(
        name=f"of {owner}",
        chain_ids=frozenset({chain.chain_id}),
        senders=frozenset({account.lower()}),
        rules=tuple(rules),
        maximum_gas_limit=gas_limit,
        maximum_fee_per_gas=fee * CANCEL_FACTOR,
        maximum_total_cost=gas_limit * fee + value,
        access_list=None,
    )
