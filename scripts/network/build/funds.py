"""ERC-4626 funds: two on Aave, two run by an issuer; none is empty."""

from collections.abc import Mapping

from eth_typing import ChecksumAddress

from scripts.network.accounts import WHALE
from scripts.network.addresses import Aave
from scripts.network.build.builder import Builder
from scripts.network.specs import DECIMALS

_SEED = 100_000


def deploy_funds(
    builder: Builder, tokens: Mapping[str, ChecksumAddress], aave: Aave
) -> dict[str, ChecksumAddress]:
    """Deploy the funds and seed each with the whale's money."""
    usdt = tokens["USDT"]
    funds = {
        "AAVE-USDT": _money_market(builder, tokens, aave, "USDT"),
        "AAVE-USDC": _money_market(builder, tokens, aave, "USDC"),
        "TBILL": builder.deploy("TreasuryFund", usdt, WHALE, "Treasury Bill Fund", "TBILL"),
        "CREDIT": builder.deploy("TreasuryFund", usdt, WHALE, "Private Credit Fund", "CREDIT"),
    }
    for name, fund in funds.items():
        symbol = "USDC" if name == "AAVE-USDC" else "USDT"
        builder.approve(tokens[symbol], fund)
        functions = builder.contract("TreasuryFund", fund).functions
        builder.send(functions.deposit(_SEED * 10 ** DECIMALS[symbol], WHALE))
    return funds


def _money_market(
    builder: Builder, tokens: Mapping[str, ChecksumAddress], aave: Aave, symbol: str
) -> ChecksumAddress:
    names = (f"Aave {symbol} Money Market", f"AAVE-{symbol}")
    return builder.deploy("AaveMoneyMarket", tokens[symbol], aave.pool, *names)
