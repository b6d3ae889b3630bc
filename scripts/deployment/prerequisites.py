"""Facts of the chain on which every file relies, checked before signing."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.deployment.chain import Chain


def code_problems(chain: Chain, key: str, address: str) -> Iterator[str]:
    """Yield a problem if there is no contract at an address."""
    if not chain.has_code(address):
        yield f"{key}: the chain has no contract at {address}; correct it"


def token_problems(chain: Chain, key: str, address: str, decimals: int) -> Iterator[str]:
    """Yield a problem if there is no token with these decimals."""
    if not chain.has_code(address):
        yield f"{key}.address: the chain has no contract at {address}; correct it"
        return
    actual = chain.ask(address, "decimals()", "uint8")
    if actual is None:
        yield f"{key}.address: the contract at {address} has no decimals, so it is not a token"
    elif actual != decimals:
        yield f"{key}.decimals: is {decimals} in the file and {actual} on the chain; correct it"


def fund_problems(chain: Chain, key: str, fund: str, asset: str) -> Iterator[str]:
    """Yield a problem if a fund does not accept the asset."""
    if not chain.has_code(fund):
        return  # reported for its token
    actual = chain.ask(fund, "asset()", "address")
    if actual is None:
        yield f"{key}: the contract at {fund} has no asset(), so it is not a fund"
    elif str(actual).lower() != asset.lower():
        yield f"{key}: the fund at {fund} accepts {actual}, not {asset}; correct it"
