"""Facts of the chain on which a vault's file relies, checked before signing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from scripts.deployment.chain import Chain
from scripts.deployment.prerequisites import code_problems, fund_problems, token_problems
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.parts import Feed, Holding, HoldingKind

ZERO = "0x" + "00" * 20
QUOTE = "USD"


def vault_problems(chain: Chain, config: VaultConfig) -> Iterator[str]:
    """Yield mismatches of file and chain: tokens, feeds, funds, pools and external contracts."""
    for symbol, token in config.tokens.items():
        yield from token_problems(chain, f"tokens.{symbol}", token.address, token.decimals)
        if token.feed is not None:
            yield from _feed_problems(chain, symbol, token.feed)
    for tier, holdings in (("l2", config.l2), ("l3", config.l3)):
        for holding in holdings:
            yield from _holding_problems(chain, config, f"{tier} holding {holding.asset}", holding)
    others = config.external
    for key, address in (
        ("multicall3", others.multicall3),
        ("uniswap_factory", others.uniswap_factory),
        ("uniswap_quoter", others.uniswap_quoter),
        ("sequencer_feed", others.sequencer_feed),
    ):
        if address is not None:
            yield from code_problems(chain, f"external.{key}", address)


def _feed_problems(chain: Chain, symbol: str, feed: Feed) -> Iterator[str]:
    key = f"tokens.{symbol}.feed"
    if not chain.has_code(feed.aggregator):
        yield f"{key}: aggregator of {symbol}: the chain has no contract at {feed.aggregator}"
        return
    decimals = chain.ask(feed.aggregator, "decimals()", "uint8")
    description = chain.ask(feed.aggregator, "description()", "string")
    if decimals is None or description is None:
        yield f"{key}: the contract at {feed.aggregator} is not a price feed: it has no description"
    elif not _describes(str(description), symbol, feed):
        yield (
            f"{key}: the feed at {feed.aggregator} is described as {str(description)!r}; correct "
            "aggregator, or, if this is the intended price, set it as description"
        )


def _describes(description: str, symbol: str, feed: Feed) -> bool:
    """Return whether a feed's name is as given, or names the token or its underlying in USD."""
    if feed.description is not None:
        return description == feed.description
    base, _, quote = (part.strip().upper() for part in description.partition("/"))
    return quote == QUOTE and bool(base) and (base in symbol.upper() or symbol.upper() in base)


def _holding_problems(
    chain: Chain, config: VaultConfig, key: str, holding: Holding
) -> Iterator[str]:
    if holding.kind is not HoldingKind.VENUE:
        settlement = config.address(config.vault.settlement)
        yield from fund_problems(chain, key, config.address(holding.asset), settlement)
        return
    factory = config.external.uniswap_factory
    if not holding.on_uniswap or not chain.has_code(factory):
        return
    symbols, fees = holding.path[::2], holding.path[1::2]
    for (first, second), fee in zip(pairwise(map(str, symbols)), fees, strict=True):
        pair = config.address(first), config.address(second)
        signature = "getPool(address,address,uint24)"
        pool = chain.ask(factory, signature, "address", *pair, int(fee))
        if pool in (None, ZERO):
            yield f"{key}: there is no pool of {first} and {second} with fee {fee}; correct path"


def price_problems(chain: Chain, config: VaultConfig) -> Iterator[str]:
    """Yield feeds whose current price is outside the configured bounds."""
    for symbol, token in config.tokens.items():
        feed = token.feed
        if feed is None or not chain.has_code(feed.aggregator):
            continue
        decimals = chain.ask(feed.aggregator, "decimals()", "uint8")
        price = chain.ask(feed.aggregator, "latestAnswer()", "int256")
        if decimals is None or price is None:
            continue
        whole = Decimal(int(price)).scaleb(-int(decimals))
        if not feed.minimum_price <= whole <= feed.maximum_price:
            yield (
                f"tokens.{symbol}.feed: the price is {whole}, outside minimum_price "
                f"{feed.minimum_price} and maximum_price {feed.maximum_price}; correct them"
            )
