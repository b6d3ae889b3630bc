"""Tokens: real WETH9, our USDC, USDT and bond token, and the test accounts' balances."""

from eth_typing import ChecksumAddress

from scripts.network.accounts import ACCOUNTS, WHALE
from scripts.network.build.builder import Builder
from scripts.network.specs import DECIMALS

_WHALE_ETHER = 100_000_000
_WHALE_HOLDS = {
    "USDC": 10_000_000_000,
    "USDT": 10_000_000_000,
    "WETH": 2_000_000,
    "HYD": 100_000_000,
}
_ACCOUNT_HOLDS = {"USDC": 1_000_000, "USDT": 1_000_000, "WETH": 100, "HYD": 1_000}


def deploy_tokens(builder: Builder) -> dict[str, ChecksumAddress]:
    """Deploy the four tokens and fund the test accounts."""
    tokens = {
        "USDC": builder.deploy("UsdCoin", WHALE),
        "USDT": builder.deploy("TetherToken", WHALE),
        "WETH": builder.deploy("WETH9"),
        "HYD": builder.deploy("BondToken", WHALE),
    }
    _supply_whale(builder, tokens)
    for symbol, token in tokens.items():
        functions = builder.contract("BondToken", token).functions
        for account in builder.accounts[1:ACCOUNTS]:
            builder.send(functions.transfer(account, _units(symbol, _ACCOUNT_HOLDS[symbol])))
    return tokens


def _supply_whale(builder: Builder, tokens: dict[str, ChecksumAddress]) -> None:
    builder.rpc("anvil_setBalance", WHALE, hex(_WHALE_ETHER * 10**18))
    whole = {symbol: _units(symbol, amount) for symbol, amount in _WHALE_HOLDS.items()}
    usdc = builder.contract("UsdCoin", tokens["USDC"]).functions
    builder.send(usdc.configureMinter(WHALE, 2**255))
    builder.send(usdc.mint(WHALE, whole["USDC"]))
    builder.send(builder.contract("TetherToken", tokens["USDT"]).functions.issue(whole["USDT"]))
    weth = builder.contract("WETH9", tokens["WETH"]).functions
    builder.send(weth.deposit(), value=whole["WETH"])
    builder.send(builder.contract("BondToken", tokens["HYD"]).functions.mint(WHALE, whole["HYD"]))


def _units(symbol: str, whole: int) -> int:
    return whole * 10 ** DECIMALS[symbol]
