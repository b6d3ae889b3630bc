"""Uniswap V3 with deep pools."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from eth_typing import ChecksumAddress

from scripts.network.accounts import WHALE
from scripts.network.addresses import PoolInfo, Uniswap
from scripts.network.build.builder import Builder
from scripts.network.pools import (
    TICK_SPACING,
    base_is_token0,
    full_range,
    raw_price,
    sqrt_price_x96,
    tick_near,
)
from scripts.network.specs import DECIMALS, POOLS, PRICES, PoolSpec

_FOREVER = 2**63
# Enough for a time-weighted average over some minutes of busy blocks.
_OBSERVATIONS = 32
# SwapRouter02 also supports V2, which is not deployed; it only requires a non-zero address.
_NO_V2_FACTORY = "0x000000000000000000000000000000000000dEaD"
_NO_DESCRIPTOR = "0x0000000000000000000000000000000000000000"


def deploy_uniswap(builder: Builder, weth: ChecksumAddress) -> Uniswap:
    """Deploy factory, position manager, quoter and both routers; add the 0.01 % fee tier."""
    factory = builder.deploy("UniswapV3Factory")
    functions = builder.contract("UniswapV3Factory", factory).functions
    builder.send(functions.enableFeeAmount(100, TICK_SPACING[100]))
    positions = builder.deploy("NonfungiblePositionManager", factory, weth, _NO_DESCRIPTOR)
    return Uniswap(
        factory=factory,
        positions=positions,
        quoter=builder.deploy("QuoterV2", factory, weth),
        router=builder.deploy("SwapRouter", factory, weth),
        router02=builder.deploy("SwapRouter02", _NO_V2_FACTORY, factory, positions, weth),
    )


def open_pools(
    builder: Builder, uniswap: Uniswap, tokens: Mapping[str, ChecksumAddress]
) -> dict[str, PoolInfo]:
    """Open the pools at the market's prices and fill them; approve the whale's trades."""
    for token in tokens.values():
        for spender in (uniswap.positions, uniswap.router):
            builder.approve(token, spender)
    return {spec.name: _open_pool(builder, uniswap, tokens, spec) for spec in POOLS}


def _open_pool(
    builder: Builder, uniswap: Uniswap, tokens: Mapping[str, ChecksumAddress], spec: PoolSpec
) -> PoolInfo:
    pair = (tokens[spec.base], tokens[spec.quote])
    first, second = pair if base_is_token0(*pair) else (pair[1], pair[0])
    price = PRICES[spec.base] / PRICES[spec.quote]
    start = sqrt_price_x96(_raw(spec, pair, price))
    manager = builder.contract("NonfungiblePositionManager", uniswap.positions).functions
    builder.send(manager.createAndInitializePoolIfNecessary(first, second, spec.fee, start))
    factory = builder.contract("UniswapV3Factory", uniswap.factory).functions
    pool: ChecksumAddress = factory.getPool(first, second, spec.fee).call()
    functions = builder.contract("UniswapV3Pool", pool).functions
    builder.send(functions.increaseObservationCardinalityNext(_OBSERVATIONS))
    for ticks, depth in _positions(spec, pair, price):
        base = int(depth / price * 10 ** DECIMALS[spec.base])
        amounts = (base, depth * 10 ** DECIMALS[spec.quote])
        ordered = amounts if base_is_token0(*pair) else (amounts[1], amounts[0])
        order = (first, second, spec.fee, *ticks, *ordered, 0, 0, WHALE, _FOREVER)
        builder.send(manager.mint(order))
    return PoolInfo(address=pool, base=spec.base, quote=spec.quote, fee=spec.fee)


def _positions(
    spec: PoolSpec, pair: tuple[ChecksumAddress, ChecksumAddress], price: Decimal
) -> list[tuple[tuple[int, int], int]]:
    spacing = TICK_SPACING[spec.fee]
    ends = [
        tick_near(_raw(spec, pair, at), spacing) for at in (price / spec.width, price * spec.width)
    ]
    everything = full_range(spacing)
    return [((min(ends), max(ends)), spec.deep), ((-everything, everything), spec.shallow)]


def _raw(spec: PoolSpec, pair: tuple[ChecksumAddress, ChecksumAddress], price: Decimal) -> Fraction:
    return raw_price(price, spec.base, spec.quote, base_first=base_is_token0(*pair))
