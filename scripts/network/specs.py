"""Chains and market of the local network."""

from dataclasses import dataclass
from decimal import Decimal

from scripts.network.errors import UnknownChainError


@dataclass(frozen=True, slots=True)
class ChainSpec:
    """Chain of the local network.

    `nonce_gap` makes addresses differ between chains, so that a confusion of chains is detected. It
    is chosen such that each pair of tokens is sorted differently on some chain. Ethereum and
    Arbitrum sort USDC, USDT and WETH as the real chains do.

    `domain` is Circle's number of the chain, `eid` LayerZero's, `exchange_network` an exchange's
    name; a chain without bridges needs none. `minted_usdt` is the contract of LayerZero's USDT on
    chains where it is minted and not locked.
    """

    name: str
    chain_id: int
    preferred_port: int
    nonce_gap: int
    rollup: bool
    domain: int = 0
    eid: int = 0
    exchange_network: str = ""
    minted_usdt: str | None = None


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Uniswap pool: its pair, its fee in millionths, and its depth."""

    base: str
    quote: str
    fee: int
    # The deep position spans price / width to price * width; the shallow one spans all prices.
    width: Decimal
    deep: int
    shallow: int

    @property
    def name(self) -> str:
        """Name of the pair in the addresses file."""
        return f"{self.base}/{self.quote}"


_ETHEREUM = ChainSpec(
    "ethereum-local", 1_000_001, 18_601, 3,
    rollup=False, domain=0, eid=30_101, exchange_network="ETH",
)  # fmt: skip
_ARBITRUM = ChainSpec(
    "arbitrum-local", 1_042_161, 18_602, 1_023,
    rollup=True, domain=3, eid=30_110, exchange_network="ARBITRUM", minted_usdt="SixDecimalsOft",
)  # fmt: skip
_OPTIMISM = ChainSpec(
    "optimism-local", 1_000_010, 18_603, 2_005,
    rollup=True, domain=2, eid=30_111, exchange_network="OPTIMISM", minted_usdt="MintingOft",
)  # fmt: skip
CHAINS = (_ETHEREUM, _ARBITRUM, _OPTIMISM)
ALL = tuple(spec.name for spec in CHAINS)

DECIMALS = {"USDC": 6, "USDT": 6, "WETH": 18, "HYD": 18}
PRICES = {"USDC": Decimal(1), "USDT": Decimal(1), "WETH": Decimal(3000), "HYD": Decimal(100)}
FEED_NAMES = {"USDC": "USDC / USD", "USDT": "USDT / USD", "WETH": "ETH / USD", "HYD": "HYD / USD"}
FEED_DECIMALS = 8

# Depths are whole quote tokens per side: a trade of 200,000 moves such a pool by about 0.2 %.
POOLS = (
    PoolSpec("WETH", "USDT", 3_000, Decimal(4), 100_000_000, 10_000_000),
    PoolSpec("HYD", "USDT", 500, Decimal(4), 100_000_000, 10_000_000),
    PoolSpec("USDC", "USDT", 100, Decimal("1.05"), 50_000_000, 50_000_000),
    PoolSpec("WETH", "USDC", 500, Decimal(4), 100_000_000, 10_000_000),
)


def chain_spec(name: str) -> ChainSpec:
    """Return the chain of that name, or raise `UnknownChainError`."""
    for spec in CHAINS:
        if spec.name == name:
            return spec
    raise UnknownChainError(name, ALL)
