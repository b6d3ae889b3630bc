"""A transfer, for tests that need any."""

from __future__ import annotations

from keepers.domain.transfer import TransferTerms

SOURCE, DESTINATION = 1, 42161
TREASURIES = ("0x" + "a1" * 20, "0x" + "b2" * 20)


def terms(
    *, asset: str = "USDC", route: str = "CCTP", amount: int = 100_000_000, least: int | None = None
) -> TransferTerms:
    """From chain 1 to chain 42161."""
    return TransferTerms(
        source_chain=SOURCE,
        source_treasury=TREASURIES[0],
        destination_chain=DESTINATION,
        destination_treasury=TREASURIES[1],
        asset=asset,
        amount=amount,
        min_received=amount if least is None else least,
        route=route,
        nonce=7,
    )
