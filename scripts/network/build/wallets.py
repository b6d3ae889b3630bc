"""Funds from which the exchange and the custodian pay withdrawals."""

from scripts.network.accounts import CUSTODIAN, EXCHANGE, test_account
from scripts.network.addresses import Addresses
from scripts.network.build.builder import Builder
from scripts.network.specs import DECIMALS

_WHOLE = 100_000_000


def fill_wallets(builder: Builder, here: Addresses) -> None:
    """Give both a large amount of USDC and of LayerZero's USDT."""
    usdt = here.layer_zero
    holdings = {here.tokens["USDC"]: DECIMALS["USDC"], usdt.usdt: usdt.decimals}
    for token, decimals in holdings.items():
        functions = builder.contract("UsdCoin", token).functions
        for account in (EXCHANGE, CUSTODIAN):
            amount = _WHOLE * 10**decimals
            builder.send(functions.transfer(test_account(account).address, amount))
