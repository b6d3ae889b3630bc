"""Aave's reserves: listed, supplied and borrowed from, so that suppliers earn interest."""

from collections.abc import Mapping
from dataclasses import dataclass

from eth_typing import ChecksumAddress

from scripts.network.accounts import WHALE
from scripts.network.build.builder import Builder
from scripts.network.specs import DECIMALS

_RAY_BPS = 10**23  # one basis point in rays
_VARIABLE = 2
_NO_REFERRAL = 0
_NO_INCENTIVES = "0x0000000000000000000000000000000000000000"


@dataclass(frozen=True, slots=True)
class _Reserve:
    ltv: int
    threshold: int
    bonus: int
    supplied: int
    borrowed: int


# Bps, and whole tokens. At 70 % utilisation borrowers pay 5.25 % a year, suppliers get 3.3 %.
_RESERVES = {
    "WETH": _Reserve(8_000, 8_250, 10_500, 30_000, 1_000),
    "USDC": _Reserve(7_500, 8_000, 10_500, 20_000_000, 14_000_000),
    "USDT": _Reserve(7_500, 8_000, 10_500, 20_000_000, 14_000_000),
}
_RESERVE_FACTOR = 1_000
# Optimal utilisation 80 %, base 0, slopes 6 % and 60 %; then the unused stable rate's values.
_RATES = tuple(bps * _RAY_BPS for bps in (8_000, 0, 600, 6_000, 600, 6_000, 100, 800, 2_000))


def list_reserves(
    builder: Builder,
    provider: ChecksumAddress,
    pool: ChecksumAddress,
    configurator: ChecksumAddress,
    tokens: Mapping[str, ChecksumAddress],
) -> dict[str, ChecksumAddress]:
    """List and fill WETH, USDC and USDT; return their aTokens."""
    names = ("AToken", "StableDebtToken", "VariableDebtToken")
    implementations = [builder.deploy(name, pool) for name in names]
    rates = builder.deploy("DefaultReserveInterestRateStrategy", provider, *_RATES)
    functions = builder.contract("PoolConfigurator", configurator).functions
    for symbol, reserve in _RESERVES.items():
        token = tokens[symbol]
        builder.send(functions.initReserves([_listing(symbol, token, implementations, rates)]))
        terms = (reserve.ltv, reserve.threshold, reserve.bonus)
        builder.send(functions.configureReserveAsCollateral(token, *terms))
        builder.send(functions.setReserveBorrowing(token, True))  # noqa: FBT003 - Aave's signature
        builder.send(functions.setReserveFactor(token, _RESERVE_FACTOR))
    return _fill(builder, pool, tokens)


def _fill(
    builder: Builder, pool: ChecksumAddress, tokens: Mapping[str, ChecksumAddress]
) -> dict[str, ChecksumAddress]:
    functions = builder.contract("Pool", pool).functions
    for symbol, reserve in _RESERVES.items():
        builder.approve(tokens[symbol], pool)
        amount = reserve.supplied * 10 ** DECIMALS[symbol]
        builder.send(functions.supply(tokens[symbol], amount, WHALE, _NO_REFERRAL))
    for symbol, reserve in _RESERVES.items():
        amount = reserve.borrowed * 10 ** DECIMALS[symbol]
        builder.send(functions.borrow(tokens[symbol], amount, _VARIABLE, _NO_REFERRAL, WHALE))
    # The ninth member of the reserve's data is the aToken.
    return {symbol: functions.getReserveData(tokens[symbol]).call()[8] for symbol in _RESERVES}


def _listing(
    symbol: str,
    token: ChecksumAddress,
    implementations: list[ChecksumAddress],
    rates: ChecksumAddress,
) -> tuple[object, ...]:
    names = [
        name
        for kind, short in (
            ("", "a"),
            ("Variable Debt ", "variableDebt"),
            ("Stable Debt ", "stableDebt"),
        )
        for name in (f"Aave {kind}{symbol}", f"{short}{symbol}")
    ]
    # `params` is unused, but Aave's proxies refuse it empty.
    rest = (DECIMALS[symbol], rates, token, WHALE, _NO_INCENTIVES, *names, b"\x10")
    return (*implementations, *rest)
