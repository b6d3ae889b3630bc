"""Addresses of the contracts on one chain."""

from collections.abc import Mapping

from eth_typing import ChecksumAddress
from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PoolInfo(_Frozen):
    """Uniswap V3 pool and its pair; prices are quote per base."""

    address: ChecksumAddress
    base: str
    quote: str
    fee: int


class Uniswap(_Frozen):
    """Uniswap V3: core and periphery."""

    factory: ChecksumAddress
    positions: ChecksumAddress
    quoter: ChecksumAddress
    router: ChecksumAddress
    router02: ChecksumAddress


class Aave(_Frozen):
    """Aave V3 and its aTokens by symbol of the asset."""

    provider: ChecksumAddress
    pool: ChecksumAddress
    configurator: ChecksumAddress
    acl: ChecksumAddress
    oracle: ChecksumAddress
    data_provider: ChecksumAddress
    a_tokens: Mapping[str, ChecksumAddress]


class SafeSuite(_Frozen):
    """Safe 1.4.1, with the same addresses on every chain, as on real chains."""

    singleton: ChecksumAddress
    singleton_l2: ChecksumAddress
    proxy_factory: ChecksumAddress
    fallback_handler: ChecksumAddress
    multi_send_call_only: ChecksumAddress


class Cctp(_Frozen):
    """Circle's CCTP V2 and its domain number of the chain."""

    domain: int
    transmitter: ChecksumAddress
    minter: ChecksumAddress
    messenger: ChecksumAddress


class LayerZero(_Frozen):
    """LayerZero V2, and USDT as its token.

    Attributes:
        eid: LayerZero's endpoint id of the chain.
        library: Message library of the endpoint, which accepts any verification.
        usdt: Token of the holders.
        oft: Contract that sends it: the token itself, or an adapter that locks it.
        decimals: Decimals of the token.
        fund: ERC-4626 fund of the token.
    """

    eid: int
    endpoint: ChecksumAddress
    library: ChecksumAddress
    usdt: ChecksumAddress
    oft: ChecksumAddress
    decimals: int
    fund: ChecksumAddress


class Addresses(_Frozen):
    """Everything on one chain: tokens and feeds by symbol, pools by pair, funds by name."""

    chain: str
    chain_id: int
    whale: ChecksumAddress
    multicall3: ChecksumAddress
    tokens: Mapping[str, ChecksumAddress]
    feeds: Mapping[str, ChecksumAddress]
    sequencer_feed: ChecksumAddress | None
    pools: Mapping[str, PoolInfo]
    funds: Mapping[str, ChecksumAddress]
    uniswap: Uniswap
    aave: Aave
    safe: SafeSuite
    cctp: Cctp
    layer_zero: LayerZero
