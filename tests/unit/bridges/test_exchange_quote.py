"""Tests of exchange quotes over all fees, steps, decimals and limits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from keepers.bridges.exchange.lane import ExchangeLane, Network, quote_exchange
from keepers.model.bridge import CrossingRequest
from tests.support.bridging import DESTINATION, INBOX, ROUTES, SOURCE, TOKENS

OPEN = Network(
    deposits=True,
    withdrawals=True,
    busy=False,
    fee=Fraction(1),
    step=Fraction(1, 10**6),
    minimum=Fraction(10),
    maximum=Fraction(1_000_000),
    minutes=Fraction(5),
    note="",
)
TOKENS_WHOLE = st.integers(0, 2_000_000)


def lane(here: int, there: int) -> ExchangeLane:
    return ExchangeLane(
        asset="USDT",
        source=SOURCE,
        destination=DESTINATION,
        source_route=ROUTES[0],
        destination_route=ROUTES[1],
        source_decimals=here,
        destination_decimals=there,
        token=TOKENS[1],
        inbox=INBOX,
        source_network="ETH",
        destination_network="ARBITRUM",
        deposit_address=INBOX,
    )


@given(
    receive=st.integers(1, 2_000_000 * 10**6),
    fee=st.integers(0, 10**7),
    step=st.sampled_from([10**0, 10**2, 10**4, 10**6]),
    left=TOKENS_WHOLE,
    decimals=st.sampled_from([(6, 6), (18, 6), (6, 18), (18, 18)]),
)
def test_quote__suffices_and_stays_within_all_limits(
    receive: int, fee: int, step: int, left: int, decimals: tuple[int, int]
) -> None:
    here, there = decimals
    wanted = receive * 10 ** (there - 6)
    request = CrossingRequest(asset="USDT", source=SOURCE, destination=DESTINATION, receive=wanted)
    network = replace(OPEN, fee=Fraction(fee, 10**6), step=Fraction(step, 10**6))
    networks = {"ETH": OPEN, "ARBITRUM": network}
    quote = quote_exchange(lane(here, there), networks, request, Fraction(left))
    unit = 10**here
    assert quote.send <= min(left, 1_000_000) * unit
    assert quote.send % (step * 10 ** (here - 6)) == 0
    assert quote.unavailable or quote.send >= 10 * unit
    paid = Fraction(quote.send, unit) - network.fee
    assert Fraction(quote.receive, 10**there) <= max(paid, Fraction(0))
    if quote.whole:
        assert quote.receive >= wanted
        smaller = Fraction(quote.send, unit) - network.step - network.fee
        too_small = Fraction(quote.send, unit) - network.step < network.minimum
        assert too_small or smaller < Fraction(wanted, 10**there)
